"""The newest model as it is answered."""

from __future__ import annotations

from marshmallow import Schema
from marshmallow import fields
from marshmallow import validate


class TrainedTypeSchema(Schema):
    """What one type serves, and how its last training went."""

    type = fields.String(required=True)
    digest = fields.String(required=True, allow_none=True)
    trained_to = fields.Integer(required=True, allow_none=True)
    trained_at = fields.String(required=True, allow_none=True)
    readiness = fields.Integer(required=True)
    relevance = fields.String(
        required=True, validate=validate.OneOf(["high", "less", "insufficient"])
    )
    outcome = fields.String(required=True, validate=validate.OneOf(["trained", "kept", "never"]))
    why = fields.String(
        required=True, allow_none=True, validate=validate.OneOf(["empty", "failed"])
    )


class ModelSchema(Schema):
    """The newest model; without one its fields are null and nothing was trained."""

    model = fields.String(required=True, allow_none=True)
    digest = fields.String(required=True, allow_none=True)
    trained_to = fields.Integer(required=True, allow_none=True)
    trained_at = fields.String(required=True, allow_none=True)
    types = fields.List(fields.Nested(TrainedTypeSchema), required=True)

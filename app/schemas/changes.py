"""Changes of authors and proposals: the shapes of the answers."""

from __future__ import annotations

from marshmallow import Schema
from marshmallow import fields
from marshmallow import validate

from projections.authoring_changes import ACTS


class DifferenceSchema(Schema):
    """One place that a change touched."""

    path = fields.String(required=True)
    before = fields.Raw(required=True, allow_none=True)
    after = fields.Raw(required=True, allow_none=True)


class ListedChangeSchema(Schema):
    """One change. `actor` is the id of a key, or `command-line`; null in events of old versions."""

    log_position = fields.Integer(required=True)
    at = fields.String(required=True)
    actor = fields.String(required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)
    kind = fields.String(required=True)
    id = fields.String(required=True)
    act = fields.String(required=True, validate=validate.OneOf(ACTS))


class AuthoringChangeSchema(ListedChangeSchema):
    """A change with the thing as it was and as it became; null where it was not."""

    before = fields.Dict(required=True, allow_none=True)
    after = fields.Dict(required=True, allow_none=True)
    changes = fields.List(fields.Nested(DifferenceSchema), required=True)


class AuthoringChangePageSchema(Schema):
    """One page of changes, newest first."""

    items = fields.List(fields.Nested(ListedChangeSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)

"""The body of a segment."""

from __future__ import annotations

from marshmallow import Schema
from marshmallow import fields
from marshmallow import validate

from app.schemas.authored import Tree
from app.schemas.authored import key
from app.schemas.authored import name


class SegmentSchema(Schema):
    """A segment: whom its conditions hold for."""

    name = name()
    key = key()
    apply_to = fields.String(
        required=True, validate=validate.OneOf(["all", "registered", "visitors"])
    )
    conditions = Tree(required=True)

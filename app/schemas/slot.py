"""The body of a slot."""

from __future__ import annotations

from marshmallow import Schema
from marshmallow import fields
from marshmallow import validate

from app.schemas.authored import ContentSchema
from app.schemas.authored import key
from app.schemas.authored import name
from app.schemas.authored import names
from app.schemas.dynamic_block import types


class SlotSchema(Schema):
    """A slot: where blocks are shown, and which."""

    key = key(required=True)
    name = name()
    source = fields.String(required=True, validate=validate.OneOf(["specified", "cart_rules"]))
    blocks = names()
    types = types()
    rotation = fields.String(
        required=True, validate=validate.OneOf(["all", "random", "series", "shuffle"])
    )
    fallback = fields.Nested(ContentSchema)

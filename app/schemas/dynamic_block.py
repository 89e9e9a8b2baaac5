"""The body of a dynamic block."""

from __future__ import annotations

from marshmallow import Schema
from marshmallow import fields
from marshmallow import validate

from app.schemas.authored import ContentSchema
from app.schemas.authored import key
from app.schemas.authored import name
from app.schemas.authored import names
from app.schemas.authored import priority

TYPES = ("content", "header", "footer", "left", "right")


def types(*, required: bool = False, least: int = 0) -> fields.List[str]:
    """Places of a page that a block is made for."""
    return fields.List(
        fields.String(validate=validate.OneOf(TYPES)),
        required=required,
        validate=validate.Length(min=least, max=len(TYPES)),
    )


class DynamicBlockSchema(Schema):
    """A dynamic block: content, and who sees it."""

    name = name()
    key = key()
    types = types(required=True, least=1)
    segments = names()
    audiences = names()
    cart_rules = names()
    content = fields.Nested(ContentSchema, required=True)
    priority = priority()
    store_views = names()

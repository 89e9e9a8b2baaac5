"""`POST /v1/decisions/content`: the question."""

from __future__ import annotations

from marshmallow import Schema
from marshmallow import fields

from app.schemas.asked import ContextSchema
from app.schemas.asked import Flag
from app.schemas.asked import ShopperSchema
from app.schemas.asked import Whole
from app.schemas.asked import text
from app.schemas.cart import CartSchema


class ViewedProductSchema(Schema):
    """The product whose page the slot stands on."""

    sku = text(required=True, low=1)


class ContentQuestionSchema(Schema):
    """The question: what does this slot show to this shopper?"""

    slot = text(required=True, low=1, high=64)
    shopper = fields.Nested(ShopperSchema)
    context = fields.Nested(ContextSchema)
    cart = fields.Nested(CartSchema)
    product = fields.Nested(ViewedProductSchema)
    explain = Flag()
    dry_run = Flag()
    min_position = Whole()
    min_revision = Whole()

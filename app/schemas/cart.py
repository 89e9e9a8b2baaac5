"""`POST /v1/decisions/cart`: the question, and the shape of its answer for the documentation."""

from __future__ import annotations

from marshmallow import Schema
from marshmallow import fields
from marshmallow import validate

from aggregates.kernel.limits import CART_LINES_MAX
from aggregates.kernel.limits import COUPONS_MAX
from app.schemas.asked import Amount
from app.schemas.asked import ContextSchema
from app.schemas.asked import Flag
from app.schemas.asked import Measure
from app.schemas.asked import Open
from app.schemas.asked import ShopperSchema
from app.schemas.asked import Whole
from app.schemas.asked import text
from app.schemas.asked import texts

CATEGORIES_MAX = 200
"""Categories of one line: a product stands in a few branches of the tree."""


class LineSchema(Schema):
    """One line of a cart."""

    line_id = text(required=True, low=1)
    sku = text(required=True, low=1)
    quantity = Measure(required=True, positive=True)
    unit_price = Amount(required=True)
    unit_price_incl_tax = Amount()
    unit_price_excl_tax = Amount()
    name = text()
    product_type = text()
    categories = texts(CATEGORIES_MAX)
    attributes = Open()
    weight = Measure(positive=False)
    minimum_price = Amount()
    parent_line_id = text(low=1)
    no_discount = Flag()


class ShippingSchema(Schema):
    """How the cart is shipped, and what that costs before discounts."""

    method = text(required=True)
    amount = Amount(required=True)
    amount_incl_tax = Amount()
    amount_excl_tax = Amount()
    country = text()
    region = text()
    city = text()
    postcode = text()


class CartSchema(Schema):
    """What a cart is, wherever one is named."""

    cart_id = text(required=True, low=1)
    currency = text(required=True, low=3, high=3)
    lines = fields.List(
        fields.Nested(LineSchema), required=True, validate=validate.Length(max=CART_LINES_MAX)
    )
    shipping = fields.Nested(ShippingSchema)
    payment_method = text()
    coupons = fields.List(text(low=1), validate=validate.Length(max=COUPONS_MAX))


class CartQuestionSchema(CartSchema):
    """The question: which discounts does this cart get? An edited order names itself as
    `replaces_order`: what it holds of limits is not counted against its own new cart."""

    shopper = fields.Nested(ShopperSchema)
    context = fields.Nested(ContextSchema)
    replaces_order = text(low=1)
    prior_prices = Flag()
    explain = Flag()
    dry_run = Flag()
    min_position = Whole()
    min_revision = Whole()

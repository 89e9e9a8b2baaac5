"""Products of the catalogue: what `PUT /v1/catalog/products` takes and `GET` shows."""

from __future__ import annotations

from marshmallow import Schema
from marshmallow import fields
from marshmallow import validate

from aggregates.kernel.limits import CATALOG_PRODUCTS_MAX
from aggregates.kernel.limits import HTML_LENGTH_MAX
from app.schemas.asked import Amount
from app.schemas.asked import Measure
from app.schemas.asked import Open
from app.schemas.asked import text
from app.schemas.asked import texts

CATEGORIES_MAX = 200
"""Categories of one product: it stands in a few branches of the tree."""
STOCK_MAX = 10**9
"""Pieces in stock: a warehouse of screws; more is a typing error."""


STORE_VIEWS_MAX = 100
"""Store views with a price of their own: a shop has a few per country."""


class StockSchema(Schema):
    """How much is there. Status is the shop's own word: `in_stock`, `out_of_stock`, ..."""

    quantity = Measure(positive=False, high=STOCK_MAX)
    status = text(required=True, low=1)


class StoreViewPriceSchema(Schema):
    """What a product costs in one store view; the product's own currency where none is named."""

    store_view = text(required=True, low=1)
    price = Amount(required=True)
    currency = text(low=3, high=3)
    special_price = Amount()


class ProductSchema(Schema):
    """One product, whole: an upsert replaces what was there."""

    sku = text(required=True, low=1)
    name = text(required=True, low=1)
    description = text(high=HTML_LENGTH_MAX)
    categories = texts(CATEGORIES_MAX)
    price = Amount(required=True)
    currency = text(required=True, low=3, high=3)
    special_price = Amount()
    minimum_price = Amount()
    store_view_prices = fields.List(
        fields.Nested(StoreViewPriceSchema), validate=validate.Length(max=STORE_VIEWS_MAX)
    )
    attributes = Open()
    image_url = text()
    url = text()
    stock = fields.Nested(StockSchema)
    visibility = text()
    type = text()
    parent_sku = text(low=1)


class ProductsSchema(Schema):
    """An upsert: all of its products or none."""

    products = fields.List(
        fields.Nested(ProductSchema),
        required=True,
        validate=validate.Length(max=CATALOG_PRODUCTS_MAX),
    )


class ListedSchema(Schema):
    """What an upsert did; a product that is as it was makes no event."""

    listed = fields.Integer(required=True)
    unchanged = fields.Integer(required=True)
    log_position = fields.Integer(required=True)


class RefusedLineSchema(Schema):
    """A line of an import that is no product."""

    line = fields.Integer(required=True)
    pointer = fields.String(required=True)
    code = fields.String(required=True)
    detail = fields.String(required=True)


class ImportedSchema(ListedSchema):
    """What an import did. `errors` has the first hundred of the `rejected` lines."""

    rejected = fields.Integer(required=True)
    errors = fields.List(fields.Nested(RefusedLineSchema), required=True)


class ShownProductSchema(ProductSchema):
    """A product as it is now."""

    version = fields.Integer(required=True)


class DelistedSchema(Schema):
    """A product that is no longer in the catalogue; its events stay in the log."""

    sku = fields.String(required=True)
    log_position = fields.Integer(required=True)

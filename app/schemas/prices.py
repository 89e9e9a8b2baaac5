"""`GET /v1/catalog/products/{sku}/prices`: the shape of the answer."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema
from marshmallow import fields


class ReductionSchema(Schema):
    """A reduced price: the lowest price of the 30 days before, null if it was not sold in them. The
    `first_` ones are of the first of several reductions without a rise between them."""

    since = fields.String(required=True)
    prior_price = fields.String(required=True, allow_none=True)
    first_since = fields.String(required=True)
    first_prior_price = fields.String(required=True, allow_none=True)


class _PeriodSchema(Schema):
    """A price and when it held; null while the product was not listed."""

    to = fields.String(required=True, allow_none=True)
    currency = fields.String(required=True, allow_none=True)
    price = fields.String(required=True, allow_none=True)
    list_price = fields.String(required=True, allow_none=True)
    log_position = fields.Integer(required=True)


_FROM: dict[str, Any] = {"from": fields.String(required=True)}  # a word of Python
PeriodSchema = _PeriodSchema.from_dict(_FROM, name="PricePeriodSchema")


class PricesSchema(Schema):
    """A product's prices in a store view. `lowest`: of the last `days` until now. `history` goes
    back to 30 days before the first reduction, else before now."""

    sku = fields.String(required=True)
    store_view = fields.String(required=True, allow_none=True)
    currency = fields.String(required=True, allow_none=True)
    price = fields.String(required=True, allow_none=True)
    list_price = fields.String(required=True, allow_none=True)
    lowest = fields.String(required=True, allow_none=True)
    days = fields.Integer(required=True)
    reduction = fields.Nested(ReductionSchema, required=True, allow_none=True)
    history = fields.List(fields.Nested(PeriodSchema), required=True)

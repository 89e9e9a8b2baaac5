"""Offers: the shape of what may be shown to everybody."""

from __future__ import annotations

from marshmallow import Schema
from marshmallow import fields


class OfferSchema(Schema):
    """A live cart rule that its author calls public; its name is for colleagues only. `label` is
    its description where it has no label; `customer_groups` null: it is for all."""

    rule_id = fields.String(required=True)
    label = fields.String(required=True)
    description = fields.String(required=True)
    coupon = fields.String(required=True, allow_none=True)
    customer_groups = fields.List(fields.String(), required=True, allow_none=True)
    starts_at = fields.String(required=True, allow_none=True)
    ends_at = fields.String(required=True, allow_none=True)


class OffersSchema(Schema):
    """All of a store view."""

    revision = fields.Integer(required=True)
    items = fields.List(fields.Nested(OfferSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)

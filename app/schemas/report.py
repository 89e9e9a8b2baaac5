"""Reports: the shapes of the answers."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema
from marshmallow import fields


class CouponRowSchema(Schema):
    """Uses of one code of one rule, in one currency and interval. Money is that of orders that hold
    their uses; null in the row of an interval without uses."""

    interval = fields.String(required=True)
    coupon = fields.String(required=True, allow_none=True)
    rule_id = fields.String(required=True, allow_none=True)
    rule_name = fields.String(required=True, allow_none=True)
    currency = fields.String(required=True, allow_none=True)
    uses = fields.Integer(required=True)
    uses_settled = fields.Integer(required=True)
    uses_over_limit = fields.Integer(required=True)
    uses_given_back = fields.Integer(required=True)
    orders_subtotal = fields.String(required=True, allow_none=True)
    orders_discount = fields.String(required=True, allow_none=True)
    orders_total = fields.String(required=True, allow_none=True)
    coupon_discount = fields.String(required=True, allow_none=True)
    orders_refunded = fields.String(required=True, allow_none=True)


class _CouponReportSchema(Schema):
    """A report of coupons. The days are those of the site's time zone, both within it."""

    to = fields.String(required=True)
    period = fields.String(required=True)
    date = fields.String(required=True)
    status = fields.List(fields.String(), required=True)
    time_zone = fields.String(required=True)
    items = fields.List(fields.Nested(CouponRowSchema), required=True)


_FROM: dict[str, Any] = {"from": fields.String(required=True)}  # a word of Python
CouponReportSchema = _CouponReportSchema.from_dict(_FROM, name="CouponReportSchema")

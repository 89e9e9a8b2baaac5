"""Coupon codes: what is asked, and the shapes of the answers."""

from __future__ import annotations

from marshmallow import Schema
from marshmallow import fields
from marshmallow import validate

from aggregates.coupon import GENERATED
from aggregates.coupon import IMPORTED
from aggregates.kernel.limits import COUPON_BATCH_CODES_MAX
from aggregates.kernel.limits import COUPON_CODE_LENGTH_MAX
from aggregates.kernel.limits import COUPONS_DELETED_MAX
from app.coupons import views
from app.schemas.asked import Whole
from app.schemas.asked import text
from projections import coupon_batches
from rulesets.coupon_codes import CHARSETS


def _between(low: int, high: int) -> Whole:
    error = f"out_of_range: {low} to {high}"
    return Whole(required=True, validate=validate.Range(low, high, error=error))


class CouponsGenerateSchema(Schema):
    """How many codes are wanted, and how they look. `length` counts neither prefix, suffix nor
    dashes, and is raised where guesses would be right too often."""

    quantity = _between(1, COUPON_BATCH_CODES_MAX)
    length = _between(1, COUPON_CODE_LENGTH_MAX)
    format = fields.String(required=True, validate=validate.OneOf(list(CHARSETS)))
    prefix = text(high=COUPON_CODE_LENGTH_MAX)
    suffix = text(high=COUPON_CODE_LENGTH_MAX)
    dash_every = Whole()
    expires_at = text(low=1)
    uses_per_coupon = Whole()
    uses_per_customer = Whole()


class RefusedRowSchema(Schema):
    """A row of an import that was refused."""

    line = fields.Integer(required=True)
    code = fields.String(required=True)
    coupon = fields.String(required=True)


class BatchErrorSchema(Schema):
    """Why a batch ended before all of its codes were there."""

    code = fields.String(required=True)
    detail = fields.String(required=True)


class CouponBatchSchema(Schema):
    """A batch of codes: what was asked for, how far it is. The job `job` fills it."""

    batch = fields.String(required=True)
    rule_id = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf([GENERATED, IMPORTED]))
    job = fields.String(required=True)
    status = fields.String(required=True, validate=validate.OneOf(coupon_batches.STATUSES))
    asked = fields.Integer(required=True)
    added = fields.Integer(required=True)
    refused = fields.Integer(required=True)
    refusals = fields.List(fields.Nested(RefusedRowSchema), required=True)
    error = fields.Nested(BatchErrorSchema, required=True, allow_none=True)
    length = fields.Integer()
    format = fields.String()
    prefix = fields.String()
    suffix = fields.String()
    dash_every = fields.Integer(allow_none=True)
    asked_at = fields.String(required=True)
    ended_at = fields.String(required=True, allow_none=True)


class AskedCouponBatchSchema(CouponBatchSchema):
    """A batch that was just asked for."""

    log_position = fields.Integer(required=True)


class StoredCouponSchema(Schema):
    """A coupon. `uses_max` and `uses_per_customer` are its own, else those of its rule. One that
    stands in its rule has no batch."""

    code = fields.String(required=True)
    rule_id = fields.String(required=True)
    batch = fields.String(required=True, allow_none=True)
    status = fields.String(required=True, validate=validate.OneOf(views.STATUSES))
    uses = fields.Integer(required=True)
    uses_max = fields.Integer(required=True, allow_none=True)
    uses_per_customer = fields.Integer(required=True, allow_none=True)
    created_at = fields.String(required=True, allow_none=True)
    expires_at = fields.String(required=True, allow_none=True)


class CouponPageSchema(Schema):
    """One page of a rule's coupons, by code."""

    items = fields.List(fields.Nested(StoredCouponSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class CouponsDeleteSchema(Schema):
    """Codes to delete."""

    codes = fields.List(
        text(low=1), required=True, validate=validate.Length(min=1, max=COUPONS_DELETED_MAX)
    )


class CouponsDeletedSchema(Schema):
    """How many codes were deleted, and those that the rule does not have."""

    deleted = fields.Integer(required=True)
    missing = fields.List(fields.String(), required=True)
    log_position = fields.Integer(required=True)


class CouponGoneSchema(Schema):
    """A code that is deleted."""

    code = fields.String(required=True)
    deleted = fields.Boolean(required=True)
    log_position = fields.Integer(required=True)

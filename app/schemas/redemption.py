"""Redemptions and reservations: what is asked, and the shapes of the answers."""

from __future__ import annotations

from marshmallow import Schema
from marshmallow import fields
from marshmallow import validate

from aggregates.kernel.limits import RESERVATION_S_MAX
from aggregates.kernel.limits import RESERVATION_S_MIN
from app.schemas.asked import Amount
from app.schemas.asked import ShopperSchema
from app.schemas.asked import text


class RedemptionSchema(Schema):
    """Which decision an order was priced by."""

    decision_id = text(required=True, low=1)
    order_id = text(required=True, low=1)
    shopper = fields.Nested(ShopperSchema)


class EditedSchema(Schema):
    """By which decision the order is priced now."""

    decision_id = text(required=True, low=1)
    shopper = fields.Nested(ShopperSchema)


class ReservationSchema(Schema):
    """What to hold, and for how long."""

    decision_id = text(required=True, low=1)
    ttl_s = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(
            RESERVATION_S_MIN,
            RESERVATION_S_MAX,
            error=f"out_of_range: {RESERVATION_S_MIN} to {RESERVATION_S_MAX} seconds",
        ),
    )


class RefundSchema(Schema):
    """What was paid back."""

    amount = Amount(required=True)


class UseSchema(Schema):
    """One use of a rule, and of a coupon if it needed one."""

    rule_id = fields.String(required=True)
    coupon = fields.String(required=True, allow_none=True)
    amount = fields.String(required=True)


class RedeemedSchema(Schema):
    """A redemption."""

    redemption_id = fields.String(required=True)
    order_id = fields.String(required=True)
    decision_id = fields.String(required=True)
    uses = fields.List(fields.Nested(UseSchema), required=True)
    redeemed_at = fields.String(required=True)
    log_position = fields.Integer(required=True)


class OverLimitSchema(Schema):
    """A limit that an order passed which was made without asking; never whose use it was."""

    rule_id = fields.String(required=True)
    coupon = fields.String(required=True, allow_none=True)
    limit = fields.String(required=True)
    most = fields.Integer(required=True)
    used = fields.Integer(required=True)


class HeldSchema(Schema):
    """What an order holds. `source` is `redeemed` or `settled`: by the shop, or by the order's own
    events. `unknown_codes`: codes of the
    order that belong to no rule."""

    redemption_id = fields.String(required=True)
    order_id = fields.String(required=True)
    status = fields.String(required=True, validate=validate.OneOf(["held", "given_back"]))
    reason = fields.String()
    source = fields.String(validate=validate.OneOf(["redeemed", "settled"]))
    decision_id = fields.String(allow_none=True)
    currency = fields.String()
    total = fields.String()
    refunded = fields.String()
    uses = fields.List(fields.Nested(UseSchema), required=True)
    unknown_codes = fields.List(fields.String())
    over_limit = fields.List(fields.Nested(OverLimitSchema))
    redeemed_at = fields.String()


class GivenBackSchema(Schema):
    """What a release gave back."""

    order_id = fields.String(required=True)
    redemption_id = fields.String(required=True)
    given_back = fields.List(fields.Nested(UseSchema), required=True)
    log_position = fields.Integer(required=True)


class ReducedSchema(Schema):
    """What was refunded in all, and how much of it went back to budgets of money this time."""

    order_id = fields.String(required=True)
    redemption_id = fields.String(required=True)
    refunded = fields.String(required=True)
    given_back = fields.String(required=True)
    log_position = fields.Integer(required=True)


class ReservedSchema(Schema):
    """A reservation."""

    reservation_id = fields.String(required=True)
    decision_id = fields.String(required=True)
    expires_at = fields.String(required=True)
    uses = fields.List(fields.Nested(UseSchema), required=True)
    log_position = fields.Integer(required=True)


class LetGoSchema(Schema):
    """A reservation that holds nothing any more."""

    reservation_id = fields.String(required=True)
    status = fields.String(required=True)
    log_position = fields.Integer(required=True)

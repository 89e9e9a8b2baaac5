"""Answers of the decision and audit routes, for the documentation; a test holds answers to them."""

from __future__ import annotations

from marshmallow import Schema
from marshmallow import fields
from marshmallow import validate

from decisions.findings import CODES
from decisions.findings import KEY_DESTROYED
from decisions.messages.catalogue import CATALOGUES
from decisions.messages.catalogue import ENGLISH


class DecisionAnswerSchema(Schema):
    """What every answered question carries. `decision_id` is null after a dry run."""

    decision_id = fields.String(required=True, allow_none=True)
    revision = fields.Integer(required=True)
    decided_at = fields.String(required=True)
    log_position = fields.Integer(required=True)
    explanation = fields.Dict()


class DiscountSchema(Schema):
    """What one rule took off a line, off shipping, or off the whole cart. `tax`: the amount on both
    sides of tax, where it is known; `reward_points` once, in the list of applied rules."""

    rule_id = fields.String(required=True)
    name = fields.String(required=True)
    label = fields.String(required=True)
    coupon = fields.String(required=True, allow_none=True)
    amount = fields.String(required=True)
    reward_points = fields.Integer()
    tax = fields.Dict()


class PriorPriceSchema(Schema):
    """The catalogue's reduced price of a line's product, where asked for with `prior_prices`:
    `prior_price` is the lowest of the `days` before `since`, null if it was not sold in them."""

    price = fields.String(required=True)
    list_price = fields.String(required=True)
    prior_price = fields.String(required=True, allow_none=True)
    since = fields.String(required=True)
    days = fields.Integer(required=True)


class LineAnswerSchema(Schema):
    """One line after discounts."""

    line_id = fields.String(required=True)
    subtotal = fields.String(required=True)
    discount = fields.String(required=True)
    total = fields.String(required=True)
    free_shipping = fields.Boolean(required=True)
    tax = fields.Dict()
    discounts = fields.List(fields.Nested(DiscountSchema), required=True)
    prior_price = fields.Nested(PriorPriceSchema, allow_none=True)


class ShippingAnswerSchema(Schema):
    """Shipping after discounts."""

    amount = fields.String(required=True)
    discount = fields.String(required=True)
    total = fields.String(required=True)
    free = fields.Boolean(required=True)
    tax = fields.Dict()
    discounts = fields.List(fields.Nested(DiscountSchema), required=True)


class TotalsSchema(Schema):
    """The sums: `total = subtotal + shipping - discount`."""

    subtotal = fields.String(required=True)
    shipping = fields.String(required=True)
    line_discount = fields.String(required=True)
    shipping_discount = fields.String(required=True)
    discount = fields.String(required=True)
    total = fields.String(required=True)
    tax = fields.Dict()


class GiftAnswerSchema(Schema):
    """A product that may be put into the cart for nothing; of those of one rule, `choose` may."""

    sku = fields.String(required=True)
    quantity = fields.Float(required=True)
    choose = fields.Integer(required=True)
    rule_id = fields.String(required=True)


class NearMessageSchema(Schema):
    """What the cart lacks for a rule: an amount, or a quantity where the rule asks for one."""

    rule_id = fields.String(required=True)
    text = fields.String(required=True)
    missing = fields.String(required=True)


class RejectedRuleSchema(Schema):
    """A live rule that did not apply; `leaf` is the first condition that failed."""

    rule_id = fields.String(required=True)
    code = fields.String(
        required=True, metadata={"enum": sorted(CATALOGUES[ENGLISH].tables["rules"])}
    )
    detail = fields.String(required=True)
    by = fields.String()
    leaf = fields.Dict()


class CartAnswerSchema(DecisionAnswerSchema):
    """A priced cart."""

    lines = fields.List(fields.Nested(LineAnswerSchema), required=True)
    shipping = fields.Nested(ShippingAnswerSchema, required=True)
    totals = fields.Nested(TotalsSchema, required=True)
    applied_rules = fields.List(fields.Nested(DiscountSchema), required=True)
    rejected_rules = fields.List(fields.Nested(RejectedRuleSchema))
    coupons = fields.List(fields.Dict(), required=True)
    gifts = fields.List(fields.Nested(GiftAnswerSchema), required=True)
    messages = fields.List(fields.Nested(NearMessageSchema), required=True)


class ContentAnswerSchema(DecisionAnswerSchema):
    """A filled slot."""

    slot = fields.String(required=True)
    blocks = fields.List(fields.Dict(), required=True)
    fallback = fields.Boolean(required=True)


class IndexedDecisionSchema(Schema):
    """One line of the decision index."""

    decision_id = fields.String(required=True)
    kind = fields.String(required=True)
    revision = fields.Integer(required=True)
    decided_at = fields.String(required=True)
    engine = fields.String(required=True)
    log_position = fields.Integer(required=True)
    links = fields.Dict(required=True)


class DecisionPageSchema(Schema):
    """One page of the decision index, newest first."""

    items = fields.List(fields.Nested(IndexedDecisionSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class ReplayQuestionSchema(Schema):
    """How to decide again."""

    mode = fields.String(load_default="recorded", metadata={"enum": ["recorded", "from_log"]})


class FindingSchema(Schema):
    """Why a decision could not be made again, or only in part."""

    code = fields.String(required=True, validate=validate.OneOf(sorted(CODES)))
    detail = fields.String(required=True)


class NotRebuiltSchema(Schema):
    """A part of the facts that the log cannot tell any more, and why."""

    name = fields.String(required=True)
    code = fields.String(required=True, validate=validate.OneOf([KEY_DESTROYED]))


class ReplayAnswerSchema(Schema):
    """What became of a replay."""

    decision_id = fields.String(required=True)
    identical = fields.Boolean(required=True)
    differences = fields.List(fields.Dict(), required=True)
    not_rebuilt = fields.List(fields.Nested(NotRebuiltSchema), required=True)
    findings = fields.List(fields.Nested(FindingSchema), required=True)
    revision = fields.Integer(required=True)
    positions = fields.Dict(required=True)

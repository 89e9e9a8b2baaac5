"""The body of a cart rule."""

from __future__ import annotations

from marshmallow import Schema
from marshmallow import fields
from marshmallow import validate

from aggregates.kernel.limits import BUDGET_THRESHOLDS_MAX
from aggregates.kernel.limits import CAMPAIGN_LENGTH_MAX
from aggregates.kernel.limits import STRING_LENGTH_MAX
from app.schemas.asked import Amount
from app.schemas.asked import Flag
from app.schemas.asked import Measure
from app.schemas.asked import Whole
from app.schemas.asked import text
from app.schemas.authored import DESCRIPTION_LENGTH_MAX
from app.schemas.authored import NAMES_MAX
from app.schemas.authored import Tree
from app.schemas.authored import amounts
from app.schemas.authored import day
from app.schemas.authored import key
from app.schemas.authored import name
from app.schemas.authored import names
from app.schemas.authored import priority

ACTIONS = (
    "percent",
    "fixed",
    "cart_fixed",
    "buy_x_get_y",
    "to_percent",
    "to_fixed",
    "free_gift",
    "tiered",
    "cheapest_free",
    "bundle_price",
)
TIERS_MAX = 100
"""Tiers of one action: more no shopper reads."""
BUNDLE_PARTS_MAX = 20
"""Parts of a bundle: each may share its lines with all others, and a checkout waits for that."""


class GroupSchema(Schema):
    """Rules of one name that share what they may give. How deep they nest is the linter's."""

    name = text(required=True, low=1)
    mode = fields.String(required=True, validate=validate.OneOf(["stack", "best", "first"]))
    per = fields.String(required=True, validate=validate.OneOf(["line", "cart"]))
    within = fields.Nested(lambda: GroupSchema())


class CouponSchema(Schema):
    """Whether a code is needed, and which."""

    type = fields.String(required=True, validate=validate.OneOf(["none", "specific", "generated"]))
    code = text(low=1, high=STRING_LENGTH_MAX)
    uses_per_coupon = Whole()
    uses_per_customer = Whole()


class GivenAwaySchema(Schema):
    """What a rule may give away: an amount, and what it is in other currencies."""

    amount = Amount(required=True)
    amounts = amounts()


class BudgetSchema(GivenAwaySchema):
    """A budget, and at how many percent of it somebody is told."""

    thresholds = fields.List(Whole(), validate=validate.Length(min=1, max=BUDGET_THRESHOLDS_MAX))


class CampaignSchema(Schema):
    """Rules of one name share its uses and its budget, and say the same of it."""

    name = text(required=True, low=1, high=CAMPAIGN_LENGTH_MAX)
    uses_total = Whole()
    budget = fields.Nested(BudgetSchema)


class GiftSchema(Schema):
    """What is given."""

    skus = fields.List(text(low=1), required=True, validate=validate.Length(min=1, max=NAMES_MAX))
    quantity = Measure(required=True, positive=True)
    choose = Whole(required=True)


class TierSchema(Schema):
    """From how much on, what is given."""

    from_ = Amount(required=True, data_key="from", attribute="from")
    from_amounts = amounts()
    percent = Amount()
    fixed = Amount()
    amounts = amounts()


class BundlePartSchema(Schema):
    """One part of a bundle."""

    where = Tree(required=True)
    quantity = Measure(required=True, positive=True)


class ActionSchema(Schema):
    """What a rule gives. Which field belongs to which type is the linter's."""

    type = fields.String(required=True, validate=validate.OneOf(ACTIONS))
    items = Tree()
    apply_to_shipping = Flag()
    amount = Amount()
    amounts = amounts()
    max_discount = fields.Nested(GivenAwaySchema)
    step = Measure(positive=False)
    max_quantity = Measure(positive=False)
    gift = fields.Nested(GiftSchema)
    by = fields.String(validate=validate.OneOf(["quantity", "amount"]))
    tiers = fields.List(fields.Nested(TierSchema), validate=validate.Length(min=1, max=TIERS_MAX))
    bundle = fields.List(
        fields.Nested(BundlePartSchema), validate=validate.Length(min=1, max=BUNDLE_PARTS_MAX)
    )


class NearlySchema(Schema):
    """What to say to a cart that is not far from it."""

    distance = Amount(required=True)
    amounts = amounts()
    message = text(required=True, low=1)


class CartRuleSchema(Schema):
    """A cart rule."""

    name = name()
    key = key()
    description = text(high=DESCRIPTION_LENGTH_MAX)
    store_views = names()
    customer_groups = names()
    from_date = day()
    to_date = day()
    priority = priority()
    stop_further = Flag(required=True)
    group = fields.Nested(GroupSchema)
    coupon = fields.Nested(CouponSchema, required=True)
    uses_per_customer = Whole()
    uses_total = Whole()
    budget = fields.Nested(BudgetSchema)
    campaign = fields.Nested(CampaignSchema)
    totals_over = fields.String(validate=validate.OneOf(["cart", "eligible_lines"]))
    conditions = Tree(required=True)
    action = fields.Nested(ActionSchema, required=True)
    free_shipping = fields.String(validate=validate.OneOf(["no", "items", "shipment"]))
    labels = fields.Dict(keys=text(low=1), values=text())
    dynamic_blocks = names()
    reward_points = Whole()
    nearly = fields.Nested(NearlySchema)
    public = Flag()

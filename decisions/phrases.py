"""The sentences of explanations: one table for each closed list of codes, one for everything else.

Every text that a reader of an explanation sees is a template here or in decisions/words.py, so that
another language is another set of these tables.
"""

from __future__ import annotations

_NOT = "“{rule}” did not apply: "
RULES = {
    "conditions_not_met": _NOT + "{why}.",
    "not_in_schedule": _NOT + "it is paused, or this is not its time.",
    "store_view_mismatch": _NOT + "it is for other store views.",
    "group_mismatch": _NOT + "it is for other customer groups.",
    "coupon_missing": _NOT + "it needs a coupon code that the cart does not have, or may not use.",
    "limit_reached": _NOT + "it has been used as often as it may be.",
    "customer_limit_reached": _NOT + "this customer has used it as often as one customer may.",
    "budget_spent": _NOT + "its budget is spent.",
    "stopped": _NOT + "{by} came first and lets no further rule discount the same lines.",
    "lost_group": _NOT + "of the rules of its group, {by} was taken.",
    "no_eligible_line": _NOT + "no line of the cart is one that it discounts.",
    "zero_amount": _NOT + "on this cart it takes nothing off.",
    "currency_not_covered": _NOT + "it has no amount in {currency}.",
    "audience_unknown": _NOT + "it asks for audiences, and the request named none.",
    "segment_paused": _NOT + "a segment that it names is paused or out of its time.",
    "engine_disagreed": _NOT + "the engine and its check differ about it, so it does not count.",
    "rule_failed": _NOT + "it failed by a fault of this service, which was noted.",
}
"""Code of a rule that did not apply -> sentence."""

_REFUSED = "The code {code} was not applied: "
COUPONS = {
    "unknown": _REFUSED + "no rule has this code.",
    "expired": _REFUSED + "its time is over.",
    "not_started": _REFUSED + "its time has not begun.",
    "limit_reached": _REFUSED + "it has been used as often as it may be.",
    "customer_limit_reached": _REFUSED + "this customer has used it as often as one customer may.",
    "not_for_this_shopper": _REFUSED + "it is for other customer groups or store views.",
    "conditions_not_met": _REFUSED + "the conditions of its rule do not hold.",
    "not_combinable": _REFUSED + "a rule that came first cannot be combined with it.",
    "lost_group": _REFUSED + "another rule of the same group was taken.",
    "too_many": _REFUSED + "the cart has more codes than one cart may use.",
}
"""Reason of a coupon that was not applied -> sentence."""

SENTENCES = {
    "member": "The shopper is in the segment “{segment}”.",
    "no_member": "The shopper is in no segment.",
    "took_off": "“{rule}” took off {amount}: {why}.",
    "took_off_and_shipping": "“{rule}” took off {amount} and made shipping free: {why}.",
    "block_because": "The block “{block}” is shown because of {why}.",
    "block_for_all": "The block “{block}” is shown to everybody.",
    "fallback": "No block is for this shopper: the slot shows its fallback.",
}
REASONS = {"segment": "the segment “{}”", "rule": "the rule “{}”", "audience": "the audience “{}”"}
NAMED = "“{}”"

STRATEGIES = {
    "most-purchased": "what is most purchased",
    "most-viewed": "what is most viewed",
    "trending": "what is trending",
}
RANKED = {
    "strategy": "“{ranking}” orders the category by {strategy}.",
    "inherited": "“{ranking}”, from further up, orders the category by {strategy}.",
    "no_strategy": "The products stand in the order of the catalogue.",
    "own_order": "The products stand in the order that was asked for, where no ranking counts.",
    "event_for_all": "{what}.",
    "event_because": "{what} because of {why}.",
}
FALLBACKS = {
    "unknown_category": "No product is in a category “{category}”.",
    "no_category": "No category was named: the whole catalogue is shown.",
    "no_data": "There is nothing yet to order it by.",
}
EFFECTS = {
    "boost": "The product {sku} is boosted",
    "bury": "The product {sku} is buried",
    "pin": "The product {sku} is pinned to place {position}",
    "hide": "The product {sku} is hidden",
}
EFFECTS_REFUSED = {
    "boost": "The product {sku} is not boosted",
    "bury": "The product {sku} is not buried",
    "pin": "The product {sku} is not pinned",
    "hide": "The product {sku} is not hidden",
}
UNITS = {
    "shows": "“{unit}” shows {products}.",
    "nothing": "“{unit}” shows nothing: nothing that may be shown was found.",
    "not_in_schedule": "“{unit}” shows nothing: it is paused, or this is not its time.",
    "store_view_mismatch": "“{unit}” shows nothing: it is for other store views.",
    "no_model": "“{unit}” has no model yet: {rest}.",
    "not_ready": "The model of “{unit}” knows too little yet: {rest}.",
    "too_few": "“{unit}” found fewer products than it has places for: {rest}.",
    "with_backup": "{count} are from its backup",
    "without_backup": "it shows fewer",
}
EVIDENCE = {
    "most-purchased": "{sku} (in {purchases} orders of {within_days} days)",
    "most-viewed": "{sku} (viewed in {sessions} sessions of {within_days} days)",
    "trending": "{sku} (viewed in {sessions} sessions of {hours} hours, {before} before)",
    "bought-bought": "{sku} (bought with {bought_with} in {orders} orders)",
    "viewed-viewed": "{sku} (viewed with {viewed_with} in {sessions} sessions)",
    "recently-viewed": "{sku} (viewed at {viewed_at})",
}
DROPPED = {
    "looked_at": "“{unit}” leaves out {sku}: it is what the page shows.",
    "in_cart": "“{unit}” leaves out {sku}: it is in the cart.",
    "purchased": "“{unit}” leaves out {sku}: the shopper bought it before.",
    "repeated": "“{unit}” leaves out {sku}: “{by}” shows it on this page.",
}
EVENTS_REFUSED = {
    "not_in_results": "{what}: it is not among the products of this page's results.",
    "segment_missing": "{what}: the shopper is in none of its segments.",
    "segment_paused": "{what}: a segment that it names is paused or out of its time.",
    "currency_not_covered": "{what}: a segment that it names has no amount in this currency.",
    "audience_unknown": "{what}: the request names none of its audiences.",
    "rule_not_applied": "{what}: none of its cart rules applied.",
    "came_later": "{what}: an event for the same product came first.",
}
SOME_RULE = "another rule"
AND = " and "

LEAF = "{subject} is {actual} (it had to {asked})"
LEAF_OF_SET = "{subject} are {actual} (they had to {asked})"
LEAF_OF_BOOL = "{subject}: {actual} (it had to {asked})"
LINE_FOUND = "a line{like} is in the cart ({asked})"
NO_LINE_FOUND = "no line{like} is in the cart ({asked})"
ONE_ASKED = "one was asked for"
NONE_ASKED = "none was to be there"
NO_CONDITIONS = "it has no conditions"
MORE = "and {} more"

ASKED = {
    "==": "be {}",
    "!=": "be other than {}",
    ">": "be more than {}",
    ">=": "be at least {}",
    "<": "be less than {}",
    "<=": "be at most {}",
    "in": "be one of {}",
    "not_in": "be none of {}",
    "contains": "contain {}",
    "not_contains": "be without {}",
    "starts_with": "begin with {}",
    "ends_with": "end with {}",
    "is_defined": "be known",
    "is_undefined": "be unknown",
    "between": "be between {} and {}",
}
"""Operator -> what was asked, after `it had to`."""
REFUSED = {
    "==": ASKED["!="],
    "!=": ASKED["=="],
    ">": ASKED["<="],
    ">=": ASKED["<"],
    "<": ASKED[">="],
    "<=": ASKED[">"],
    "in": ASKED["not_in"],
    "not_in": ASKED["in"],
    "contains": ASKED["not_contains"],
    "not_contains": ASKED["contains"],
    "starts_with": "not begin with {}",
    "ends_with": "not end with {}",
    "is_defined": ASKED["is_undefined"],
    "is_undefined": ASKED["is_defined"],
    "between": "not be between {} and {}",
}
"""The same under `none` and `not_all`, where the opposite was asked."""

HOLDS = {
    "==": "is {}",
    "!=": "is not {}",
    ">": "is more than {}",
    ">=": "is at least {}",
    "<": "is less than {}",
    "<=": "is at most {}",
    "in": "is one of {}",
    "not_in": "is none of {}",
    "contains": "contains {}",
    "not_contains": "does not contain {}",
    "starts_with": "begins with {}",
    "ends_with": "ends with {}",
    "is_defined": "is known",
    "is_undefined": "is unknown",
    "between": "is between {} and {}",
}
"""Operator -> what holds of a line, after ` whose ..`."""
HOLDS_OF_SET = {
    "==": "are {} alone",
    "!=": "are not {} alone",
    "in": "have one of {}",
    "not_in": "have none of {}",
    "contains": "contain {}",
    "not_contains": "do not contain {}",
    "is_defined": "are known",
    "is_undefined": "are unknown",
}
WHOSE = " whose {}"
ELIGIBLE = "{}, over the lines that it discounts,"
COUNTS = {
    "history": "the number of “{}” events",
    "count": "the number of orders",
    "sum": "the sum of all orders",
    "average": "the average order",
    "quantity": "the number of units bought",
}
LINE_TOTALS = {"quantity": "the number of units on lines", "amount": "the amount of lines"}
LIKE_THAT = " that it asks for"
IN_DAYS = " in {} days"
IN_ONE_DAY = " in one day"
UNKNOWN = "unknown"
NONE = "none"
YES = "yes"
NO = "no"
AMOUNT = "{} {}"
"""An amount and its currency."""

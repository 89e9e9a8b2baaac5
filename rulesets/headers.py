"""What a rule asks for before its conditions: time, place, group, currency, segments, coupon, and
room in its limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rulesets.cart_rules import CartRule
from rulesets.coupons import NONE
from rulesets.coupons import Coupons
from rulesets.facts import Facts
from rulesets.facts import Value
from rulesets.operators import fold
from rulesets.usage import Used
from rulesets.usage import used_of

Refusal = tuple[str, str | None]
"""A code, and the segment that is behind it."""


@dataclass(frozen=True, slots=True)
class Header:
    """The side of the question. `blocked`: segments that count for nobody now, each with its
    code: paused or out of time (`segment_paused`), or without an amount in this currency."""

    at: int
    currency: str
    store_view: str | None
    group: str | None
    blocked: Mapping[str, str]
    coupons: frozenset[str]
    usage: Mapping[str, Used]
    codes: Mapping[str, str]

    def refusal(self, rule: CartRule) -> Refusal | None:
        """Why the rule is out of question, whatever its conditions say; None if it is not."""
        if rule.is_open:
            return None if rule.benefit(self.currency) else ("currency_not_covered", None)
        if rule.paused or not rule.window.holds(self.at):
            return "not_in_schedule", None
        elsewhere = self.elsewhere(rule)
        if elsewhere is not None:
            return elsewhere, None
        if rule.benefit(self.currency) is None:
            return "currency_not_covered", None
        if self.blocked and rule.segments and not rule.segments.isdisjoint(self.blocked):
            first = min(rule.segments & self.blocked.keys())
            return self.blocked[first], first
        if rule.coupon_key is not None and rule.coupon_key not in self.coupons:
            return "coupon_missing", None
        if rule.is_generated and rule.id not in self.codes:
            return "coupon_missing", None
        if rule.limits is not None:
            code = rule.limits.refusal(used_of(self.usage, rule.id), self.currency)
            return (code, None) if code is not None else None
        return None

    def elsewhere(self, rule: CartRule) -> str | None:
        """The code of a rule that is for other store views or customer groups."""
        if rule.store_views is not None and self.store_view not in rule.store_views:
            return "store_view_mismatch"
        if rule.groups is not None and self.group not in rule.groups:
            return "group_mismatch"
        return None


def header(facts: Facts, at: int, blocked: Mapping[str, str], coupons: Coupons = NONE) -> Header:
    """From the facts of a decision."""
    return Header(
        at,
        facts.currency,
        _text(facts.values.get("context.store_view")),
        _text(facts.values.get("shopper.group")),
        blocked,
        coupons.valid,
        facts.usage,
        coupons.codes,
    )


def _text(value: Value | None) -> str | None:
    return fold(value) if isinstance(value, str) else None

"""Coupons: which of the codes on a cart count, and what became of each."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

from rulesets.cart_rules import CartRule
from rulesets.cart_rules import coupon_key
from rulesets.outcome import CouponOutcome
from rulesets.trace import APPLIED

RulesByCoupon = Mapping[str, Sequence[CartRule]]
_REASONS = {
    "store_view_mismatch": "not_for_this_shopper",
    "group_mismatch": "not_for_this_shopper",
    "stopped": "not_combinable",
    "lost_group": "lost_group",
    "limit_reached": "limit_reached",
    "customer_limit_reached": "customer_limit_reached",
    "budget_spent": "limit_reached",
}
"""Code of the rule -> reason of its coupon; the rest is `conditions_not_met`."""


@dataclass(frozen=True, slots=True)
class Coupons:
    """The codes of a cart, each once, as they were written; a reason stands for those that do not
    count. The first ones that belong to a rule in its time count, up to the site's setting."""

    valid: frozenset[str]
    asked: tuple[tuple[str, str, str | None], ...]

    def outcomes(
        self, rules: RulesByCoupon, code_of: Callable[[CartRule], str]
    ) -> tuple[CouponOutcome, ...]:
        """What became of each; `code_of` says it for a rule: `applied`, or why not."""
        return tuple(
            CouponOutcome(written, reason or _fate([code_of(rule) for rule in rules[key]]))
            for written, key, reason in self.asked
        )


NONE = Coupons(frozenset(), ())


def read_coupons(codes: Sequence[str], rules: RulesByCoupon, most: int, at: int) -> Coupons:
    """Judges the codes of a cart before any rule takes its turn."""
    if not codes:
        return NONE
    asked: dict[str, tuple[str, str | None]] = {}
    valid: set[str] = set()
    for written in codes:
        key = coupon_key(written)
        if key in asked:
            continue
        reason = _out_of_time(rules.get(key, ()), at)
        if reason is None and len(valid) == most:
            reason = "too_many"
        if reason is None:
            valid.add(key)
        asked[key] = (written, reason)
    return Coupons(
        frozenset(valid), tuple((written, key, reason) for key, (written, reason) in asked.items())
    )


def _out_of_time(rules: Sequence[CartRule], at: int) -> str | None:
    if not rules:
        return "unknown"
    if any(rule.window.holds(at) for rule in rules):
        return None
    return "not_started" if any(rule.window.before(at) for rule in rules) else "expired"


def _fate(codes: Sequence[str]) -> str | None:
    if APPLIED in codes:
        return None
    return _REASONS.get(codes[0], "conditions_not_met")

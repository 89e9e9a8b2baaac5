"""Coupons: which of the codes on a cart count, and what became of each.

A specific code stands in the bodies of its rules. The codes of a generated coupon are in a table;
those that a cart brings are found before the decision and recorded with its facts.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from rulesets.cart_rules import CartRule
from rulesets.cart_rules import coupon_key
from rulesets.outcome import CouponOutcome
from rulesets.trace import APPLIED
from rulesets.usage import COUPON_CUSTOMER_USES
from rulesets.usage import COUPON_USES

IsFor = Callable[[CartRule], bool]
"""Whether a rule may be for who asks (rulesets/belonging.py)."""
RulesByCoupon = Mapping[str, Sequence[CartRule]]
FoundCodes = Mapping[str, Mapping[str, Any]]
"""Key of a code -> its rule, the code as it was made, when it expires, its limits, its uses."""
UNKNOWN = "unknown"
NOT_FOR_THIS_SHOPPER = "not_for_this_shopper"
_REASONS = {
    "store_view_mismatch": NOT_FOR_THIS_SHOPPER,
    "group_mismatch": NOT_FOR_THIS_SHOPPER,
    "stopped": "not_combinable",
    "lost_group": "lost_group",
    "limit_reached": "limit_reached",
    "customer_limit_reached": "customer_limit_reached",
    "budget_spent": "limit_reached",
}
"""Code of the rule -> reason of its coupon; the rest is `conditions_not_met`."""


@dataclass(frozen=True, slots=True)
class Known:
    """What codes may belong to: rules by their own code, rules by id, codes that were found."""

    by_coupon: RulesByCoupon
    rules: Mapping[str, CartRule]
    found: FoundCodes

    def of(self, key: str) -> Sequence[CartRule]:
        """The rules that a code is for; a generated one is for one rule."""
        own = self.by_coupon.get(key)
        if own is not None:
            return own
        found = self.found.get(key)
        rule = None if found is None else self.rules.get(found["rule_id"])
        return () if rule is None or not rule.is_generated or rule.paused else (rule,)


@dataclass(frozen=True, slots=True)
class Coupons:
    """The codes of a cart, each once, as they were written; a reason stands for those that do not
    count. The first ones that belong to a rule in its time, and for this shopper, count, up to the
    site's setting."""

    valid: frozenset[str]
    asked: tuple[tuple[str, str, str | None], ...]
    codes: Mapping[str, str] = field(default_factory=dict)
    """Rule with generated codes -> the one that is on the cart."""

    def outcomes(
        self, known: Known, code_of: Callable[[CartRule], str]
    ) -> tuple[CouponOutcome, ...]:
        """What became of each; `code_of` says it for a rule: `applied`, or why not."""
        return tuple(
            CouponOutcome(written, reason or _fate([code_of(rule) for rule in known.of(key)]))
            for written, key, reason in self.asked
        )


NONE = Coupons(frozenset(), ())


def read_coupons(
    codes: Sequence[str], known: Known, most: int, at: int, is_for: IsFor | None = None
) -> Coupons:
    """Judges the codes of a cart before any rule takes its turn. A code that is for others alone
    takes no place and meets no limit, so that nothing tells it from one that does not exist; until
    semantics 3 it did (no `is_for`)."""
    if not codes:
        return NONE
    asked: dict[str, tuple[str, str | None]] = {}
    valid: set[str] = set()
    of_rule: dict[str, str] = {}
    for written in codes:
        key = coupon_key(written)
        if key in asked:
            continue
        rules, found = known.of(key), known.found.get(key)
        reason = _of_others(rules, is_for) or _out_of_time(rules, at)
        if reason is None and found is not None and rules[0].is_generated:
            reason = _used_up(rules[0], found, at)
            if reason is None and rules[0].id in of_rule:
                reason = "not_combinable"  # one code of a rule at a time (FEATURES K18)
        if reason is None and len(valid) == most:
            reason = "too_many"
        if reason is None:
            valid.add(key)
            if rules[0].is_generated and found is not None:
                of_rule[rules[0].id] = found["code"]
        asked[key] = (written, reason)
    told = tuple((written, key, reason) for key, (written, reason) in asked.items())
    return Coupons(frozenset(valid), told, of_rule)


def _of_others(rules: Sequence[CartRule], is_for: IsFor | None) -> str | None:
    if is_for is None or not rules or any(map(is_for, rules)):
        return None
    return NOT_FOR_THIS_SHOPPER


def _out_of_time(rules: Sequence[CartRule], at: int) -> str | None:
    if not rules:
        return UNKNOWN
    if any(rule.window.holds(at) for rule in rules):
        return None
    return "not_started" if any(rule.window.before(at) for rule in rules) else "expired"


def _used_up(rule: CartRule, found: Mapping[str, Any], at: int) -> str | None:
    """Of one generated code: its own limits go before those that its rule sets for every code."""
    expires_at = found.get("expires_at")
    if expires_at is not None and at >= expires_at:
        return "expired"
    for name, reason in (
        (COUPON_USES, "limit_reached"),
        (COUPON_CUSTOMER_USES, "customer_limit_reached"),
    ):
        most = most_of(rule, found, name)
        if most is not None and found.get(name, 0) >= most:
            return reason
    return None


def most_of(rule: CartRule, found: Mapping[str, Any], name: str) -> int | None:
    """The most uses of a generated code; None if it has no limit."""
    own = found.get(f"{name}_max")
    return rule.code_limits.get(name) if own is None else own


def as_told(coupons: Sequence[CouponOutcome], *, audit: bool) -> tuple[CouponOutcome, ...]:
    """What became of codes, for an answer: only with `audit` it says that a code is for others;
    else it is one that does not exist."""
    hidden = () if audit else (NOT_FOR_THIS_SHOPPER,)
    return tuple(
        CouponOutcome(one.code, UNKNOWN) if one.reason in hidden else one for one in coupons
    )


def failed_guesses(reasons: Iterable[str | None]) -> int:
    """How many of these were guesses that failed: what does not exist, for this shopper."""
    return sum(reason in (UNKNOWN, NOT_FOR_THIS_SHOPPER) for reason in reasons)


def _fate(codes: Sequence[str]) -> str | None:
    if APPLIED in codes:
        return None
    return _REASONS.get(codes[0], "conditions_not_met")

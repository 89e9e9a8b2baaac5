"""The codes that an order's events told: which rules they belong to now, what using them moves."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from aggregates.kernel.errors import LimitReached
from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.ids import SiteId
from aggregates.log import Counter
from aggregates.redemption import Use
from decisions.claims import deciding
from decisions.counting import COUNTED
from decisions.counting import COUNTED_WITH_COUPON
from decisions.counting import Spender
from decisions.counting import Tally
from decisions.counting import of_code
from decisions.counting import of_rule
from decisions.means import Means
from projections.coupons import Coupon
from projections.orders import Order
from rulesets.cart_rules import CartRule
from rulesets.cart_rules import coupon_key
from rulesets.compiled import CompiledRevision


@dataclass(frozen=True, slots=True)
class ToldCodes:
    """Uses without amounts. `of` says for each counter whose use it is and which limit."""

    customer: Pseudonym | None
    currency: str
    uses: tuple[Use, ...]
    unknown: tuple[str, ...]
    counters: tuple[Counter, ...]
    of: dict[str, tuple[Use, str]]

    @property
    def moves(self) -> dict[str, int]:
        """What they move the counters by."""
        return {counter.key: counter.by for counter in self.counters}

    def without(self, keys: Collection[str]) -> tuple[Counter, ...]:
        """The counters, without a limit for these keys."""
        return tuple(
            Counter(one.key, one.by, None if one.key in keys else one.limit)
            for one in self.counters
        )

    def told_over(self, reached: LimitReached) -> dict[str, Any]:
        """A limit that was passed, in the words of the rule; never whose use it was."""
        use, name = self.of[reached.data["counter"]]
        said = {"most": reached.data["most"], "used": reached.data["used"]}
        return {"rule_id": use.rule_id, "coupon": use.coupon, "limit": name, **said}


def told_codes(means: Means, site: SiteId, order: Order, customer: Pseudonym | None) -> ToldCodes:
    """What the codes of an order mean now. A code of no rule is `unknown`."""
    compiled = deciding(means, site)
    spender = Spender(customer, order.currency or compiled.settings.base_currency)
    written = {coupon_key(code): code for code in reversed(order.coupons)}
    codes = means.reads.coupons(site, sorted(written))
    uses: list[Use] = []
    unknown = []
    tally = Tally()
    for key in dict.fromkeys(map(coupon_key, order.coupons)):
        found = _of_specific(compiled, key, spender)
        if not found and key in codes:
            found = [_of_generated(compiled, codes[key], spender)]
        if not found:
            unknown.append(written[key])
        for use, counters in found:
            uses.append(use)
            tally.add(use, [(name, counter) for name, counter in counters if counter.by])
    moved = tuple(tally.counters.values())
    return ToldCodes(customer, spender.currency, tuple(uses), tuple(unknown), moved, tally.of)


def _of_specific(
    compiled: CompiledRevision, key: str, spender: Spender
) -> list[tuple[Use, list[tuple[str, Counter]]]]:
    """All rules of a code; paused ones too, which were live a moment ago."""
    rules = compiled.rules_by_coupon.get(key)
    if rules is None:
        rules = [rule for rule in compiled.rules.values() if rule.coupon_key == key]
    found = []
    for rule in rules:
        counters = of_rule(rule.id, rule.limits, COUNTED_WITH_COUPON, spender, 0)
        found.append((Use(rule.id, rule.coupon, 0), [*counters]))
    return found


def _of_generated(
    compiled: CompiledRevision, coupon: Coupon, spender: Spender
) -> tuple[Use, list[tuple[str, Counter]]]:
    """The rule of a code; one that is not live counts on, without limits."""
    rule: CartRule | None = compiled.rules.get(coupon.rule_id)
    limits, code_limits = (rule.limits, rule.code_limits) if rule else (None, {})
    counters = [
        *of_code(coupon, code_limits, spender.customer),
        *of_rule(coupon.rule_id, limits, COUNTED, spender, 0),
    ]
    return Use(coupon.rule_id, coupon.code, 0), counters

"""Limits of a rule: how often it may be used, by whom, and what it may cost.

Decisions read how much of a limit is used; what moves the counters is the redemption of an order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rulesets.benefits.benefit import money_of

Used = Mapping[str, int]
"""Of one rule: `uses`, `coupon_uses`, those of this customer, and `spent` minor units."""

USES = "uses"
CUSTOMER_USES = "customer_uses"
COUPON_USES = "coupon_uses"
COUPON_CUSTOMER_USES = "coupon_customer_uses"
SPENT = "spent"
OF_CUSTOMER = frozenset({CUSTOMER_USES, COUPON_CUSTOMER_USES})
"""They count for those who give their customer_id, as nobody else can be told apart."""
_NOTHING: Used = {}


@dataclass(frozen=True, slots=True)
class Limits:
    """The most of each; what is missing is unlimited. `budget` is the author's, by currency."""

    most: Mapping[str, int]
    budget: Mapping[str, Any] | None
    base_currency: str

    @property
    def names(self) -> frozenset[str]:
        """The counters that are limited."""
        return frozenset(self.most) | (frozenset((SPENT,)) if self.budget else frozenset())

    def most_of(self, name: str, currency: str) -> int | None:
        """The most of a counter; None if it has no limit."""
        return self._budget(currency) if name == SPENT else self.most.get(name)

    def covers(self, currency: str) -> bool:
        """Whether there is a budget in that currency, if there is one at all."""
        return self.budget is None or self._budget(currency) is not None

    def refusal(self, used: Used, currency: str) -> str | None:
        """The code of the limit that is reached; None if there is room."""
        for name, code in _CODES.items():
            if name in self.most and used.get(name, 0) >= self.most[name]:
                return code
        return None if self.affords(1, used, currency) else "budget_spent"

    def affords(self, amount_minor: int, used: Used, currency: str) -> bool:
        """Whether the budget has room for an amount: it is never passed, not by a cent."""
        budget = self._budget(currency)
        return budget is None or used.get(SPENT, 0) + amount_minor <= budget

    def _budget(self, currency: str) -> int | None:
        if self.budget is None:
            return None
        return money_of(self.budget, currency, self.base_currency)


_CODES = {
    USES: "limit_reached",
    COUPON_USES: "limit_reached",
    CUSTOMER_USES: "customer_limit_reached",
    COUPON_CUSTOMER_USES: "customer_limit_reached",
}


def counter_key(rule_id: str, name: str, currency: str, customer: str | None) -> str | None:
    """The counter of a rule by its name; None for a customer's where there is none."""
    if name in OF_CUSTOMER:
        return None if customer is None else f"customer/{customer}/rule/{rule_id}/{name}"
    return f"rule/{rule_id}/{SPENT}/{currency}" if name == SPENT else f"rule/{rule_id}/{name}"


def limits_of(body: Mapping[str, Any], base_currency: str) -> Limits | None:
    """The limits of a rule's body; None if it has none. A limit of 0 is none (FEATURES R10)."""
    given = {USES: body.get("uses_total"), CUSTOMER_USES: body.get("uses_per_customer")}
    most = {name: int(value) for name, value in given.items() if value}
    if (body.get("coupon") or {}).get("type") != "generated":
        most |= _of_coupon(body)
    budget = body.get("budget")
    return Limits(most, budget, base_currency) if most or budget else None


def code_limits_of(body: Mapping[str, Any]) -> dict[str, int]:
    """What a rule with generated codes sets for each of them; nothing for other rules."""
    generated = (body.get("coupon") or {}).get("type") == "generated"
    return _of_coupon(body) if generated else {}


def _of_coupon(body: Mapping[str, Any]) -> dict[str, int]:
    coupon = body.get("coupon") or {}
    given = {
        COUPON_USES: coupon.get("uses_per_coupon"),
        COUPON_CUSTOMER_USES: coupon.get("uses_per_customer"),
    }
    return {name: int(value) for name, value in given.items() if value}


def used_of(usage: Mapping[str, Used], rule_id: str) -> Used:
    """What is used of one rule's limits."""
    return usage.get(rule_id, _NOTHING)

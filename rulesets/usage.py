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
CAMPAIGN_USES = "campaign_uses"
CAMPAIGN_SPENT = "campaign_spent"
MONEY = frozenset({SPENT, CAMPAIGN_SPENT})
"""Counters of minor units; the others count uses."""
OF_CUSTOMER = frozenset({CUSTOMER_USES, COUPON_CUSTOMER_USES})
"""They count for those who give their customer_id, as nobody else can be told apart."""
_NOTHING: Used = {}


@dataclass(frozen=True, slots=True)
class Limits:
    """The most of each; what is missing is unlimited. `budgets` are the author's, of money, each by
    currency. Rules of one `campaign` share its uses and its budget."""

    most: Mapping[str, int]
    budgets: Mapping[str, Mapping[str, Any]]
    base_currency: str
    campaign: str | None = None

    @property
    def names(self) -> frozenset[str]:
        """The counters that are limited."""
        return frozenset(self.most) | frozenset(self.budgets)

    def key(self, rule_id: str, name: str, currency: str, customer: str | None) -> str | None:
        """The counter of a limit; None for a customer's where there is none."""
        if name == CAMPAIGN_USES:
            return f"campaign/{self.campaign}/{USES}"
        if name == CAMPAIGN_SPENT:
            return f"campaign/{self.campaign}/{SPENT}/{currency}"
        return counter_key(rule_id, name, currency, customer)

    def most_of(self, name: str, currency: str) -> int | None:
        """The most of a counter; None if it has no limit."""
        return self._budget(name, currency) if name in self.budgets else self.most.get(name)

    def covers(self, currency: str) -> bool:
        """Whether every budget has an amount in that currency."""
        return all(self._budget(name, currency) is not None for name in self.budgets)

    def refusal(self, used: Used, currency: str) -> str | None:
        """The code of the limit that is reached; None if there is room."""
        for name, code in _CODES.items():
            if name in self.most and used.get(name, 0) >= self.most[name]:
                return code
        return self.room_for(1, used, currency)

    def room_for(self, amount_minor: int, used: Used, currency: str) -> str | None:
        """The code of what has no room for one more use of an amount; None if all has. A budget is
        never passed, not by a cent."""
        for name in self.budgets:
            budget = self._budget(name, currency)
            if budget is not None and used.get(name, 0) + amount_minor > budget:
                return "budget_spent"
        most = self.most.get(CAMPAIGN_USES)
        return "limit_reached" if most is not None and used.get(CAMPAIGN_USES, 0) >= most else None

    def _budget(self, name: str, currency: str) -> int | None:
        return money_of(self.budgets[name], currency, self.base_currency)


_CODES = {
    USES: "limit_reached",
    CAMPAIGN_USES: "limit_reached",
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
    campaign = body.get("campaign") or {}
    if campaign.get("uses_total"):
        most[CAMPAIGN_USES] = int(campaign["uses_total"])
    given_budgets = {SPENT: body.get("budget"), CAMPAIGN_SPENT: campaign.get("budget")}
    budgets = {name: budget for name, budget in given_budgets.items() if budget}
    if not most and not budgets:
        return None
    return Limits(most, budgets, base_currency, campaign.get("name"))


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

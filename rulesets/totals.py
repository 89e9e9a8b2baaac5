"""Running totals as facts: what conditions read while rules are applied one after the other."""

from __future__ import annotations

from collections.abc import Collection

from rulesets.facts import Facts
from rulesets.running import RunningCart

AFTER_DISCOUNT = "cart.subtotal_after_discount"
APPLIED_RULES = "cart.applied_rules"
LINE_AFTER_DISCOUNT = "line.subtotal_after_discount"


class Totals:
    """Keeps the totals that somebody reads in the facts, which belong to it alone. `applied`: the
    ids of the rules that applied so far."""

    __slots__ = ("_cart", "_facts", "_read", "_stale", "applied")

    def __init__(self, facts: Facts, cart: RunningCart, read: Collection[str]) -> None:
        self._facts = facts
        self._cart = cart
        self._read = read
        self._stale = True
        self.applied: list[str] = []

    def changed(self, rule_id: str) -> None:
        """To be told after a rule applied."""
        self.applied.append(rule_id)
        self._stale = True

    def keep(self) -> None:
        """Brings the facts up to date, before somebody looks at them."""
        if not self._stale:
            return
        self._stale = False
        facts, cart, read = self._facts, self._cart, self._read
        facts.values[AFTER_DISCOUNT] = cart.subtotal_after_discount
        if self.applied and APPLIED_RULES in read:
            facts.values[APPLIED_RULES] = frozenset(self.applied)
        if LINE_AFTER_DISCOUNT in read:
            for scope, price, taken in zip(facts.lines, cart.subtotals, cart.discount, strict=True):
                scope[LINE_AFTER_DISCOUNT] = price - taken

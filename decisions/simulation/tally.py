"""The sums of a simulation. Tallies of parts of a range add up to that of the whole, in any order.

Its size follows from the number of rules, currencies and revisions, never from that of decisions.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from typing import NamedTuple

from decisions.simulation.effects import Effect
from decisions.simulation.estimates import Moments

NAMED_MAX = 10
"""Decisions named as examples of what went wrong: enough to look at."""


class Shift(NamedTuple):
    """How one decision's discount moves, in minor units; `order`: whether an order came of it."""

    difference_minor: int
    decision_id: str
    before_minor: int
    after_minor: int
    order: bool


@dataclass(slots=True)
class RuleSums:
    """One rule in one currency: how often it applied, and what it took off."""

    applied_before: int = 0
    applied_after: int = 0
    before_minor: int = 0
    after_minor: int = 0
    difference: Moments = field(default_factory=Moments)

    def merge(self, other: RuleSums) -> None:
        """Those of other decisions."""
        self.applied_before += other.applied_before
        self.applied_after += other.applied_after
        self.before_minor += other.before_minor
        self.after_minor += other.after_minor
        self.difference.merge(other.difference)


@dataclass(slots=True)
class Money:
    """One currency. `ordered` is the part of the decisions of which an order came."""

    decisions: int = 0
    subtotal_minor: int = 0
    before: Moments = field(default_factory=Moments)
    after: Moments = field(default_factory=Moments)
    difference: Moments = field(default_factory=Moments)
    winners: list[Shift] = field(default_factory=list)
    losers: list[Shift] = field(default_factory=list)
    ordered: Money | None = None

    def add(self, subtotal: int, shift: Shift) -> None:
        """One decision's, for a customer who gains (a winner) or loses."""
        self.decisions += 1
        self.subtotal_minor += subtotal
        self.before.add(shift.before_minor)
        self.after.add(shift.after_minor)
        self.difference.add(shift.difference_minor)

    def merge(self, other: Money, top: int) -> None:
        """Those of other decisions."""
        self.decisions += other.decisions
        self.subtotal_minor += other.subtotal_minor
        self.before.merge(other.before)
        self.after.merge(other.after)
        self.difference.merge(other.difference)
        self.winners = _top([*self.winners, *other.winners], top)
        self.losers = _top([*self.losers, *other.losers], top)
        if other.ordered is not None:
            self.ordered = self.ordered or Money()
            self.ordered.merge(other.ordered, top)


@dataclass(slots=True)
class Counts:
    """Decisions, by what became of them. `population` is all of the range, whether sampled or not;
    of those `sampled`, all but the erased and the unknown are compared."""

    population: int = 0
    sampled: int = 0
    erased: int = 0
    unknown: int = 0
    compared: int = 0
    changed: int = 0
    rebuilt: int = 0
    checked: int = 0
    check_failed: int = 0
    ordered: int = 0
    ordered_changed: int = 0
    coupons_applied_before: int = 0
    coupons_applied_after: int = 0
    coupons_rejected_before: int = 0
    coupons_rejected_after: int = 0
    gifts_before: int = 0
    gifts_after: int = 0
    free_shipping_before: int = 0
    free_shipping_after: int = 0


@dataclass(slots=True)
class Tally:
    """All sums. `rules` by rule and currency; `unknown`: why decisions could not be simulated."""

    top: int
    counts: Counts = field(default_factory=Counts)
    money: dict[str, Money] = field(default_factory=dict)
    rules: dict[tuple[str, str], RuleSums] = field(default_factory=dict)
    unknown: Counter[str] = field(default_factory=Counter)
    revisions: Counter[int] = field(default_factory=Counter)
    check_failed: list[str] = field(default_factory=list)

    def unchanged(self, currency: str, subtotal: int, effect: Effect, shift: Shift) -> None:
        """A decision that comes out as it was."""
        self._add(currency, subtotal, shift)
        for rule_id, amount in effect.rules.items():
            sums = self._rule(rule_id, currency)
            sums.applied_before += 1
            sums.applied_after += 1
            sums.before_minor += amount
            sums.after_minor += amount
        _count(self.counts, "before", effect)
        _count(self.counts, "after", effect)

    def changed(
        self, currency: str, subtotal: int, effects: tuple[Effect, Effect], shift: Shift
    ) -> None:
        """A decision that comes out otherwise: effects before and after."""
        before, after = effects
        self.counts.changed += 1
        self.counts.ordered_changed += shift.order
        self._add(currency, subtotal, shift)
        for rule_id in before.rules.keys() | after.rules.keys():
            sums = self._rule(rule_id, currency)
            was, now = before.rules.get(rule_id), after.rules.get(rule_id)
            sums.applied_before += was is not None
            sums.applied_after += now is not None
            sums.before_minor += was or 0
            sums.after_minor += now or 0
            sums.difference.add((now or 0) - (was or 0))
        _count(self.counts, "before", before)
        _count(self.counts, "after", after)
        self._place(self.money[currency], shift)

    def merge(self, other: Tally) -> None:
        """Adds the sums of another part of the range."""
        for name in Counts.__slots__:
            setattr(self.counts, name, getattr(self.counts, name) + getattr(other.counts, name))
        for currency, money in other.money.items():
            self.money.setdefault(currency, Money()).merge(money, self.top)
        for key, sums in other.rules.items():
            self.rules.setdefault(key, RuleSums()).merge(sums)
        self.unknown.update(other.unknown)
        self.revisions.update(other.revisions)
        self.check_failed = sorted([*self.check_failed, *other.check_failed])[:NAMED_MAX]

    def of_rule(self, rule_id: str) -> Iterator[tuple[str, RuleSums]]:
        """The sums of a rule by currency."""
        return ((key[1], sums) for key, sums in sorted(self.rules.items()) if key[0] == rule_id)

    def _add(self, currency: str, subtotal: int, shift: Shift) -> None:
        self.counts.compared += 1
        money = self.money.get(currency)
        if money is None:
            money = self.money[currency] = Money()
        money.add(subtotal, shift)
        if shift.order:
            self.counts.ordered += 1
            money.ordered = money.ordered or Money()
            money.ordered.add(subtotal, shift)

    def _rule(self, rule_id: str, currency: str) -> RuleSums:
        key = (rule_id, currency)
        sums = self.rules.get(key)
        if sums is None:
            sums = self.rules[key] = RuleSums()
        return sums

    def _place(self, money: Money, shift: Shift) -> None:
        for shifts, is_one in (
            (money.winners, shift.difference_minor > 0),
            (money.losers, shift.difference_minor < 0),
        ):
            if is_one:
                shifts.append(shift)
                if len(shifts) > 2 * self.top:
                    shifts[:] = _top(shifts, self.top)


def _top(shifts: list[Shift], top: int) -> list[Shift]:
    """The largest, by size and then by id, so that it is one list whoever merged what."""
    return heapq.nsmallest(
        top, shifts, key=lambda one: (-abs(one.difference_minor), one.decision_id)
    )


def _count(counts: Counts, when: str, effect: Effect) -> None:
    if when == "before":
        counts.coupons_applied_before += effect.coupons_applied
        counts.coupons_rejected_before += effect.coupons_rejected
        counts.gifts_before += effect.gives_gifts
        counts.free_shipping_before += effect.ships_free
    else:
        counts.coupons_applied_after += effect.coupons_applied
        counts.coupons_rejected_after += effect.coupons_rejected
        counts.gifts_after += effect.gives_gifts
        counts.free_shipping_after += effect.ships_free

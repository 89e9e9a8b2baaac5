"""Offers: what a rule would take off a cart as it is now. Making one changes nothing.

A rule on its own takes what it offers; rules of a group compete with their offers first
(rulesets/contest.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from typing import NamedTuple

from rulesets.benefits.benefit import Benefit
from rulesets.benefits.bundle_price import BundlePrice
from rulesets.benefits.capped import Capped
from rulesets.benefits.free_gift import FreeGift
from rulesets.benefits.free_gift import Gift
from rulesets.cart_rules import CartRule
from rulesets.cart_rules import ItemFilter
from rulesets.evaluator import evaluate
from rulesets.facts import Facts
from rulesets.running import RunningCart
from rulesets.totals import Totals

Closed = Mapping[int, str]
"""Lines (and SHIPPING) that others of a group have won already -> the rule that has them."""
SHIPPING = -1
OPEN: Closed = {}


class Offer(NamedTuple):
    """What one rule would take: `parts[k]` of line `lines[k]`, and of shipping."""

    rule: CartRule
    lines: Sequence[int]
    parts: Sequence[int]
    shipping: int
    free_lines: tuple[int, ...]
    frees_shipment: bool
    ends_shipping: bool
    gifts: tuple[Gift, ...]

    @property
    def amount(self) -> int:
        """All it would take, in minor units."""
        return sum(self.parts) + self.shipping


class Refused(NamedTuple):
    """Why a rule offers nothing; `by` is the rule that was before it."""

    rule: CartRule
    code: str
    by: str | None = None


class Offers:
    """What the rules of one decision offer. Filters that read no running total are asked once."""

    __slots__ = ("_currency", "_facts", "_filtered", "_open_lines", "_totals")

    def __init__(self, facts: Facts, cart: RunningCart, totals: Totals) -> None:
        self._facts = facts
        self._totals = totals
        self._currency = facts.currency
        self._open_lines = [i for i, takes in enumerate(cart.takes_discount) if takes]
        self._filtered: dict[int, list[int]] = {}

    def of(self, rule: CartRule, cart: RunningCart, closed: Closed = OPEN) -> Offer | Refused:
        """What the rule offers for this cart; `closed` lines are not its to discount."""
        benefit = rule.benefit(self._currency)
        assert benefit is not None, "the header refuses a rule without one"
        earning = self._passing(rule.items, cart)
        gift = benefit.benefit if isinstance(benefit, Capped) else benefit
        if isinstance(gift, FreeGift):
            if not earning:
                return Refused(rule, "no_eligible_line")
            matching, units = self._with_gifts(gift, cart), None
        else:
            matching, units = _gated(rule, cart, earning)
            if rule.parts:
                benefit, matching = self._bundled(rule, benefit, cart, matching)
        lines, units = _not_stopped(cart, matching, units, closed)
        shipping_open = cart.shipping_stopped_by is None and SHIPPING not in closed
        discounts_shipping = rule.apply_to_shipping and shipping_open
        frees_shipment = rule.free_shipping == "shipment" and shipping_open and bool(lines)
        gifts = gift.offered(cart, matching) if isinstance(gift, FreeGift) else ()
        if not lines and not gifts and not (discounts_shipping and cart.shipping_left):
            return _refused(rule, cart, matching, closed)
        parts, shipping = benefit.take(
            cart, lines, units, cart.shipping_left if discounts_shipping else None
        )
        if cart.families is not None:
            lines, parts = cart.families.settled(cart, lines, parts)
        free_lines = tuple(lines) if rule.free_shipping == "items" else ()
        if frees_shipment:
            shipping = cart.shipping_left
        return Offer(
            rule,
            lines,
            parts,
            shipping,
            free_lines,
            frees_shipment,
            discounts_shipping or frees_shipment,
            gifts,
        )

    def _passing(self, items: ItemFilter | None, cart: RunningCart) -> list[int]:
        """Lines that pass a filter; of a composite product the whole before its parts."""
        if items is None:
            return self._open_lines
        if items.running:
            self._totals.keep()
            return self._asked(items, cart)
        known = self._filtered.get(items.number)
        if known is None:
            known = self._filtered[items.number] = self._asked(items, cart)
        return known

    def _asked(self, items: ItemFilter, cart: RunningCart) -> list[int]:
        facts, scopes = self._facts, self._facts.lines
        passing = [i for i in self._open_lines if evaluate(items.node, facts, scopes[i])]
        if cart.families is None:
            return passing
        whole = set(passing)
        return passing + [
            child
            for child, parent in cart.families.parent.items()
            if parent not in whole
            and cart.takes_discount[parent]
            and cart.subtotals[child]
            and evaluate(items.node, facts, scopes[child])
        ]

    def _with_gifts(self, gift: FreeGift, cart: RunningCart) -> list[int]:
        return [i for i in self._open_lines if cart.skus[i] in gift.skus]

    def _bundled(
        self, rule: CartRule, benefit: Benefit, cart: RunningCart, matching: Sequence[int]
    ) -> tuple[Benefit, list[int]]:
        """The bundle with the lines of this cart, and the lines that may be in it."""
        allowed = set(matching)
        parts = [[i for i in self._passing(part, cart) if i in allowed] for part in rule.parts]
        inside = set().union(*parts)
        lines = [i for i in matching if i in inside]
        if isinstance(benefit, Capped):
            assert isinstance(benefit.benefit, BundlePrice)
            return Capped(benefit.benefit.picking(parts), benefit.most_minor), lines
        assert isinstance(benefit, BundlePrice)
        return benefit.picking(parts), lines


def applies(offer: Offer, currency: str) -> bool:
    """Whether it is worth applying. A rule of 0 % without free shipping is there for what else
    depends on it."""
    if any(offer.parts) or offer.shipping or offer.gifts:
        return True
    if offer.free_lines or offer.frees_shipment:
        return True
    benefit = offer.rule.benefit(currency)
    asks_for_none = benefit is not None and benefit.gives_nothing
    return asks_for_none and offer.rule.free_shipping == "no"


def worthless(offer: Offer, cart: RunningCart) -> Refused:
    """Why an offer that takes nothing does not apply."""
    if offer.rule.free_shipping == "shipment" and cart.shipping_stopped_by is not None:
        return Refused(offer.rule, "stopped", cart.shipping_stopped_by)
    return Refused(offer.rule, "zero_amount")


def _gated(
    rule: CartRule, cart: RunningCart, lines: list[int]
) -> tuple[list[int], list[int] | None]:
    """The lines that are large enough, with the units that count on each."""
    if rule.gate is None:
        return lines, None
    counted = [(i, rule.gate.units(cart.units[i])) for i in lines]
    kept = [(i, units) for i, units in counted if units is not None]
    return [i for i, _ in kept], [units for _, units in kept]


def _not_stopped(
    cart: RunningCart, lines: list[int], units: list[int] | None, closed: Closed
) -> tuple[list[int], list[int] | None]:
    if not cart.has_stopped and not closed:
        return lines, units
    stopped_by = cart.stopped_by
    kept = [at for at, i in enumerate(lines) if stopped_by[i] is None and i not in closed]
    return [lines[at] for at in kept], units and [units[at] for at in kept]


def _refused(rule: CartRule, cart: RunningCart, matching: Sequence[int], closed: Closed) -> Refused:
    for i in matching:
        if i in closed:
            return Refused(rule, "lost_group", closed[i])
    if matching:
        return Refused(rule, "stopped", cart.stopped_by[matching[0]])
    if rule.apply_to_shipping and SHIPPING in closed:
        return Refused(rule, "lost_group", closed[SHIPPING])
    if rule.apply_to_shipping and cart.shipping_stopped_by is not None:
        return Refused(rule, "stopped", cart.shipping_stopped_by)
    return Refused(rule, "no_eligible_line")

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
from rulesets.benefits.tiered import Tiered
from rulesets.cart_rules import CartRule
from rulesets.cart_rules import ItemFilter
from rulesets.evaluator import evaluate
from rulesets.facts import Facts
from rulesets.gates import Gate
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
    gifts: tuple[Gift, ...] = ()
    for_nothing: bool = False
    """Whether a gift of it is on the cart already, at a price of 0."""
    ends_shipping: bool = False
    free_lines: tuple[int, ...] = ()
    frees_shipment: bool = False

    @property
    def amount(self) -> int:
        """All it would take, in minor units."""
        return sum(self.parts) + self.shipping


class Refused(NamedTuple):
    """Why a rule offers nothing; `by` is the rule that was before it. Of a group that was judged by
    what it gives: `offered` by the side of the rule, and `best` by the side that won."""

    rule: CartRule
    code: str
    by: str | None = None
    offered: int | None = None
    best: int | None = None


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
        if rule.is_gift:
            return self._given(rule, benefit, cart, closed)
        matching = self._open_lines if rule.items is None else self._passing(rule.items, cart)
        units = None
        if rule.gate is not None:
            matching, units = _gated(rule.gate, cart, matching)
        if rule.parts:
            benefit, matching = self._bundled(rule, benefit, cart, matching)
        lines = matching
        if cart.has_stopped or closed:
            lines, units = _not_stopped(cart, matching, units, closed)
        ships = rule.apply_to_shipping and _shipping_open(cart, closed)
        if not lines and not (ships and cart.shipping_left):
            return _refused(rule, cart, matching, closed)
        parts, shipping = benefit.take(cart, lines, units, cart.shipping_left if ships else None)
        if rule.counts_together and not any(parts) and not _reached(benefit, cart, lines):
            return Refused(rule, "zero_amount")
        offer = Offer(rule, lines, parts, shipping, (), False, ships)
        if rule.free_shipping == "no" and cart.families is None:
            return offer
        return _finished(offer, cart, closed)

    def reach(self, rule: CartRule, cart: RunningCart) -> bool:
        """Whether the rule has a line, or shipping, that no other rule has ended."""
        if not cart.left:
            return True  # an empty cart may still get any line
        lines = self._passing(rule.items, cart)
        if any(cart.stopped_by[i] is None for i in lines):
            return True
        return rule.apply_to_shipping and _shipping_open(cart, OPEN)

    def _given(
        self, rule: CartRule, benefit: Benefit, cart: RunningCart, closed: Closed
    ) -> Offer | Refused:
        """A gift, and the lines that earn it: the rule applies to these as well."""
        gift = benefit.benefit if isinstance(benefit, Capped) else benefit
        assert isinstance(gift, FreeGift)
        held = self._with_gifts(gift, cart)
        given = {i for i in held if cart.units[i] <= gift.quantity or not cart.subtotals[i]}
        # A gift does not earn itself: of a line of it, what is not given may.
        matching = [i for i in self._passing(rule.items, cart) if i not in given]
        earning, _ = _not_stopped(cart, matching, None, closed)
        if not earning:
            return _refused(rule, cart, matching, closed)
        lines, _ = _not_stopped(cart, held, None, closed)
        gifts = gift.offered(cart, held)
        if not lines and not gifts:
            return _refused(rule, cart, held, closed)
        parts, _ = benefit.take(cart, lines, None, None)
        taken = dict.fromkeys(earning, 0) | dict(zip(lines, parts, strict=True))
        about = sorted(taken)
        for_nothing = any(not cart.subtotals[i] for i in lines)
        offer = Offer(rule, about, [taken[i] for i in about], 0, gifts, for_nothing)
        return _finished(offer, cart, closed)

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
        """Lines with the gift, those of which nothing may be taken only if they cost nothing. A
        part of a composite product is none: it costs nothing because the whole is paid."""
        parts = cart.families.parent if cart.families is not None else {}
        return [
            i
            for i, sku in enumerate(cart.skus)
            if sku in gift.skus and i not in parts
            if cart.takes_discount[i] or not cart.subtotals[i]
        ]

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
    if any(offer.parts) or offer.shipping or offer.gifts or offer.for_nothing:
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


def _finished(offer: Offer, cart: RunningCart, closed: Closed) -> Offer:
    """With what the rule does beside its action, and each part where it stands in the end."""
    rule, lines, parts = offer.rule, offer.lines, offer.parts
    if cart.families is not None:
        lines, parts = cart.families.settled(cart, lines, parts)
        offer = offer._replace(lines=lines, parts=parts)
    if rule.free_shipping == "items":
        return offer._replace(free_lines=tuple(lines))
    if rule.free_shipping == "shipment" and lines and _shipping_open(cart, closed):
        return offer._replace(shipping=cart.shipping_left, ends_shipping=True, frees_shipment=True)
    return offer


def _reached(benefit: Benefit, cart: RunningCart, lines: Sequence[int]) -> bool:
    """Whether an action that counts lines together found enough of them, though it takes nothing.
    If not, the rule frees no shipping and ends no lines: its offer is not met."""
    tiers = benefit.benefit if isinstance(benefit, Capped) else benefit
    return isinstance(tiers, Tiered) and tiers.reached(cart, lines) is not None


def _shipping_open(cart: RunningCart, closed: Closed) -> bool:
    return cart.shipping_stopped_by is None and SHIPPING not in closed


def _gated(gate: Gate, cart: RunningCart, lines: list[int]) -> tuple[list[int], list[int]]:
    """The lines that are large enough, with the units that count on each."""
    counted = [(i, gate.units(cart.units[i])) for i in lines]
    kept = [(i, units) for i, units in counted if units is not None]
    return [i for i, _ in kept], [units for _, units in kept]


def _not_stopped(
    cart: RunningCart, lines: list[int], units: list[int] | None, closed: Closed
) -> tuple[list[int], list[int] | None]:
    """What others have not ended."""
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

"""Contests: which rules of a stacking group apply, and what each of them takes.

A group is judged as a whole, on the cart and the totals as they are at the turn of its first rule.
"Best" is the larger exact discount, computed for every member; at equal ones the earlier by
(priority, id). For each line: every line, and shipping, goes to the member that gives it most.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field

from rulesets.cart_rules import CartRule
from rulesets.lanes import Lane
from rulesets.offers import OPEN
from rulesets.offers import SHIPPING
from rulesets.offers import Closed
from rulesets.offers import Offer
from rulesets.offers import Refused
from rulesets.running import RunningCart

Ask = Callable[[CartRule, RunningCart, Closed], Offer | Refused]
"""What a rule offers for a cart; an offer that would not apply is refused already."""
Accept = Callable[[RunningCart, Offer], int]


@dataclass(slots=True)
class Choice:
    """What becomes of the rules of one group, or of one rule."""

    offers: list[Offer] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)

    @property
    def amount(self) -> int:
        """All that is taken."""
        return sum(offer.amount for offer in self.offers)

    def lost(self, by: str, best: int) -> list[Refused]:
        """The same when others win, with `best`; who lost inside lost to these in the end."""
        mine = self.amount
        return [
            *(Refused(offer.rule, "lost_group", by, mine, best) for offer in self.offers),
            *(
                one._replace(by=by, best=best) if one.code == "lost_group" else one
                for one in self.refused
            ),
        ]


class Contest:
    """The contests of one decision; `rules` are those that fired, by id."""

    __slots__ = ("_accept", "_ask", "_rules")

    def __init__(self, rules: Mapping[str, CartRule], ask: Ask, accept: Accept) -> None:
        self._rules = rules
        self._ask = ask
        self._accept = accept

    def settled(self, lane: Lane, cart: RunningCart, closed: Closed = OPEN) -> Choice:
        """What a group takes. The cart is left as it is."""
        if lane.mode == "stack":
            return self._stacked(lane, cart, closed)
        if lane.mode == "first":
            per_line = lane.per == "line"
            return (self._first_of_each_line if per_line else self._first)(lane, cart, closed)
        choices = [self._member(member, cart, closed) for member in lane.members]
        return _best_of_each_line(cart, choices) if lane.per == "line" else _best(choices)

    def _member(self, member: str | Lane, cart: RunningCart, closed: Closed) -> Choice:
        if isinstance(member, Lane):
            return self.settled(member, cart, closed)
        rule = self._rules.get(member)
        if rule is None:
            return Choice()
        found = self._ask(rule, cart, closed)
        return Choice([found]) if isinstance(found, Offer) else Choice(refused=[found])

    def _stacked(self, lane: Lane, cart: RunningCart, closed: Closed) -> Choice:
        """One after the other, each on what those before it left."""
        trial, all_of_them = cart.copy(), Choice()
        for member in lane.members:
            one = self._member(member, trial, closed)
            for offer in one.offers:
                self._accept(trial, offer)
            all_of_them.offers += one.offers
            all_of_them.refused += one.refused
        return all_of_them

    def _first(self, lane: Lane, cart: RunningCart, closed: Closed) -> Choice:
        chosen = Choice()
        for member in lane.members:
            one = self._member(member, cart, closed)
            if not chosen.offers:
                chosen.offers = one.offers
                chosen.refused += one.refused
            else:
                chosen.refused += one.lost(chosen.offers[0].rule.id, chosen.amount)
        return chosen

    def _first_of_each_line(self, lane: Lane, cart: RunningCart, closed: Closed) -> Choice:
        chosen, taken = Choice(), dict(closed)
        for member in lane.members:
            one = self._member(member, cart, taken)
            for offer in one.offers:
                for line in _held(cart, offer):
                    taken.setdefault(line, offer.rule.id)
            chosen.offers += one.offers
            chosen.refused += one.refused
        return chosen


def _best(choices: Iterable[Choice]) -> Choice:
    contenders = list(choices)
    able = [one for one in contenders if one.offers]
    if not able:
        return Choice(refused=[refused for one in contenders for refused in one.refused])
    winner = max(able, key=lambda one: one.amount)  # the first of equals
    by = winner.offers[0].rule.id
    refused = [
        lost
        for one in contenders
        for lost in (one.refused if one is winner else one.lost(by, winner.amount))
    ]
    return Choice(winner.offers, refused)


def _best_of_each_line(cart: RunningCart, choices: list[Choice]) -> Choice:
    winners: dict[int, tuple[int, int]] = {}
    """Line, or SHIPPING -> (what the best gives it, number of the choice)."""
    for number, one in enumerate(choices):
        given: dict[int, int] = {}
        for offer in one.offers:
            for line, part in _given(cart, offer).items():
                given[line] = given.get(line, 0) + part
        for line, amount in given.items():
            if amount > winners.get(line, (0, 0))[0]:
                winners[line] = (amount, number)
    if not winners:  # nobody takes anything: the first may stay for what else it does
        return _best(choices)
    by = choices[max(winners.values())[1]].offers[0].rule.id
    chosen = Choice()
    for number, one in enumerate(choices):
        won = frozenset(line for line, (_, best) in winners.items() if best == number)
        for offer in one.offers:
            kept = _kept(cart, offer, won)
            if kept is not None:
                chosen.offers.append(kept)
                continue
            given = _given(cart, offer)
            lost = [line for line in given if line in winners]
            winner = choices[winners[lost[0]][1]].offers[0].rule.id if lost else by
            best = sum(winners[line][0] for line in lost)
            mine = sum(given[line] for line in lost)
            chosen.refused.append(Refused(offer.rule, "lost_group", winner, mine, best))
        chosen.refused += one.refused
    return chosen


def _whole(cart: RunningCart, line: int) -> int:
    """The line that stands for this one: parts of a product stay together."""
    return line if cart.families is None else cart.families.parent.get(line, line)


def _held(cart: RunningCart, offer: Offer) -> list[int]:
    """The lines that nobody else of a group may have after this offer."""
    held = list(_given(cart, offer))
    families = cart.families
    if families is not None:
        held += [child for line in held for child in families.children.get(line, ())]
    return held


def _given(cart: RunningCart, offer: Offer) -> dict[int, int]:
    """What an offer gives to each line it is about, and to shipping if it is about that."""
    given: dict[int, int] = {}
    for line, part in zip(offer.lines, offer.parts, strict=True):
        whole = _whole(cart, line)
        given[whole] = given.get(whole, 0) + part
    if offer.ends_shipping:
        given[SHIPPING] = offer.shipping
    return given


def _kept(cart: RunningCart, offer: Offer, won: frozenset[int]) -> Offer | None:
    """The offer on the lines that it won; None if it won nothing."""
    kept = [at for at, line in enumerate(offer.lines) if _whole(cart, line) in won]
    ships = SHIPPING in won and offer.ends_shipping
    if not kept and not ships and not offer.gifts:
        return None
    lines = [offer.lines[at] for at in kept]
    return offer._replace(
        lines=lines,
        parts=[offer.parts[at] for at in kept],
        shipping=offer.shipping if ships else 0,
        free_lines=tuple(line for line in offer.free_lines if line in lines),
        frees_shipment=offer.frees_shipment and ships,
        ends_shipping=ships,
    )

"""Watching a walk: what each rule offered at its turn, for whoever explains it afterwards.

A walk is the same with and without a watch. Nothing of it is recorded: an explanation lets the walk
go once more and watches it.
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rulesets.offers import Offer
    from rulesets.offers import Refused
    from rulesets.running import RunningCart


@dataclass(frozen=True, slots=True)
class Turned:
    """One step, and the cart after it: what was taken off each line, what is left of shipping."""

    found: Offer | Refused
    discounts: tuple[int, ...]
    shipping_left: int


@dataclass(slots=True)
class Watch:
    """`turns` stand beside the steps of the trace; `offered` is what each rule of a group would
    have taken, by its id, before the contest of the group was settled."""

    turns: list[Turned] = field(default_factory=list)
    offered: dict[str, Offer] = field(default_factory=dict)

    def turned(self, found: Offer | Refused, cart: RunningCart) -> None:
        """To be told of each step, after it."""
        self.turns.append(Turned(found, tuple(cart.discount), cart.shipping_left))

"""A gift: the shopper may have some of these products for nothing.

Gifts that are on the cart already are free, up to the quantity; the others are offered. A shop that
puts an offered gift into the cart at its price and asks again gets it discounted in full.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from aggregates.kernel.canonical import number
from rulesets.allocation import spread
from rulesets.benefits.benefit import Action
from rulesets.benefits.benefit import scaled_of
from rulesets.question import SCALE
from rulesets.question import Quantity
from rulesets.question import unscaled
from rulesets.running import RunningCart


class Gift(NamedTuple):
    """A product that may still be put into the cart for nothing; of all that one rule offers,
    `choose` may be."""

    sku: str
    quantity: Quantity
    choose: int


@dataclass(frozen=True, slots=True)
class FreeGift:
    """`choose` of these SKUs, `quantity` (in parts of SCALE) of each."""

    skus: tuple[str, ...]
    quantity: int
    choose: int

    @property
    def gives_nothing(self) -> bool:
        return False

    def take(
        self,
        cart: RunningCart,
        lines: Sequence[int],
        units: Sequence[int] | None,
        shipping_left: int | None,
    ) -> tuple[list[int], int]:
        """`lines` are those with a gift on them."""
        given: dict[str, int] = {}
        exact = []
        for i in lines:
            sku = cart.skus[i]
            room = self.quantity - given.get(sku, 0)
            if sku not in given and len(given) == self.choose:
                room = 0
            count = min(room, cart.units[i])
            if count > 0:
                given[sku] = given.get(sku, 0) + count
            exact.append(max(0, count) * cart.price[i])
        return spread(exact, SCALE, [cart.left[i] for i in lines]), 0

    def offered(self, cart: RunningCart, lines: Sequence[int]) -> tuple[Gift, ...]:
        """What the shopper may still add."""
        held: dict[str, int] = {}
        for i in lines:
            sku = cart.skus[i]
            if sku in held or len(held) < self.choose:
                held[sku] = held.get(sku, 0) + cart.units[i]
        short = [(sku, self.quantity - units) for sku, units in held.items()]
        more = [Gift(sku, number(unscaled(left)), 1) for sku, left in short if left > 0]
        choose = self.choose - len(held)
        if choose:
            quantity = number(unscaled(self.quantity))
            more += [Gift(sku, quantity, choose) for sku in self.skus if sku not in held]
        return tuple(more)


def read(action: Action, _currency: str, _base: str) -> FreeGift:
    """Needs no currency."""
    gift = action["gift"]
    return FreeGift(tuple(gift["skus"]), scaled_of(gift["quantity"]), int(gift["choose"]))

"""To a fixed price a unit: to 8.00 takes 2.00 off each unit of 10.00, none off one of 7.00.

It goes by the price, whatever other rules took before, and never takes more than is left. Shipping
comes down to the same price.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rulesets.allocation import spread
from rulesets.benefits.benefit import Action
from rulesets.benefits.benefit import money_of
from rulesets.question import SCALE
from rulesets.running import RunningCart


@dataclass(frozen=True, slots=True)
class ToFixed:
    """The price of a unit, in minor units."""

    price_minor: int

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
        counts = [cart.units[i] for i in lines] if units is None else units
        exact = [
            count * max(0, cart.price[i] - self.price_minor)
            for i, count in zip(lines, counts, strict=True)
        ]
        parts = spread(exact, SCALE, [cart.left[i] for i in lines])
        return parts, max(0, (shipping_left or 0) - self.price_minor)


def read(action: Action, currency: str, base_currency: str) -> ToFixed | None:
    """None if the author gave no price in the cart's currency."""
    price = money_of(action, currency, base_currency)
    return None if price is None else ToFixed(price)

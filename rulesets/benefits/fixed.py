"""A fixed amount off each unit.

9.99 a unit on lines 1 x 5.00 and 1 x 30.00 takes 5.00 and 9.99: never more than a line has left.
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
class Fixed:
    """So many minor units a unit; off shipping once."""

    amount_minor: int

    @property
    def gives_nothing(self) -> bool:
        return self.amount_minor == 0

    def take(
        self,
        cart: RunningCart,
        lines: Sequence[int],
        units: Sequence[int] | None,
        shipping_left: int | None,
    ) -> tuple[list[int], int]:
        amount, left = self.amount_minor, cart.left
        counts = [cart.units[i] for i in lines] if units is None else units
        parts = spread([count * amount for count in counts], SCALE, [left[i] for i in lines])
        return parts, min(amount, shipping_left or 0)


def read(action: Action, currency: str, base_currency: str) -> Fixed | None:
    """None if the author gave no amount in the cart's currency."""
    amount = money_of(action, currency, base_currency)
    return None if amount is None else Fixed(amount)

"""A fixed amount off the whole cart, shared by what the lines have left.

10.00 on lines with 5.00 and 15.00 left takes 2.50 and 7.50. Where shipping takes part, it is one
more share, the last one. The sum is the amount exactly, unless less than that is left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rulesets.allocation import spread
from rulesets.benefits.benefit import Action
from rulesets.benefits.benefit import money_of
from rulesets.running import RunningCart


@dataclass(frozen=True, slots=True)
class CartFixed:
    """So many minor units once."""

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
        left = [cart.left[i] for i in lines]
        left.append(shipping_left or 0)
        total = sum(left)
        if not total:
            return [0] * len(lines), 0
        amount = min(self.amount_minor, total)
        *parts, shipping = spread([share * amount for share in left], total, left)
        return parts, shipping


def read(action: Action, currency: str, base_currency: str) -> CartFixed | None:
    """None if the author gave no amount in the cart's currency."""
    amount = money_of(action, currency, base_currency)
    return None if amount is None else CartFixed(amount)

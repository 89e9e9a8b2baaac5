"""Buy X, get Y free, on each line: of 5 with X = 2 and Y = 1 one is free, of 6 two.

With q units: full = floor(q / (X + Y)), left = q - full (X + Y), and free are
full Y + max(0, left - X) (FEATURES A4). The shopper puts the free units into the cart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rulesets.allocation import spread
from rulesets.benefits.benefit import Action
from rulesets.benefits.benefit import scaled_of
from rulesets.question import SCALE
from rulesets.question import rounded
from rulesets.running import RunningCart


@dataclass(frozen=True, slots=True)
class BuyXGetY:
    """Both quantities in parts of SCALE."""

    buy: int
    get: int

    @property
    def gives_nothing(self) -> bool:
        return self.get == 0

    def take(
        self,
        cart: RunningCart,
        lines: Sequence[int],
        units: Sequence[int] | None,
        shipping_left: int | None,
    ) -> tuple[list[int], int]:
        counts = [cart.units[i] for i in lines] if units is None else units
        free = [self.free(count) for count in counts]
        exact = [count * cart.price[i] for i, count in zip(lines, free, strict=True)]
        parts = spread(exact, SCALE, [cart.left[i] for i in lines])
        if not shipping_left or not cart.items_quantity:
            return parts, 0
        # Shipping costs as much for each unit of the cart; that of the free units is free.
        share = rounded(shipping_left * sum(free), cart.items_quantity)
        return parts, min(share, shipping_left)

    def free(self, count: int) -> int:
        """Of so many units, so many are free."""
        if not self.buy:
            return 0
        full, left = divmod(count, self.buy + self.get)
        return full * self.get + max(0, left - self.buy)


def read(action: Action, _currency: str, _base: str) -> BuyXGetY:
    """Needs no currency."""
    return BuyXGetY(scaled_of(action.get("step")), scaled_of(action["amount"]))

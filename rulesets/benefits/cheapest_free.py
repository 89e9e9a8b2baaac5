"""Of every n units, the m cheapest are free: 3 for 2 over several lines.

All eligible lines count together, with their whole units. Of 7 units with n = 3 and m = 1 the two
cheapest of all are free. The list price says which is cheapest; at equal prices the earlier line.
A line with nothing left to take, such as a gift, does not count: it would be the cheapest, and the
shopper would get nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rulesets.allocation import spread
from rulesets.benefits.benefit import Action
from rulesets.question import SCALE
from rulesets.running import RunningCart


@dataclass(frozen=True, slots=True)
class CheapestFree:
    """`free` units of every `of`."""

    of: int
    free: int

    @property
    def gives_nothing(self) -> bool:
        return self.free == 0

    def take(
        self,
        cart: RunningCart,
        lines: Sequence[int],
        units: Sequence[int] | None,
        shipping_left: int | None,
    ) -> tuple[list[int], int]:
        whole = {i: cart.units[i] // SCALE if cart.left[i] else 0 for i in lines}
        to_give = sum(whole.values()) // self.of * self.free if self.of else 0
        taken = dict.fromkeys(lines, 0)
        for i in sorted(lines, key=lambda line: (cart.price[line], line)):
            taken[i] = min(whole[i], to_give)
            to_give -= taken[i]
        exact = [count * cart.price[i] for i, count in taken.items()]
        return spread(exact, 1, [cart.left[i] for i in lines]), 0


def read(action: Action, _currency: str, _base: str) -> CheapestFree:
    """Needs no currency."""
    return CheapestFree(int(action.get("step") or 0), int(action["amount"]))

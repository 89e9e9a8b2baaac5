"""Percent of what a line still costs: percentages of several rules compound.

10 % and then 10 % of 100.00 is 10.00 and 9.00. The base is `quantity x price - discounts already
on the line`; with a maximum quantity only that many units count, against all earlier discounts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd

from rulesets.allocation import spread
from rulesets.benefits.benefit import Action
from rulesets.benefits.benefit import ratio_of
from rulesets.question import SCALE
from rulesets.question import rounded
from rulesets.running import RunningCart


@dataclass(frozen=True, slots=True)
class Percent:
    """`numerator / denominator` of each line: 12.5 % is 1 / 8."""

    numerator: int
    denominator: int

    @property
    def gives_nothing(self) -> bool:
        return self.numerator == 0

    def take(
        self,
        cart: RunningCart,
        lines: Sequence[int],
        units: Sequence[int] | None,
        shipping_left: int | None,
    ) -> tuple[list[int], int]:
        rate, discount, left = self.numerator, cart.discount, cart.left
        if units is None:
            scale, gross = cart.scale, cart.gross
            exact = [max(0, gross[i] - discount[i] * scale) * rate for i in lines]
        else:
            scale, price = SCALE, cart.price
            exact = [
                max(0, count * price[i] - discount[i] * SCALE) * rate
                for i, count in zip(lines, units, strict=True)
            ]
        parts = spread(exact, scale * self.denominator, [left[i] for i in lines])
        return parts, rounded((shipping_left or 0) * rate, self.denominator)


def read(action: Action, currency: str, base_currency: str) -> Percent:
    """A percentage needs no currency; above 100 it is 100."""
    numerator, denominator = ratio_of(action["amount"])
    numerator, denominator = min(numerator, 100 * denominator), 100 * denominator
    common = gcd(numerator, denominator)
    return Percent(numerator // common, denominator // common)

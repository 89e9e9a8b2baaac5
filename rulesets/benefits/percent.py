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
        rate = self.numerator
        shipping = rounded(shipping_left * rate, self.denominator) if shipping_left else 0
        if units is None:
            return self._of_whole_lines(cart, lines), shipping
        discount, left, price = cart.discount, cart.left, cart.price
        exact = [
            max(0, count * price[i] - discount[i] * SCALE) * rate
            for i, count in zip(lines, units, strict=True)
        ]
        return spread(exact, SCALE * self.denominator, [left[i] for i in lines]), shipping

    def _of_whole_lines(self, cart: RunningCart, lines: Sequence[int]) -> list[int]:
        """`spread`, with the exact amounts made on the way: most rules of most carts come here."""
        if cart.is_plain:
            return self._of_what_is_left(cart.left, lines)
        rate, scale = self.numerator, cart.scale
        gross, discount, left = cart.gross, cart.discount, cart.left
        denominator = scale * self.denominator
        doubled, carry = 2 * denominator, denominator
        parts = []
        for i in lines:
            amount, most = (gross[i] - discount[i] * scale) * rate, left[i] * denominator
            if amount > most:
                amount = most
            if amount > 0:
                carry += 2 * amount
            part = carry // doubled
            carry -= part * doubled
            parts.append(part)
        return parts

    def _of_what_is_left(self, left: Sequence[int], lines: Sequence[int]) -> list[int]:
        """The same where what a line has left is what it costs: then no amount is too large."""
        doubled, carry, twice = 2 * self.denominator, self.denominator, 2 * self.numerator
        parts = []
        for i in lines:
            part, carry = divmod(carry + left[i] * twice, doubled)
            parts.append(part)
        return parts


def read(action: Action, _currency: str, _base: str) -> Percent:
    """A percentage needs no currency."""
    return percent_of(action["amount"])


def percent_of(amount: object) -> Percent:
    """So many percent; above 100 it is 100."""
    numerator, denominator = ratio_of(amount)
    numerator, denominator = min(numerator, 100 * denominator), 100 * denominator
    common = gcd(numerator, denominator)
    return Percent(numerator // common, denominator // common)

"""The more, the better: from so many units, or from such an amount on, another discount.

The eligible lines count together, before any discount. The highest tier they reach gives its
percentage, or its fixed amount: off each unit where tiers go by quantity, once for all lines where
they go by amount.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rulesets.benefits.benefit import Action
from rulesets.benefits.benefit import Benefit
from rulesets.benefits.benefit import money_of
from rulesets.benefits.benefit import scaled_of
from rulesets.benefits.cart_fixed import CartFixed
from rulesets.benefits.fixed import Fixed
from rulesets.benefits.percent import percent_of
from rulesets.running import RunningCart


@dataclass(frozen=True, slots=True)
class Tiered:
    """`tiers`: from how much on (units in parts of SCALE, or minor units), highest first."""

    by_quantity: bool
    tiers: tuple[tuple[int, Benefit], ...]

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
        benefit = self.reached(cart, lines)
        if benefit is None:
            return [0] * len(lines), 0
        return benefit.take(cart, lines, units, None)

    def reached(self, cart: RunningCart, lines: Sequence[int]) -> Benefit | None:
        """What the highest tier gives that the lines reach; None if they reach none."""
        measured = cart.units if self.by_quantity else cart.subtotals
        whole = sum(measured[i] for i in lines)
        return next((benefit for least, benefit in self.tiers if whole >= least), None)


def read(action: Action, currency: str, base_currency: str) -> Tiered | None:
    """None if one of its tiers has no amount in the cart's currency."""
    by_quantity = action["by"] == "quantity"
    fixed = Fixed if by_quantity else CartFixed
    tiers = []
    for tier in action["tiers"]:
        least = (
            scaled_of(tier["from"])
            if by_quantity
            else money_of(tier, currency, base_currency, "from", "from_amounts")
        )
        benefit = _benefit(tier, currency, base_currency, fixed)
        if least is None or benefit is None:
            return None
        tiers.append((least, benefit))
    return Tiered(by_quantity, tuple(sorted(tiers, key=lambda tier: -tier[0])))


def _benefit(
    tier: Mapping[str, Any], currency: str, base_currency: str, fixed: Callable[[int], Benefit]
) -> Benefit | None:
    if "percent" in tier:
        return percent_of(tier["percent"])
    amount = money_of(tier, currency, base_currency, "fixed")
    return None if amount is None else fixed(amount)

"""What every action type is: an exact amount for each line, and one for shipping."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from typing import Protocol

from aggregates.kernel.money import parse_money
from rulesets.question import scaled
from rulesets.running import RunningCart

Action = Mapping[str, Any]


class Benefit(Protocol):
    """An action with its amounts in one currency."""

    @property
    def gives_nothing(self) -> bool:
        """Whether its author asked for no discount at all (0 %): then giving none is no failure."""

    def take(
        self,
        cart: RunningCart,
        lines: Sequence[int],
        units: Sequence[int] | None,
        shipping_left: int | None,
    ) -> tuple[list[int], int]:
        """The part of each of `lines`, and of shipping unless its rest is None. Changes nothing.

        `units` are the discounted quantities in parts of `SCALE`, None for all of each line.
        """


def money_of(
    given: Mapping[str, Any],
    currency: str,
    base_currency: str,
    name: str = "amount",
    others: str = "amounts",
) -> int | None:
    """The amount of that name in the cart's currency; None if its author gave none in it."""
    if currency == base_currency:
        return parse_money(_plain(given[name]), currency)
    amounts = given.get(others) or {}
    return parse_money(_plain(amounts[currency]), currency) if currency in amounts else None


def ratio_of(value: object) -> tuple[int, int]:
    """A decimal as an exact ratio in lowest terms: 12.5 is (25, 2)."""
    return Decimal(str(value)).as_integer_ratio()


def scaled_of(value: object) -> int:
    """A quantity as its author wrote it, in parts of SCALE; none is 0."""
    return scaled(Decimal(str(value or 0)))


def _plain(value: object) -> object:
    """An amount as money reads it: text stays, and 10.00 as a Decimal is 10."""
    return value if isinstance(value, str) else Decimal(str(value)).normalize()

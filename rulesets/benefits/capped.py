"""At most so much in all: any action under the cap of its rule.

20 % off, at most 30.00: where the action would take more, every part shrinks in proportion.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rulesets.allocation import spread
from rulesets.benefits.benefit import Benefit
from rulesets.running import RunningCart


@dataclass(frozen=True, slots=True)
class Capped:
    """A benefit and the most it may take, in minor units, lines and shipping together."""

    benefit: Benefit
    most_minor: int

    @property
    def gives_nothing(self) -> bool:
        return self.benefit.gives_nothing

    def take(
        self,
        cart: RunningCart,
        lines: Sequence[int],
        units: Sequence[int] | None,
        shipping_left: int | None,
    ) -> tuple[list[int], int]:
        parts, shipping = self.benefit.take(cart, lines, units, shipping_left)
        total = sum(parts) + shipping
        if total <= self.most_minor:
            return parts, shipping
        every = [*parts, shipping]
        *parts, shipping = spread([part * self.most_minor for part in every], total, every)
        return parts, shipping

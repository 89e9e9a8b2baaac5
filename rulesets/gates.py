"""Gates: which units of a line count for an action."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rulesets.benefits.benefit import scaled_of

TOGETHER = frozenset({"tiered", "cheapest_free", "bundle_price"})
"""Actions that count units of all lines together, and no line by itself."""
_IN_STEPS = frozenset({"percent", "fixed"})


@dataclass(frozen=True, slots=True)
class Gate:
    """At most `most` units, in whole steps of `step`; lines of `at_most_skipped` units or fewer do
    not count at all. All in parts of SCALE, 0 is none."""

    step: int = 0
    most: int = 0
    at_most_skipped: int = 0

    def units(self, quantity: int) -> int | None:
        """The units that count; None if the line is too small.

        Step 10: of 23.5 come 20, of 9 none. At most 3 of 5: 3.
        """
        if self.step > quantity or 0 < quantity <= self.at_most_skipped:
            return None
        counted = min(quantity, self.most) if self.most else quantity
        return counted // self.step * self.step if self.step else counted


def gate_of(action: Mapping[str, Any]) -> Gate | None:
    """The gate of an action; None if every unit counts (FEATURES A7 to A9)."""
    step, most = scaled_of(action.get("step")), scaled_of(action.get("max_quantity"))
    if action["type"] == "buy_x_get_y":
        return Gate(most=most, at_most_skipped=step)
    if action["type"] not in _IN_STEPS or not (step or most):
        return None
    return Gate(step, most)

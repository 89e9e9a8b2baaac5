"""Claims: a comparison of one thing that is to be true, or to be false."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rulesets.attributes import Type
from rulesets.operators import NEGATIVES
from rulesets.operators import holds

Spend = Callable[[int], None]
"""Told how many comparisons are about to be made; raises when they are too many."""

_TURNED = {">": "<=", ">=": "<", "<": ">=", "<=": ">"}


@dataclass(frozen=True, slots=True)
class Claim:
    """One comparison. To be false, it may also be one that cannot be made at all."""

    operator: str
    wanted: Any
    positive: bool

    @property
    def exists(self) -> bool:
        """Whether one value out of several is enough."""
        return self.positive is (self.operator not in NEGATIVES)

    def accepts(self, kind: Type, actual: Any) -> bool:
        """Whether a value is as claimed."""
        return holds(self.operator, kind, actual, self.wanted) is self.positive

    def of_comparable(self) -> Claim:
        """The same about values that can be compared, by a positive operator."""
        positive = NEGATIVES.get(self.operator)
        if positive is not None:
            return Claim(positive, self.wanted, not self.positive)
        if not self.positive and self.operator in _TURNED:
            return Claim(_TURNED[self.operator], self.wanted, True)
        return self


@dataclass(frozen=True, slots=True)
class Subject:
    """What is compared: its type, its least and greatest value, whether it is always there, and
    whether it may have several values, of which one that holds is enough."""

    kind: Type
    low: int | None = None
    high: int | None = None
    always: bool = False
    several: bool = False

"""Readiness: from 0 to 100, how much of a full and varied unit a type can give (FEATURES P8).

It is the mean of two percentages, each at most 100 and rounded down:

    of a ranking    size     products ranked, of 100: five units of the largest size
                    variety  the effective number of products, (sum of scores)^2 / sum of scores^2,
                             of 20: the same score for 20 products gives 100, one of all gives 5
    of neighbours   size     of the times that any product occurred, those of a product that has at
                             least 5 neighbours: a full unit of the usual size
                    variety  different products among the first 5 of all, of those that occurred

Example: 60 products ranked, all with the same score: size 60, variety 100, readiness 80. A shop of
many products that occur once or twice never reaches 100, and need not.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import Literal

HIGHLY_RELEVANT_MIN = 75
"""From here on what is shown is highly relevant."""
LESS_RELEVANT_MIN = 50
"""From here on it is less relevant; below, a unit shows its backup."""
RANKED_ENOUGH = 100
EFFECTIVE_ENOUGH = 20
UNIT_PRODUCTS = 5

Relevance = Literal["high", "less", "insufficient"]


def relevance(readiness: int) -> Relevance:
    """What a readiness means to whoever reads it."""
    if readiness >= HIGHLY_RELEVANT_MIN:
        return "high"
    return "less" if readiness >= LESS_RELEVANT_MIN else "insufficient"


def of_ranking(scores: Sequence[int]) -> int:
    """The readiness of a ranking."""
    if not scores:
        return 0
    size = _percent(len(scores), RANKED_ENOUGH)
    squares = sum(score * score for score in scores)
    variety = _percent(sum(scores) ** 2, EFFECTIVE_ENOUGH * squares)
    return (size + variety) // 2


@dataclass(slots=True)
class OfNeighbours:
    """Gathers what the readiness of neighbours needs, product by product."""

    _full: set[str] = field(default_factory=set)
    _shown: set[str] = field(default_factory=set)

    def add(self, sku: str, others: Sequence[str]) -> None:
        """A product with its neighbours, best first."""
        if len(others) >= UNIT_PRODUCTS:
            self._full.add(sku)
        self._shown.update(others[:UNIT_PRODUCTS])

    def figure(self, occurrences: Iterable[tuple[str, int]]) -> int:
        """The readiness, among all products that occurred and how often each did."""
        products = times = served = 0
        for sku, count in occurrences:
            products += 1
            times += count
            served += count if sku in self._full else 0
        return (_percent(served, times) + _percent(len(self._shown), products)) // 2


def _percent(part: int, whole: int) -> int:
    return min(100, 100 * part // whole) if whole else 0

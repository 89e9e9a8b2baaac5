"""Readiness: from 0 to 100, how much of a full and varied unit a type can give (FEATURES P8).

It is the mean of two percentages, each at most 100 and rounded down:

    of a ranking    size     products ranked, of 100 (five units of the largest size)
                    variety  the effective number of products, (sum of scores)^2 / sum of scores^2,
                             of 20: ten orders each for 20 products give 100, all for one give 5

Example: 60 products ranked, all with the same score: size 60, variety 100, readiness 80.
"""

from __future__ import annotations

from collections.abc import Sequence

HIGHLY_RELEVANT_MIN = 75
"""From here on what is shown is highly relevant."""
LESS_RELEVANT_MIN = 50
"""From here on it is less relevant; below, a unit shows its backup."""
RANKED_ENOUGH = 100
EFFECTIVE_ENOUGH = 20


def of_ranking(scores: Sequence[int]) -> int:
    """The readiness of a ranking."""
    if not scores:
        return 0
    size = _percent(len(scores), RANKED_ENOUGH)
    squares = sum(score * score for score in scores)
    variety = _percent(sum(scores) ** 2, EFFECTIVE_ENOUGH * squares)
    return (size + variety) // 2


def _percent(part: int, whole: int) -> int:
    return min(100, 100 * part // whole) if whole else 0

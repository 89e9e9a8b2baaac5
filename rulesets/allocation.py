"""Allocation: exact amounts to whole minor units, so that parts sum to the rounded whole.

Line i receives `round_half_up(e_1+..+e_i) - round_half_up(e_1+..+e_(i-1))`, where e_i is its exact
amount, limited to the whole units the line has left. The fraction is carried to the next line, so
rounding errors never add up, and as e_i is never above what is left, neither is the part.
"""

from __future__ import annotations

from collections.abc import Iterable


def spread(exact: Iterable[int], denominator: int, left: Iterable[int]) -> list[int]:
    """Whole parts of the amounts `exact[i] / denominator`, each at most `left[i]`.

    9.99 on each of two lines with 5.00 and 30.00 left: `spread([999, 999], 1, [500, 3000])` is
    `[500, 999]`. A third of 1.00 on each of three lines: `spread([100] * 3, 3, [100] * 3)` is
    `[33, 34, 33]`.
    """
    doubled = 2 * denominator
    carry = denominator  # (exact sum so far + 1/2 - what was given) in parts of `doubled`
    parts = []
    for amount, limit in zip(exact, left, strict=True):
        most = limit * denominator
        carry += 2 * (amount if amount < most else most)
        part = carry // doubled
        carry -= part * doubled
        parts.append(part)
    return parts

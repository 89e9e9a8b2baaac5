"""How far a sample can be off.

Of N decisions n are looked at, drawn without replacement and all alike. The total of a measure y is
estimated by expansion, N times the sample's mean. Its standard error is

    N * sqrt((1 - n/N) * s2 / n),    s2 = (sum of y*y - (sum of y)**2 / n) / (n - 1)

(Cochran, Sampling Techniques, 3rd edition 1977, equations 2.13 and 2.20: simple random sampling
with the finite population correction), and the interval is 1.96 of these to both sides. Differences
are estimated from the differences of each decision, not as the difference of two estimates: most
are 0, so this is much narrower (Cochran, section 2.11). A sample whose size was drawn is one of
these, given its size.

Shares, such as of the decisions that change, get Wilson's score interval (1927), which does not
collapse when the sample has none of them; the correction makes of n the size n * (N-1)/(N-n).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

Z = 1.959963984540054
"""97.5 % of the standard normal distribution lie below it."""
CHANGED_MIN = 30
"""With fewer decisions in the sample for which a measure is not 0, its interval is a rough one."""


@dataclass(slots=True)
class Moments:
    """What is kept of a measure: how often it is not 0, the sum, and the sum of squares."""

    nonzero: int = 0
    total: int = 0
    squares: int = 0

    def add(self, value: int) -> None:
        """One decision's."""
        if value:
            self.nonzero += 1
            self.total += value
            self.squares += value * value

    def merge(self, other: Moments) -> None:
        """Those of other decisions."""
        self.nonzero += other.nonzero
        self.total += other.total
        self.squares += other.squares


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimated total with the bounds between which it lies with 95 % confidence, if `is_sound`;
    else too few decisions have the measure at all for the normal distribution to hold."""

    value: int
    low: int
    high: int
    is_sound: bool


def total_of(moments: Moments, sampled: int, population: int) -> Interval:
    """The total over the population of a measure that the sample has these moments of."""
    if sampled < 2:
        only = moments.total * population
        return Interval(only, only, only, sampled == population)
    value = moments.total * population / sampled
    spread = moments.squares - moments.total * moments.total / sampled
    variance = max(0.0, spread) / (sampled - 1)
    error = population * math.sqrt(max(0.0, 1 - sampled / population) * variance / sampled)
    is_sound = sampled == population or moments.nonzero >= CHANGED_MIN
    return Interval(round(value), round(value - Z * error), round(value + Z * error), is_sound)


def count_of(found: int, sampled: int, population: int) -> Interval:
    """How many of the population are what `found` of the sample are."""
    if sampled == 0:
        return Interval(0, 0, population, False)
    if sampled >= population:
        return Interval(found, found, found, True)
    size = sampled * (population - 1) / (population - sampled)
    share = found / sampled
    middle = (share + Z * Z / (2 * size)) / (1 + Z * Z / size)
    half = Z / (1 + Z * Z / size) * math.sqrt(share * (1 - share) / size + (Z / (2 * size)) ** 2)
    low, high = population * (middle - half), population * (middle + half)
    return Interval(round(share * population), max(found, round(low)), round(high), True)

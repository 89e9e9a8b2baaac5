"""Fakes of what the outside gives: a clock that is set, randomness that repeats."""

from __future__ import annotations

import random

NOON = 1_795_435_200_000_000
"""2026-11-23 12:00 UTC, where tests' clocks begin."""


class SettableClock:
    """Stands still until it is set or moved."""

    def __init__(self, moment: int = NOON) -> None:
        self.moment = moment

    def now(self) -> int:
        return self.moment

    def advance(self, micros: int) -> None:
        self.moment += micros


class SeededRandom:
    """The same bits in every run."""

    def __init__(self, seed: int = 1) -> None:
        self._source = random.Random(seed)

    def bits(self, count: int) -> int:
        return self._source.getrandbits(count)

"""Python's garbage collector, set for what a process does all day.

Pages of events and decisions make many short-lived objects without cycles. Looking through them
for cycles again and again took more than a quarter of the follower's time.
"""

from __future__ import annotations

import gc

_OF_A_PAGE = 500_000
"""Objects made and still alive before the collector looks: more than a page of large orders has."""
_OF_A_REQUEST = 50_000
"""More than the decision of a large cart has, so that no request pays in its midst."""


def set_for_folding() -> None:
    """For followers. Call it once, started."""
    _set(_OF_A_PAGE)


def set_for_requests() -> None:
    """For web workers. Call it once, started."""
    _set(_OF_A_REQUEST)


def _set(young: int) -> None:
    """What is alive now stays unexamined; what comes is examined seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(young, 10, 10)

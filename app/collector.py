"""Python's garbage collector, set for a process that folds pages of events.

A page of a thousand orders makes a hundred thousand short-lived objects without cycles. Looking
through them for cycles again and again took more than a quarter of the follower's time.
"""

from __future__ import annotations

import gc

_YOUNG = 500_000
"""Objects made and still alive before the collector looks: more than a page of large orders has."""


def set_for_folding() -> None:
    """What is alive now stays unexamined; what comes is examined seldom. Call it once, started."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, 10, 10)

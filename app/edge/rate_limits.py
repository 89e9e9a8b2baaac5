"""Allowances of public clients: token buckets per `collect` key and per anonymous id.

Buckets live in the memory of one process, so N workers together allow N times as much; they hold
back a runaway page or a script, they do not meter.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from collections.abc import Iterable
from threading import Lock

from aggregates.kernel.limits import COLLECT_ANONYMOUS_BURST
from aggregates.kernel.limits import COLLECT_ANONYMOUS_PER_S
from aggregates.kernel.limits import COLLECT_KEY_BURST
from aggregates.kernel.limits import COLLECT_KEY_PER_S
from app.edge.problems import TooMany

BUCKETS_MAX = 100_000


class Buckets:
    """One bucket a name: it holds `burst` tokens and gets `per_s` of them back a second."""

    def __init__(
        self, per_s: float, burst: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_s = per_s
        self._burst = burst
        self._clock = clock
        self._lock = Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, name: str, count: int = 1) -> None:
        """Takes tokens, or raises TooMany and takes none."""
        now = self._clock()
        with self._lock:
            tokens, at = self._buckets.pop(name, (self._burst, now))
            tokens = min(self._burst, tokens + (now - at) * self._per_s)
            enough = tokens >= count
            self._buckets[name] = (tokens - count if enough else tokens, now)
            if len(self._buckets) > BUCKETS_MAX:
                self._buckets.popitem(last=False)
        if not enough:
            wait = max(1, math.ceil((count - tokens) / self._per_s))
            raise TooMany("too_many_requests", "slow down", retry_after_s=wait)


class RateLimits:
    """The allowances of the service."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._keys = Buckets(COLLECT_KEY_PER_S, COLLECT_KEY_BURST, clock)
        self._anonymous = Buckets(COLLECT_ANONYMOUS_PER_S, COLLECT_ANONYMOUS_BURST, clock)

    def take_key(self, key_id: str) -> None:
        """One request of a `collect` key."""
        self._keys.take(key_id)

    def take_anonymous(self, site: str, anonymous_ids: Iterable[str]) -> None:
        """One message of each of these ids; an id that comes twice takes two."""
        counts: dict[str, int] = {}
        for name in anonymous_ids:
            counts[name] = counts.get(name, 0) + 1
        for name, count in counts.items():
            self._anonymous.take(f"{site}/{name}", count)

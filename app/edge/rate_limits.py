"""Allowances: token buckets of public clients, and of whoever guesses coupon codes.

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
from aggregates.kernel.limits import GUESSED_CODES_BURST
from aggregates.kernel.limits import GUESSED_CODES_KEY_BURST
from aggregates.kernel.limits import GUESSED_CODES_KEY_PER_S
from aggregates.kernel.limits import GUESSED_CODES_PER_S
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
        if not self._took(name, count):
            raise self._too_many(name, count)

    def check(self, name: str) -> None:
        """TooMany unless a token is there; takes none."""
        if self._tokens(name) < 1:
            raise self._too_many(name, 1)

    def spend(self, name: str, count: int) -> None:
        """Takes tokens for what was done already, as many as there are."""
        if not self._took(name, count):
            self._took(name, self._tokens(name))

    def _took(self, name: str, count: float) -> bool:
        now = self._clock()
        with self._lock:
            tokens, at = self._buckets.pop(name, (self._burst, now))
            tokens = min(self._burst, tokens + (now - at) * self._per_s)
            enough = tokens >= count
            self._buckets[name] = (tokens - count if enough else tokens, now)
            if len(self._buckets) > BUCKETS_MAX:
                self._buckets.popitem(last=False)
        return enough

    def _tokens(self, name: str) -> float:
        now = self._clock()
        with self._lock:
            tokens, at = self._buckets.get(name, (self._burst, now))
        return min(self._burst, tokens + (now - at) * self._per_s)

    def _too_many(self, name: str, count: int) -> TooMany:
        wait = max(1, math.ceil((count - self._tokens(name)) / self._per_s))
        return TooMany("too_many_requests", "slow down", retry_after_s=wait)


class RateLimits:
    """The allowances of the service."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._keys = Buckets(COLLECT_KEY_PER_S, COLLECT_KEY_BURST, clock)
        self._anonymous = Buckets(COLLECT_ANONYMOUS_PER_S, COLLECT_ANONYMOUS_BURST, clock)
        self._guesses_of_key = Buckets(GUESSED_CODES_KEY_PER_S, GUESSED_CODES_KEY_BURST, clock)
        self._guesses = Buckets(GUESSED_CODES_PER_S, GUESSED_CODES_BURST, clock)

    def take_key(self, key_id: str) -> None:
        """One request of a `collect` key."""
        self._keys.take(key_id)

    def may_guess(self, key_id: str, shopper: str | None) -> None:
        """Whether a key, and a shopper, may try a code; TooMany if they guessed too often."""
        try:
            self._guesses_of_key.check(key_id)
            if shopper is not None:
                self._guesses.check(shopper)
        except TooMany as error:
            detail = "too many codes that do not exist were tried"
            raise TooMany("too_many_guesses", detail, **error.data) from None

    def guessed(self, key_id: str, shopper: str | None, count: int) -> None:
        """So many codes of a request did not exist."""
        self._guesses_of_key.spend(key_id, count)
        if shopper is not None:
            self._guesses.spend(shopper, count)

    def take_anonymous(self, site: str, anonymous_ids: Iterable[str]) -> None:
        """One message of each of these ids; an id that comes twice takes two."""
        counts: dict[str, int] = {}
        for name in anonymous_ids:
            counts[name] = counts.get(name, 0) + 1
        for name, count in counts.items():
            self._anonymous.take(f"{site}/{name}", count)

"""A bounded memory of what was looked up lately. It forgets everything after a while.

Forgetting is what bounds how long a process goes on using a key that another one destroyed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from collections.abc import Hashable
from typing import Generic
from typing import TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(Generic[K, V]):
    """At most `size` entries, none older than `seconds`; safe for threads."""

    def __init__(
        self, size: int, seconds: float, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._size = size
        self._seconds = seconds
        self._monotonic = monotonic
        self._until = monotonic() + seconds
        self._entries: dict[K, V] = {}

    def get(self, key: K) -> V | None:
        """The entry, if it is remembered."""
        now = self._monotonic()
        if now >= self._until:
            self._entries, self._until = {}, now + self._seconds
        return self._entries.get(key)

    def put(self, key: K, value: V) -> None:
        """Remembers an entry; a full memory starts anew."""
        if len(self._entries) >= self._size:
            self._entries = {}
        self._entries[key] = value

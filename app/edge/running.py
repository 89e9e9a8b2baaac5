"""Which idempotency keys this process is answering right now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from aggregates.kernel.errors import Conflict


class Running:
    """A set of scopes; entering one that is inside is a conflict. Between processes the unique key
    in the log decides: the second append gets the first one's answer."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._scopes: set[str] = set()

    @contextmanager
    def entered(self, scope: str) -> Iterator[None]:
        """Holds the scope; Conflict `in_progress` if another request holds it."""
        with self._lock:
            if scope in self._scopes:
                raise Conflict("in_progress", "the first request with this key is still running")
            self._scopes.add(scope)
        try:
            yield
        finally:
            with self._lock:
                self._scopes.discard(scope)

"""Whom the work of this thread has been about: every pseudonym and order that was asked for or
whose sealed part was opened, gathered while somebody listens.

An answer that is kept for a repeat is marked with them, so that an erasure finds it. They are
gathered where no route can pass by: in the key store.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_touched: ContextVar[set[str] | None] = ContextVar("touched", default=None)


@contextmanager
def listening() -> Iterator[set[str]]:
    """The set that fills up until the end of the block."""
    found: set[str] = set()
    token = _touched.set(found)
    try:
        yield found
    finally:
        _touched.reset(token)


def touch(names: Iterable[str]) -> None:
    """Notes names, if somebody listens."""
    found = _touched.get()
    if found is not None:
        found.update(names)


def begin_again() -> None:
    """Forgets what was noted: the work begins anew, with other names."""
    found = _touched.get()
    if found is not None:
        found.clear()

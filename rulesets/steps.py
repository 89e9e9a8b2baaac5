"""Long work in small steps: between two of them whoever waits for the interpreter may have it."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from typing import TypeVar

T = TypeVar("T")
Rest = Callable[[], None]
"""Called after each small step; what it does, and whether, is up to whoever wants the work."""


def unbroken() -> None:
    """No rest: somebody waits for the work to be done."""


def in_steps(items: Iterable[T], rest: Rest) -> Iterator[T]:
    """The same items, with a rest after each."""
    for item in items:
        yield item
        rest()

"""Category paths: a thing in `men/shoes` is in `men` as well."""

from __future__ import annotations

from collections.abc import Iterable


def with_ancestors(paths: Iterable[str]) -> frozenset[str]:
    """Each path and everything above it."""
    found: set[str] = set()
    for path in paths:
        end = len(path)
        while end > 0:
            found.add(path[:end])
            end = path.rfind("/", 0, end)
    return frozenset(found)

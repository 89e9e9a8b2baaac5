"""Groups of rules: how deep they nest, and that none lies within itself."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from aggregates.kernel.errors import Problem
from aggregates.kernel.limits import GROUP_DEPTH_MAX

Group = Mapping[str, Any]


def chain(group: object, pointer: str = "/group") -> Iterator[tuple[str, Group]]:
    """A group, the one that it lies within, and so on: each with its place."""
    while isinstance(group, Mapping):
        yield pointer, group
        group, pointer = group.get("within"), f"{pointer}/within"


def lint_group(group: object) -> Iterator[Problem]:
    """What is wrong with the groups of one rule."""
    seen: set[object] = set()
    for depth, (pointer, one) in enumerate(chain(group), 1):
        if depth > GROUP_DEPTH_MAX:
            yield Problem(pointer, "too_deep", f"groups nest at most {GROUP_DEPTH_MAX} deep")
            return
        if one.get("name") in seen:
            yield Problem(f"{pointer}/name", "group_cycle", "this group lies within itself")
        seen.add(one.get("name"))

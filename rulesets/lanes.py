"""Stacking groups: which rules compete, and how. Groups nest.

`stack` lets all its members apply, `first` only the first that does, `best` only the one that gives
the most, for each line of the cart or for the cart as a whole. A stacking group that stands in no
other one changes nothing, so its rules take their turns like all others.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from typing import Any
from typing import Literal
from typing import NamedTuple

Mode = Literal["stack", "best", "first"]
Per = Literal["line", "cart"]


class Step(NamedTuple):
    """One group on the way from the outermost to a rule's own."""

    name: str
    mode: Mode
    per: Per


@dataclass(frozen=True, slots=True)
class Lane:
    """A group with its members, rule ids and groups, in the order of their first rule."""

    name: str
    mode: Mode
    per: Per
    members: tuple[str | Lane, ...]


@dataclass(slots=True)
class _Open:
    """A group that is being gathered."""

    step: Step
    members: dict[str | tuple[Step, ...], str | _Open] = field(default_factory=dict)

    def lane(self) -> Lane:
        members = tuple(
            member.lane() if isinstance(member, _Open) else member
            for member in self.members.values()
        )
        return Lane(*self.step, members)


def path_of(group: Mapping[str, Any] | None) -> tuple[Step, ...]:
    """The groups of a rule, outermost first; stacking ones outside of all others are left out."""
    path: list[Step] = []
    while group is not None:
        path.insert(0, Step(group["name"], group["mode"], group["per"]))
        group = group.get("within")
    while path and path[0].mode == "stack":
        path.pop(0)
    return tuple(path)


def lanes_of(rules: Iterable[tuple[str, tuple[Step, ...]]]) -> dict[str, Lane]:
    """The outermost group of each rule that is in one; `rules` are ids and paths in their order."""
    outermost: dict[Step, _Open] = {}
    found: dict[str, Step] = {}
    for rule_id, path in rules:
        if not path:
            continue
        found[rule_id] = path[0]
        group = outermost.setdefault(path[0], _Open(path[0]))
        for depth in range(2, len(path) + 1):
            inner = group.members.setdefault(path[:depth], _Open(path[depth - 1]))
            assert isinstance(inner, _Open)
            group = inner
        group.members[rule_id] = rule_id
    lanes = {step: group.lane() for step, group in outermost.items()}
    return {rule_id: lanes[step] for rule_id, step in found.items()}

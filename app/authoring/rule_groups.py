"""Groups over all live rules: rules that name one say the same of it, and none lies in itself."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import Problem
from aggregates.ruleset import Place
from app.authoring.acts import Act
from rulesets.definitions import LiveDefinition
from rulesets.group_linter import chain

KIND = "cart-rules"


@dataclass(frozen=True, slots=True)
class Said:
    """What one rule says of one group, and where in its body."""

    rule: str
    pointer: str
    name: str
    mode: str
    per: str
    within: str | None

    def agrees(self, other: Said) -> bool:
        """Whether both describe the same group."""
        mine = (self.mode, self.per, self.within)
        return mine == (other.mode, other.per, other.within)


def check_groups(published: Mapping[Place, Act], live: Iterable[LiveDefinition]) -> None:
    """InvalidInput with `group_cycle` or `group_contradicts`, at what is published."""
    acts = {id_: act for (kind, id_), act in published.items() if kind == KIND}
    grouped = [rule for rule in live if rule.kind == KIND and rule.body.get("group")]
    if not any(rule.id in acts for rule in grouped):
        return
    said = [one for rule in grouped for one in _said(rule.id, rule.body)]
    mine = [one for one in said if one.rule in acts]
    first = {one.name: one for one in reversed(mine)}
    first |= {one.name: one for one in said if one.rule not in acts}
    outer: dict[str, set[str]] = {}
    for one in said:
        if one.within is not None:
            outer.setdefault(one.name, set()).add(one.within)
    problems = []
    for one in mine:
        pointer = f"{acts[one.rule].pointer}/body{one.pointer}"
        if _lies_in_itself(one.name, outer):
            detail = f"{one.name[:64]} lies within itself, through what other rules say"
            problems.append(Problem(f"{pointer}/name", "group_cycle", detail))
        elif not one.agrees(first[one.name]):
            detail = f"{first[one.name].rule} says otherwise of the group {one.name[:64]}"
            problems.append(Problem(pointer, "group_contradicts", detail))
    if problems:
        raise InvalidInput(problems)


def _said(rule: str, body: Mapping[str, Any]) -> Iterator[Said]:
    for pointer, group in chain(body.get("group")):
        within = group.get("within")
        yield Said(
            rule,
            pointer,
            group["name"],
            group["mode"],
            group["per"],
            within["name"] if within is not None else None,
        )


def _lies_in_itself(name: str, outer: Mapping[str, set[str]]) -> bool:
    seen: set[str] = set()
    ahead = [name]
    while ahead:
        for further in outer.get(ahead.pop(), ()):
            if further == name:
                return True
            if further not in seen:
                seen.add(further)
                ahead.append(further)
    return False

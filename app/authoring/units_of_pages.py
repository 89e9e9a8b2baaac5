"""Recommendation units among each other: so many on a type of page, each of one type for ever."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

from aggregates.kernel.errors import Conflict
from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import Problem
from aggregates.kernel.limits import UNITS_OF_PAGE_MAX
from aggregates.ruleset import Place
from app.authoring.acts import Act
from rulesets.definitions import LiveDefinition

KIND = "recommendation-units"
_FIXED = ("page_type", "type")


def check_units(published: Mapping[Place, Act], live: Iterable[LiveDefinition]) -> None:
    """InvalidInput `too_many_on_page` for each published one of a page that is full (P3)."""
    if not any(kind == KIND for kind, _ in published):
        return
    units = {one.id: one.body["page_type"] for one in live if one.kind == KIND}
    counts = Counter(units.values())
    problems = [
        Problem(
            f"{act.pointer}/body/page_type",
            "too_many_on_page",
            f"at most {UNITS_OF_PAGE_MAX} units are live on a type of page: archive some",
        )
        for (kind, id_), act in published.items()
        if kind == KIND and counts[units[id_]] > UNITS_OF_PAGE_MAX
    ]
    if problems:
        raise InvalidInput(problems)


def refuse_another_kind_of_unit(
    kind: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    """Conflict `type_is_fixed` if a unit would change its page or its type (FEATURES P5): what was
    measured of it would be of another unit."""
    changed = [name for name in _FIXED if before.get(name) != after.get(name)]
    if kind == KIND and changed:
        detail = f"{' and '.join(changed)} of a unit stays as it was saved first: draft another one"
        raise Conflict("type_is_fixed", detail)

"""One ranking for a category and store view (FEATURES CM1): else nobody could say which counts."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping

from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import Problem
from aggregates.ruleset import Place
from app.authoring.acts import Act
from rulesets.category_rankings import path_of
from rulesets.definitions import LiveDefinition
from rulesets.definitions import normal

KIND = "category-rankings"


def check_rankings(published: Mapping[Place, Act], live: Iterable[LiveDefinition]) -> None:
    """InvalidInput `category_ranked_twice` for each published one that meets another live one."""
    if not any(kind == KIND for kind, _ in published):
        return
    of_category: dict[str, list[LiveDefinition]] = {}
    for definition in live:
        if definition.kind == KIND:
            of_category.setdefault(path_of(definition.body["category"]), []).append(definition)
    problems = []
    for (kind, id_), act in published.items():
        if kind != KIND:
            continue
        for rivals in of_category.values():
            own = next((one for one in rivals if one.id == id_), None)
            for other in rivals:
                if own is not None and other is not own and _meet(own, other):
                    detail = f"{other.id} ranks this category in the same store view"
                    place = f"{act.pointer}/body/category"
                    problems.append(Problem(place, "category_ranked_twice", detail))
    if problems:
        raise InvalidInput(problems)


def _meet(one: LiveDefinition, other: LiveDefinition) -> bool:
    """Whether both count in some store view; times do not part them, as either may be resumed."""
    views, others = normal(one.body.get("store_views")), normal(other.body.get("store_views"))
    return views is None or others is None or not views.isdisjoint(others)

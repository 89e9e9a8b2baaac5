"""What is refused of a category ranking beyond the shape of its fields."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from aggregates.kernel.canonical import canonical
from aggregates.kernel.errors import Problem
from aggregates.site import SiteSettings
from rulesets.category_rankings import NONE
from rulesets.category_rankings import path_of

_FOR_WHOM = ("segments", "audiences", "cart_rules")


def lint_ranking(body: Mapping[str, Any], _: SiteSettings) -> Iterator[Problem]:
    """Every problem of a body of the right shape."""
    ranking = body.get("ranking")
    if not path_of(body["category"]):
        yield Problem("/category", "empty_value", "a ranking names its category")
    if ranking is not None and ranking["strategy"] == NONE and "boost" in ranking:
        yield Problem("/ranking/boost", "not_for_this_strategy", f"{NONE} weighs no behaviour")
    if body.get("apply_to_subcategories") and ranking is None:
        detail = "only a strategy is passed on to subcategories"
        yield Problem("/apply_to_subcategories", "nothing_to_pass_on", detail)
    if ranking is None and not body.get("events"):
        yield Problem("/ranking", "required", "a strategy, events, or both")
    yield from _events(body.get("events") or ())


def _events(events: Any) -> Iterator[Problem]:
    seen: set[bytes] = set()
    for index, event in enumerate(events):
        pin = event["effect"] == "pin"
        if pin and "position" not in event:
            detail = "a pin has a position, from 1 on"
            yield Problem(f"/events/{index}/position", "required", detail)
        if not pin and "position" in event:
            detail = f"{event['effect']} takes no position"
            yield Problem(f"/events/{index}/position", "not_for_this_effect", detail)
        for_whom = {name: sorted(event[name]) for name in _FOR_WHOM if event.get(name)}
        key = canonical([event["sku"], for_whom])
        if key in seen:
            detail = "this product has an event for the same shoppers already"
            yield Problem(f"/events/{index}/sku", "named_twice", detail)
        seen.add(key)

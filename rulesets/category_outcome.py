"""What was decided about a page of a category: which products, in which order, moved by what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from typing import NamedTuple

UNKNOWN_CATEGORY = "unknown_category"
NO_CATEGORY = "no_category"
NO_DATA = "no_data"


class RankedItem(NamedTuple):
    """One product of the page, `position` from 1 on. `moved_by`: (id of a ranking, what it did)."""

    sku: str
    position: int
    score: str
    moved_by: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class CategoryOutcome:
    """A ranked page. `ranking` is whose strategy it is, None where the catalogue's order holds;
    `manual` whose events counted; `fallback` why a category was not ranked as one (FEATURES CM6).
    """

    category: str
    segments: tuple[str, ...]
    rules: tuple[str, ...]
    strategy: str
    ranking: str | None
    inherited: bool
    manual: str | None
    items: tuple[RankedItem, ...]
    total: int
    fallback: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The compact form that is recorded and digested."""
        return {
            "category": self.category,
            "segments": list(self.segments),
            "rules": list(self.rules),
            "strategy": self.strategy,
            "ranking": self.ranking,
            "inherited": self.inherited,
            "manual": self.manual,
            "items": [
                [item.sku, item.position, item.score, [list(moved) for moved in item.moved_by]]
                for item in self.items
            ],
            "total": self.total,
            "fallback": self.fallback,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> CategoryOutcome:
        """The reverse."""
        return cls(
            data["category"],
            tuple(data["segments"]),
            tuple(data["rules"]),
            data["strategy"],
            data["ranking"],
            data["inherited"],
            data["manual"],
            tuple(
                RankedItem(sku, position, score, tuple((who, what) for who, what in moved))
                for sku, position, score, moved in data["items"]
            ),
            data["total"],
            data["fallback"],
        )


def category_answer(outcome: CategoryOutcome) -> dict[str, Any]:
    """In the words of the API. Facets and suggestions come with the kinds that define them."""
    ranking: dict[str, Any] = {"strategy": outcome.strategy}
    if outcome.ranking is not None:
        ranking |= {"rule_id": outcome.ranking, "inherited": outcome.inherited}
    if outcome.fallback is not None:
        ranking["fallback"] = outcome.fallback
    return {
        "items": [_item(item) for item in outcome.items],
        "total": outcome.total,
        "facets": [],
        "suggestions": [],
        "ranking": ranking,
    }


def _item(item: RankedItem) -> dict[str, Any]:
    told: dict[str, Any] = {"sku": item.sku, "position": item.position, "score": item.score}
    if item.moved_by:
        told["moved_by"] = [{"rule_id": who, "effect": what} for who, what in item.moved_by]
    return told

"""Recommendation units of a revision: what each shows, and which of them stand on a page."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from functools import reduce
from operator import or_

from aggregates.kernel.limits import UNIT_SIZE_DEFAULT
from aggregates.kernel.limits import UNITS_ASKED_MAX
from rulesets.definitions import LiveDefinition
from rulesets.definitions import Reading
from rulesets.definitions import normal
from rulesets.nodes import Needs
from rulesets.schedules import Window
from rulesets.schedules import window
from rulesets.unit_filters import UnitFilters
from rulesets.unit_filters import enabled_filters
from rulesets.unit_types import UNIT_TYPES
from rulesets.unit_types import UnitType

DEFAULT = "default"
"""The label of store views that have none of their own."""


@dataclass(frozen=True, slots=True)
class RecommendationUnit:
    """One live unit. `labels` by store view; `store_views` None: in all of them."""

    id: str
    key: str | None
    name: str
    page_type: str
    type: UnitType
    size: int
    position: int
    labels: Mapping[str, str]
    filters: UnitFilters
    store_views: frozenset[str] | None
    window: Window
    paused: bool

    @property
    def needs(self) -> Needs:
        """What it looks at."""
        reads = self.store_views is not None or len(self.labels) > 1
        return Needs(values=frozenset(("context.store_view",) if reads else ()))

    def label(self, store_view: object) -> str:
        """What shoppers read above it."""
        own = self.labels.get(store_view) if isinstance(store_view, str) else None
        return own or self.labels[DEFAULT]

    def refusal(self, store_view: str | None, at: int) -> str | None:
        """Why it shows nothing at that moment in this store view (as it is compared)."""
        if self.paused or not self.window.holds(at):
            return "not_in_schedule"
        if self.store_views is not None and store_view not in self.store_views:
            return "store_view_mismatch"
        return None


@dataclass(frozen=True, slots=True)
class Units:
    """All units of a revision: by id and key, and by page in order of (position, id)."""

    by_name: Mapping[str, RecommendationUnit] = field(default_factory=dict)
    by_page: Mapping[str, tuple[RecommendationUnit, ...]] = field(default_factory=dict)
    needs: Needs = field(default_factory=Needs)

    def __iter__(self) -> Iterator[RecommendationUnit]:
        """Each once."""
        return (unit for of_page in self.by_page.values() for unit in of_page)

    def on(self, page_type: str, store_view: str | None, at: int) -> list[RecommendationUnit]:
        """Those that show something on a page, in their order; the first 25 of them."""
        live = (u for u in self.by_page.get(page_type, ()) if u.refusal(store_view, at) is None)
        return [unit for unit, _ in zip(live, range(UNITS_ASKED_MAX), strict=False)]


def compile_units(definitions: Iterable[LiveDefinition], reading: Reading) -> Units:
    """Reads the live units."""
    units = sorted(
        (_unit(definition, reading) for definition in definitions),
        key=lambda unit: (unit.position, unit.id),
    )
    by_page: dict[str, tuple[RecommendationUnit, ...]] = {}
    for unit in units:
        by_page[unit.page_type] = (*by_page.get(unit.page_type, ()), unit)
    by_name = {name: unit for unit in units for name in (unit.id, unit.key) if name is not None}
    return Units(by_name, by_page, reduce(or_, (unit.needs for unit in units), Needs()))


def _unit(definition: LiveDefinition, reading: Reading) -> RecommendationUnit:
    body = definition.body
    label = body["label"]
    return RecommendationUnit(
        id=definition.id,
        key=definition.key,
        name=body["name"],
        page_type=body["page_type"],
        type=UNIT_TYPES[body["type"]],
        size=body.get("size", UNIT_SIZE_DEFAULT),
        position=body.get("position", 0),
        labels=label if isinstance(label, dict) else {DEFAULT: label},
        filters=enabled_filters(body.get("filters") or {}, reading.settings.base_currency),
        store_views=normal(body.get("store_views")),
        window=window(definition.starts_at, definition.ends_at, None, None, reading.zone),
        paused=definition.paused,
    )

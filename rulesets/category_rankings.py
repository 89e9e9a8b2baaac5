"""Category rankings: by what behaviour a category is ordered, and which products stand elsewhere.

A ranking's order (its strategy) may hold for subcategories too: a category's own goes first, then
that of its nearest ancestor that passes its own on. What it does to single products by hand (its
events) is never passed on and stays whatever order is inherited (FEATURES CM3).
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from functools import reduce
from operator import or_
from typing import Any
from typing import Literal

from rulesets.definitions import LiveDefinition
from rulesets.definitions import Reading
from rulesets.definitions import normal
from rulesets.nodes import Needs
from rulesets.operators import fold
from rulesets.schedules import Window
from rulesets.schedules import window
from rulesets.targeting import Target
from rulesets.targeting import compile_target

Effect = Literal["boost", "bury", "pin", "hide"]
NONE = "none"
STRATEGIES = ("most-purchased", "most-viewed", "trending", NONE)
"""Names of the models' types; `none` is the order of the catalogue."""

BOOST_DEFAULT = 5
"""How much behaviour weighs unless the author says otherwise (FEATURES M4)."""


@dataclass(frozen=True, slots=True)
class RankingEvent:
    """What happens to one product, for whom. `position` is that of a pin, from 1 on."""

    effect: Effect
    sku: str
    position: int
    target: Target


@dataclass(frozen=True, slots=True)
class CategoryRanking:
    """One live ranking. `strategy` None: it orders nothing itself, only its events count."""

    id: str
    name: str
    category: str
    strategy: str | None
    boost: int
    passes_on: bool
    events: tuple[RankingEvent, ...]
    store_views: frozenset[str] | None
    window: Window
    paused: bool

    @property
    def needs(self) -> Needs:
        """What it looks at."""
        own = Needs(values=frozenset(("context.store_view",) if self.store_views else ()))
        return reduce(or_, (event.target.needs for event in self.events), own)

    def holds(self, store_view: str | None, at: int) -> bool:
        """Whether it counts in this store view at that moment."""
        return (
            not self.paused
            and self.window.holds(at)
            and (self.store_views is None or store_view in self.store_views)
        )


@dataclass(frozen=True, slots=True)
class Chosen:
    """What ranks a category: a strategy and whose it is, and whose events move single products."""

    strategy: str = NONE
    boost: int = 0
    by: CategoryRanking | None = None
    inherited: bool = False
    manual: CategoryRanking | None = None

    @property
    def events(self) -> tuple[RankingEvent, ...]:
        """In the author's order."""
        return self.manual.events if self.manual is not None else ()


@dataclass(frozen=True, slots=True)
class Rankings:
    """All rankings of a revision by their category."""

    by_category: Mapping[str, tuple[CategoryRanking, ...]] = field(default_factory=dict)

    def __iter__(self) -> Iterator[CategoryRanking]:
        """All of them."""
        return (ranking for of_one in self.by_category.values() for ranking in of_one)

    def chosen(self, category: str, store_view: str | None, at: int) -> Chosen:
        """What ranks a category now; the catalogue's order where nothing does."""
        path = path_of(category)
        own = self._of(path, store_view, at)
        for ancestor in _upward(path):
            ranking = self._of(ancestor, store_view, at)
            is_own = ancestor == path
            if ranking is None or ranking.strategy is None or not (is_own or ranking.passes_on):
                continue
            return Chosen(ranking.strategy, ranking.boost, ranking, not is_own, own)
        return Chosen(manual=own)

    def _of(self, path: str, store_view: str | None, at: int) -> CategoryRanking | None:
        held = (one for one in self.by_category.get(path, ()) if one.holds(store_view, at))
        return next(held, None)


def compile_rankings(definitions: Iterable[LiveDefinition], reading: Reading) -> Rankings:
    """Reads the live rankings; of two for one category the older one would count."""
    by_category: dict[str, tuple[CategoryRanking, ...]] = {}
    for definition in sorted(definitions, key=lambda one: one.id):
        ranking = _ranking(definition, reading)
        by_category[ranking.category] = (*by_category.get(ranking.category, ()), ranking)
    return Rankings(by_category)


def path_of(category: str) -> str:
    """A category path as it is compared: `Men/Shoes/` is `men/shoes`."""
    return fold(category).strip("/")


def _ranking(definition: LiveDefinition, reading: Reading) -> CategoryRanking:
    body = definition.body
    ranking = body.get("ranking") or {}
    strategy = ranking.get("strategy")
    return CategoryRanking(
        id=definition.id,
        name=body.get("name") or body["category"],
        category=path_of(body["category"]),
        strategy=strategy,
        boost=ranking.get("boost", BOOST_DEFAULT) if strategy not in (None, NONE) else 0,
        passes_on=body.get("apply_to_subcategories", False),
        events=tuple(_event(event, reading) for event in body.get("events") or ()),
        store_views=normal(body.get("store_views")),
        window=window(definition.starts_at, definition.ends_at, None, None, reading.zone),
        paused=definition.paused,
    )


def _event(event: Mapping[str, Any], reading: Reading) -> RankingEvent:
    return RankingEvent(
        event["effect"], event["sku"], event.get("position", 0), compile_target(event, reading)
    )


def _upward(path: str) -> Iterable[str]:
    """The path and everything above it, nearest first."""
    end = len(path)
    while end > 0:
        yield path[:end]
        end = path.rfind("/", 0, end)

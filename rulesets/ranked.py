"""The order of a page of products: behaviour first, then what an author moved by hand.

A product's score is `boost x signal / highest signal`, by which behaviour weighs from 0 to `boost`.
A product that is boosted by hand gains MANUAL, a buried one loses it: more than behaviour can give
at its default weight, less than at the highest (FEATURES M4, M5). Equal scores stand in the order
of the catalogue. All of it is whole numbers: scores are compared times the highest signal.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN
from decimal import Context
from decimal import Decimal

from rulesets.category_rankings import RankingEvent
from rulesets.retrieved import Found
from rulesets.retrieved import Retrieved

MANUAL = 10
_DIGITS = Context(prec=6, rounding=ROUND_HALF_EVEN)
_EFFECTS = {"boost": MANUAL, "bury": -MANUAL}


@dataclass(frozen=True, slots=True)
class Placed:
    """One product of the page. `effect` is what was done to it by hand, if anything was."""

    found: Found
    position: int
    score: str
    effect: str | None = None


def arranged(
    retrieved: Retrieved, boost: int, events: Mapping[str, RankingEvent], start: int, end: int
) -> tuple[int, list[Placed]]:
    """How many products there are, and those at the places from `start` before `end`, from 0 on.

    `events`: the one that holds for each SKU.
    """
    weight = _Weight(boost, max(1, retrieved.highest), events)
    effects = {found.sku: weight.effect(found) for found in retrieved.named}
    pinned = [found for found in retrieved.named if effects[found.sku] == "pin"]
    hidden = sum(effect == "hide" for effect in effects.values())
    moved = [found for found in retrieved.named if effects[found.sku] not in {"pin", "hide"}]
    total = retrieved.total - hidden
    others = sorted([*retrieved.window, *moved], key=weight.key)
    at = _pin_places(pinned, events, total)
    placed = []
    before = sum(place < start for place in at)
    for place in range(start, min(end, total)):
        found = at.get(place)
        if found is not None:
            before += 1
        else:
            index = place - before - retrieved.offset
            found = others[index]
        effect = effects.get(found.sku)
        placed.append(Placed(found, place + 1, weight.score(found), effect))
    return total, placed


def base_score(boost: int, signal: int, highest: int) -> str:
    """What behaviour alone gives a product, as `arranged` scores it before anything by hand."""
    exact = _DIGITS.divide(Decimal(boost * signal), Decimal(max(1, highest)))
    return format(exact.normalize(_DIGITS), "f")


class _Weight:
    """Scores under one boost; `highest` is at least 1."""

    def __init__(self, boost: int, highest: int, events: Mapping[str, RankingEvent]) -> None:
        self._boost = boost
        self._highest = highest
        self._events = events

    def effect(self, found: Found) -> str | None:
        event = self._events.get(found.sku)
        return event.effect if event is not None else None

    def key(self, found: Found) -> tuple[int, int, int]:
        return found.last, -self._times_highest(found), found.place

    def score(self, found: Found) -> str:
        """Six significant digits: `3.33333`."""
        exact = _DIGITS.divide(Decimal(self._times_highest(found)), Decimal(self._highest))
        return format(exact.normalize(_DIGITS), "f")

    def _times_highest(self, found: Found) -> int:
        by_hand = _EFFECTS.get(self.effect(found) or "", 0)
        return self._boost * found.signal + by_hand * self._highest


def _pin_places(
    pinned: Sequence[Found], events: Mapping[str, RankingEvent], total: int
) -> dict[int, Found]:
    """The place of each pin: its own, the next free one if that is taken, at most the last."""
    ordered = sorted(pinned, key=lambda found: (events[found.sku].position, found.place))
    places: list[int] = []
    for found in ordered:
        wanted = events[found.sku].position - 1
        places.append(max(wanted, places[-1] + 1) if places else wanted)
    for back in range(1, len(places) + 1):
        places[-back] = min(places[-back], total - back)
    return dict(zip(places, ordered, strict=True))

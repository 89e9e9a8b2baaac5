"""Stratum 3 for a category: which events count for this shopper, and the page that they make."""

from __future__ import annotations

from collections.abc import Iterable

from rulesets.category_outcome import NO_CATEGORY
from rulesets.category_outcome import NO_DATA
from rulesets.category_outcome import UNKNOWN_CATEGORY
from rulesets.category_outcome import CategoryOutcome
from rulesets.category_outcome import RankedItem
from rulesets.category_rankings import NONE
from rulesets.category_rankings import Chosen
from rulesets.category_rankings import RankingEvent
from rulesets.category_rankings import Rankings
from rulesets.category_rankings import path_of
from rulesets.headers import Header
from rulesets.question import CategoryQuestion
from rulesets.ranked import Placed
from rulesets.ranked import arranged
from rulesets.targeting import Shopper
from rulesets.targeting import refusal

COUNTS = "counts"
Fates = list[tuple[str, str, str]]
"""(effect, SKU, what became of it) of each event: COUNTS, or what was missing."""


def rank_category(
    rankings: Rankings, question: CategoryQuestion, header: Header, shopper: Shopper
) -> tuple[CategoryOutcome, Fates]:
    """The page of a category for this shopper, and what became of each event."""
    fallback = _fallback(question)
    chosen = Chosen()
    if fallback is None and question.by_position:
        chosen = rankings.chosen(question.category, header.store_view, header.at)
    held, fates = _held(chosen.events, header, shopper)
    start = question.start
    end = start + question.page_size
    total, placed = arranged(question.retrieved, chosen.boost, held, start, end)
    outcome = CategoryOutcome(
        path_of(question.category),
        tuple(sorted(shopper.segments)),
        tuple(shopper.rules),
        chosen.strategy,
        chosen.by.id if chosen.by is not None else None,
        chosen.inherited,
        chosen.manual.id if chosen.manual is not None else None,
        tuple(_item(one, chosen) for one in placed),
        total,
        fallback or (NO_DATA if _is_blind(chosen, question) else None),
    )
    return outcome, fates


def _is_blind(chosen: Chosen, question: CategoryQuestion) -> bool:
    """Whether a strategy has nothing to order by: no model yet, or one without these products."""
    return chosen.strategy != NONE and not question.retrieved.highest


def _held(
    events: Iterable[RankingEvent], header: Header, shopper: Shopper
) -> tuple[dict[str, RankingEvent], Fates]:
    """Of several events for one product the first that is for this shopper counts."""
    held: dict[str, RankingEvent] = {}
    fates: Fates = []
    for event in events:
        code = refusal(event.target, header, shopper)
        if code is None and event.sku in held:
            code = "came_later"
        if code is None:
            held[event.sku] = event
        fates.append((event.effect, event.sku, code or COUNTS))
    return held, fates


def _item(placed: Placed, chosen: Chosen) -> RankedItem:
    moved: list[tuple[str, str]] = []
    if placed.found.signal and chosen.by is not None:
        moved.append((chosen.by.id, chosen.strategy))
    if placed.effect is not None and chosen.manual is not None:
        moved.append((chosen.manual.id, placed.effect))
    return RankedItem(placed.found.sku, placed.position, placed.score, tuple(moved))


def _fallback(question: CategoryQuestion) -> str | None:
    if not path_of(question.category):
        return NO_CATEGORY
    return None if question.retrieved.known else UNKNOWN_CATEGORY

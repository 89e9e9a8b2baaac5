"""Stratum 3 for the units of a page: each filled in its turn, from candidates that were found."""

from __future__ import annotations

from collections.abc import Sequence

from rulesets.headers import Header
from rulesets.question import RecommendationsQuestion
from rulesets.recommendation_units import RecommendationUnit
from rulesets.recommendation_units import Units
from rulesets.unit_filling import Drop
from rulesets.unit_filling import Page
from rulesets.unit_results import UnitCandidates
from rulesets.units_outcome import ShownUnit
from rulesets.units_outcome import UnitsOutcome


def fill_units(
    units: Units, question: RecommendationsQuestion, header: Header
) -> tuple[UnitsOutcome, list[Drop]]:
    """What the units of a page show, and which candidates they do not show."""
    results = question.results
    found = {one.unit_id: one for one in results.units}
    page = Page(question.looked_at, question.in_cart)
    shown: list[ShownUnit] = []
    drops: list[Drop] = []
    for unit in asked_units(units, question.page_type, question.named, header):
        code = unit.refusal(header.store_view, header.at)
        if code is not None:
            shown.append(ShownUnit(unit.id, code))
            continue
        filled, dropped = page.fill(unit, found.get(unit.id, UnitCandidates(unit.id)))
        shown.append(filled)
        drops += dropped
    return UnitsOutcome(question.page_type, results.model, tuple(shown)), drops


def asked_units(
    units: Units, page_type: str, named: Sequence[str] | None, header: Header
) -> list[RecommendationUnit]:
    """The units that a request names, else those that show something on the page now."""
    if named is None:
        return units.on(page_type, header.store_view, header.at)
    return [units.by_name[name] for name in named]

"""What the filters of a unit took away: products that its model named first and no unit may show.

Retrieval does not record them, for there may be hundreds. They are found again from the model that
the record names and the events of the products, as they were at the recorded position.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from decisions.evidence import Evidence
from decisions.made import Made
from decisions.unit_page import UnitPage
from decisions.unit_page import compared_by
from decisions.unit_page import hindrance
from decisions.unit_page import oldest_view
from projections.product_index import ProductIndex
from projections.recommendations.recommender import Asked
from projections.recommendations.registry import RECOMMENDERS
from rulesets.recommendation_units import RecommendationUnit
from rulesets.unit_filling import sources
from rulesets.unit_filters import Compared
from rulesets.unit_results import UnitCandidates
from rulesets.unit_results import UnitResults
from rulesets.units_outcome import PRIMARY

Json = dict[str, Any]
LOOKED_AT_MAX = 50
"""Products of a type that are looked through: an explanation tells what stood in front, not all of
a catalogue that a filter leaves out."""


def removed_from(
    evidence: Evidence, made: Made, unit: RecommendationUnit, page: UnitPage
) -> list[Json]:
    """`{sku, type, code, filter?}` of each product that stood before the last one found."""
    results = made.record.sources.retrieved
    assert isinstance(results, UnitResults)
    found = next((one for one in results.units if one.unit_id == unit.id), None)
    if found is None:
        return []
    told: list[Json] = []
    for source in sources(unit.type, found.readiness):
        name = unit.type.name if source == PRIMARY else str(unit.type.backup)
        told += _of_type(evidence, made, unit, page, (name, _skus(found, source)))
    return told


def _of_type(
    evidence: Evidence,
    made: Made,
    unit: RecommendationUnit,
    page: UnitPage,
    listed: tuple[str, Sequence[str]],
) -> list[Json]:
    name, kept = listed
    since = oldest_view(made.record.decided_at, made.compiled.settings.history_days)
    viewed = tuple((sku, at) for sku, at in evidence.views.items() if at >= since)
    asked = Asked(page.context, viewed, LOOKED_AT_MAX)
    given = [one.sku for one in RECOMMENDERS[name].candidates(evidence.model, asked)]
    if kept and kept[-1] in given:  # what stands behind the last one was not needed
        given = given[: given.index(kept[-1])]
    missing = [sku for sku in given if sku not in kept]
    if not missing:
        return []
    index = _index(evidence, made, (*missing, *page.context))
    compared = compared_by(index.columns, page) if unit.filters.compare else Compared()
    tests = unit.filters.tests(compared)
    told = []
    for sku in missing:
        why = hindrance(index.columns, index.columns.listed, sku, tests)
        if why is not None:
            told.append({"sku": sku, "type": name, **_told(made, unit, *why)})
    return told


def _told(made: Made, unit: RecommendationUnit, code: str, number: int) -> Json:
    """A code, and the filter behind it as its author wrote it."""
    name = {"not_included": "include", "excluded": "exclude"}.get(code)
    if name is None:
        return {"code": code}
    body = made.compiled.definitions["recommendation-units", unit.id].body
    enabled = [one for one in body["filters"][name] if one.get("enabled", True)]
    return {"code": code, "filter": enabled[number]}


def _index(evidence: Evidence, made: Made, skus: Sequence[str]) -> ProductIndex:
    """A catalogue of these products alone."""
    position = made.record.positions["index"]
    index = ProductIndex()
    changes = [
        (sku, place, evidence.product(sku, position))
        for place, sku in enumerate(dict.fromkeys(skus), 1)
    ]
    index.apply(changes, position)
    return index


def _skus(found: UnitCandidates, source: str) -> list[str]:
    listed = found.own if source == PRIMARY else found.backup
    return [one.sku for one in listed.candidates]

"""The answer to a question about recommendation units, in the words of the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aggregates.kernel.clock import format_moment
from decisions.explaining import HIDDEN
from decisions.made import Made
from rulesets.recommendation_units import RecommendationUnit
from rulesets.unit_results import UnitResults
from rulesets.units_outcome import BACKUP
from rulesets.units_outcome import ShownUnit
from rulesets.units_outcome import UnitsOutcome

VIEWED_AT = "viewed_at"
"""When the shopper viewed a product: the one piece of evidence that is about a person."""


def units_answer(made: Made, *, audit: bool) -> dict[str, Any]:
    """Units with their products, and the model that they come from. Without `audit` it does not
    tell when the shopper viewed what."""
    outcome = made.decided.outcome
    assert isinstance(outcome, UnitsOutcome)
    model = None
    if outcome.model is not None:
        model = {
            "id": outcome.model.id,
            "trained_at": format_moment(outcome.model.trained_at),
            "log_position": outcome.model.trained_to,
        }
    evidence = evidence_of(made, audit=audit)
    units = [_unit(made, unit, evidence, audit=audit) for unit in outcome.units]
    return {"units": units, "model": model}


def evidence_of(made: Made, *, audit: bool) -> dict[tuple[str, str, bool], Mapping[str, Any]]:
    """What speaks for each candidate: (unit, SKU, whether it is of the backup) -> evidence. Without
    `audit` no moment of a view."""
    found = made.record.sources.retrieved
    assert isinstance(found, UnitResults)
    return {
        (unit.unit_id, one.sku, is_backup): one.because if audit else _open(one.because)
        for unit in found.units
        for listed, is_backup in ((unit.own, False), (unit.backup, True))
        for one in listed.candidates
    }


def score_of(unit: RecommendationUnit, shown: ShownUnit, rank: int, *, audit: bool) -> str:
    """The score of the product at a rank. Where it is the moment of a view, who may not audit gets
    the places from the end: 3, 2, 1."""
    if unit.type.uses == "views" and not audit:
        return str(len(shown.items) - rank + 1)
    return shown.items[rank - 1].score


def _open(because: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: HIDDEN if name == VIEWED_AT else value for name, value in because.items()}


def _unit(
    made: Made,
    shown: ShownUnit,
    evidence: Mapping[tuple[str, str, bool], Mapping[str, Any]],
    *,
    audit: bool,
) -> dict[str, Any]:
    unit = made.compiled.units.by_name[shown.unit_id]
    facts = made.record.sources.facts
    told: dict[str, Any] = {
        "unit_id": unit.id,
        "name": unit.name,
        "type": unit.type.name,
        "label": unit.label(facts.values.get("context.store_view")),
        "items": [
            {
                "sku": item.sku,
                "rank": rank,
                "score": score_of(unit, shown, rank, audit=audit),
                "source": item.source,
                "because": evidence[unit.id, item.sku, item.source == BACKUP],
            }
            for rank, item in enumerate(shown.items, 1)
        ],
        "readiness": shown.readiness,
    }
    if shown.fallback is not None:
        told["fallback"] = shown.fallback
    if shown.code is not None:
        told["code"] = shown.code
    return told

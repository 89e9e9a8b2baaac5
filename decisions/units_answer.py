"""The answer to a question about recommendation units, in the words of the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aggregates.kernel.clock import format_moment
from decisions.made import Made
from rulesets.unit_results import UnitResults
from rulesets.units_outcome import BACKUP
from rulesets.units_outcome import ShownUnit
from rulesets.units_outcome import UnitsOutcome


def units_answer(made: Made) -> dict[str, Any]:
    """Units with their products, and the model that they come from."""
    outcome = made.decided.outcome
    assert isinstance(outcome, UnitsOutcome)
    model = None
    if outcome.model is not None:
        model = {
            "id": outcome.model.id,
            "trained_at": format_moment(outcome.model.trained_at),
            "log_position": outcome.model.trained_to,
        }
    evidence = evidence_of(made)
    return {"units": [_unit(made, unit, evidence) for unit in outcome.units], "model": model}


def evidence_of(made: Made) -> dict[tuple[str, str, bool], Mapping[str, Any]]:
    """What speaks for each candidate: (unit, SKU, whether it is of the backup) -> evidence."""
    found = made.record.sources.retrieved
    assert isinstance(found, UnitResults)
    return {
        (unit.unit_id, one.sku, is_backup): one.because
        for unit in found.units
        for listed, is_backup in ((unit.own, False), (unit.backup, True))
        for one in listed.candidates
    }


def _unit(
    made: Made, shown: ShownUnit, evidence: Mapping[tuple[str, str, bool], Mapping[str, Any]]
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
                "score": item.score,
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

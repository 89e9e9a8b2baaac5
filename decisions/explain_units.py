"""Why the units of a page show what they show: evidence, backups, and what was left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from decisions.made import Made
from decisions.phrases import DROPPED
from decisions.phrases import EVIDENCE
from decisions.phrases import UNITS
from decisions.units_answer import evidence_of
from rulesets.units_outcome import BACKUP
from rulesets.units_outcome import TOO_FEW
from rulesets.units_outcome import ShownUnit
from rulesets.units_outcome import UnitsOutcome

PERSONAL = frozenset({"purchased"})
"""What a candidate is left out for that tells of the shopper's past."""


def units_explained(made: Made, *, audit: bool) -> dict[str, Any]:
    """`{dropped}`: candidates that a unit does not show, each with a code."""
    return {
        "dropped": [
            {"unit_id": unit_id, "sku": sku, "code": code, **({"by": by} if by else {})}
            for unit_id, sku, code, by in _drops(made, audit=audit)
        ]
    }


def units_sentences(made: Made, names: Mapping[str, str], *, audit: bool) -> list[str]:
    """What each unit shows and why, then what was left out."""
    outcome = made.decided.outcome
    assert isinstance(outcome, UnitsOutcome)
    evidence = evidence_of(made)
    told: list[str] = []
    for unit in outcome.units:
        told += _unit(made, unit, names[unit.unit_id], evidence)
    for unit_id, sku, code, by in _drops(made, audit=audit):
        told.append(DROPPED[code].format(unit=names[unit_id], sku=sku, by=names[by] if by else ""))
    return told


def _drops(made: Made, *, audit: bool) -> list[tuple[str, str, str, str | None]]:
    return [drop for drop in made.decided.trace.drops if audit or drop[2] not in PERSONAL]


def _unit(
    made: Made,
    shown: ShownUnit,
    name: str,
    evidence: Mapping[tuple[str, str, bool], Mapping[str, Any]],
) -> list[str]:
    if shown.code is not None:
        return [UNITS[shown.code].format(unit=name)]
    of = made.compiled.units.by_name[shown.unit_id].type
    products = []
    for item in shown.items:
        is_backup = item.source == BACKUP
        because = evidence[shown.unit_id, item.sku, is_backup]
        template = EVIDENCE[str(of.backup) if is_backup else of.name]
        products.append(template.format(sku=item.sku, **because))
    told = [
        UNITS["shows" if products else "nothing"].format(unit=name, products=", ".join(products))
    ]
    if shown.fallback is not None and (products or shown.fallback != TOO_FEW):
        count = sum(item.source == BACKUP for item in shown.items)
        rest = UNITS["with_backup" if count else "without_backup"].format(count=count)
        told.append(UNITS[shown.fallback].format(unit=name, rest=rest))
    return told

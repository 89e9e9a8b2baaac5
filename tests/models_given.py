"""Given: a model of rows written by hand, as if it had been trained and loaded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from projections.recommendation_models import manifest_digest
from projections.recommendations.artefact import Artefact
from projections.recommendations.artefact import Trained
from projections.recommendations.artefact_format import NEIGHBOURS
from projections.recommendations.artefact_format import RANKED
from projections.recommendations.artefact_format import Reading
from projections.recommendations.artefact_format import written
from projections.recommendations.models import NO_MODEL
from projections.recommendations.models import Model


def a_model(
    types: Mapping[str, Mapping[str, Any]],
    scale: int = 1,
    readiness: Mapping[str, int] | None = None,
) -> Model:
    """`{type: {sku: score}}`, `{type: {sku: [score, evidence...]}}` or, of neighbours,
    `{type: {sku: {other: [score, together]}}}`; NO_MODEL of no types."""
    if not types:
        return NO_MODEL
    artefacts = {
        name: _artefact(name, rows, scale, (readiness or {}).get(name, 100))
        for name, rows in types.items()
    }
    digest = manifest_digest({name: {"digest": one.digest} for name, one in artefacts.items()})
    return Model("mdl_0000000001", 1, digest, 10, 0, artefacts)


def _artefact(name: str, rows: Mapping[str, Any], scale: int, readiness: int) -> Artefact:
    if any(isinstance(row, Mapping) for row in rows.values()):
        kind = NEIGHBOURS
        listed = [[sku, _ordered(row)] for sku, row in sorted(rows.items())]
    else:
        kind = RANKED
        listed = _ordered(rows)
    made = written(name, kind, scale, listed)
    reading = Reading(made.digest)
    for part in made.parts:
        reading.take(part)
    reading.check()
    artefact = Artefact(name, kind, scale, Trained(made.digest, 10, 0, readiness), reading.lines)
    artefact.open_lines(list(reading.lines))
    return artefact


def _ordered(rows: Mapping[str, Any]) -> list[list[Any]]:
    told = [[sku, *(row if isinstance(row, list) else [row])] for sku, row in rows.items()]
    return sorted(told, key=lambda row: (-row[1], row[0]))

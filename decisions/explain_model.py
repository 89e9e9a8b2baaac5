"""What a model knew of a product when it was asked: the counts behind a score, the stretch of the
log that they were counted in, and which of the shopper's own events are among them.

A count is of all shoppers: which events they are, the log says between its two positions. Only the
shopper's own ones are listed, and only to an auditor.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from aggregates.kernel.clock import DAY
from aggregates.kernel.clock import format_moment
from decisions.evidence import Evidence
from decisions.explaining import Explaining
from decisions.provenance import listed
from projections.product_views import VIEWED
from projections.recommendations.recommender import Asked
from projections.recommendations.registry import RECOMMENDERS

Json = dict[str, Any]
_ORDERED = "Order Completed"
_OF_ORDERS = frozenset({"most-purchased", "bought-bought"})


def model_told(asked: Explaining) -> Json | None:
    """The model that the decision asked: its name, and with the log at hand what it was trained
    to. None if none was asked."""
    models = asked.made.record.models
    if not models:
        return None
    told: Json = models[0].to_json()
    evidence = asked.evidence
    if evidence is not None:
        if not evidence.has_model:
            return {**told, "readable": False}
        model = evidence.model
        told |= {"trained_at": format_moment(model.trained_at), "log_position": model.trained_to}
    return told


def counts_of(evidence: Evidence, unit_type: str, skus: Sequence[str]) -> Mapping[str, Json]:
    """What a ranking counted of these products, as its type tells it."""
    artefact = evidence.model.artefacts.get(unit_type)
    if artefact is None:
        return {}
    known = [sku for sku in skus if sku in artefact.lines]
    model = replace(evidence.model, artefacts={unit_type: artefact.only(known)})
    found = RECOMMENDERS[unit_type].candidates(model, Asked(count=len(known)))
    return {one.sku: one.because for one in found}


def counted_in(evidence: Evidence, unit_type: str, sku: str) -> Json:
    """Which events a ranking counted: their name, where the counting ended, and the shopper's own
    ones among them."""
    artefact = evidence.model.artefacts.get(unit_type)
    if artefact is None:
        return {}
    since = artefact.trained_at - RECOMMENDERS[unit_type].window_days * DAY
    upto = artefact.trained_to
    of_orders = unit_type in _OF_ORDERS
    own = (evidence.bought if of_orders else evidence.viewed)(sku, since, upto)
    return {
        "of": _ORDERED if of_orders else VIEWED,
        "since": format_moment(since),
        "upto_position": upto,
        "own": listed(own),
    }


def shares_of(evidence: Evidence, unit_type: str, sku: str, context: Sequence[str]) -> list[Json]:
    """What each product of the context adds to the score of a neighbour, the most first."""
    artefact = evidence.model.artefacts.get(unit_type)
    if artefact is None:
        return []
    found = [
        (score, together, other)
        for other in context
        for neighbour, score, together in artefact.of(other)
        if neighbour == sku
    ]
    return [
        {"with": other, "together": together, "score": score, "scale": artefact.scale}
        for score, together, other in sorted(found, key=lambda one: (-one[0], one[2]))
    ]

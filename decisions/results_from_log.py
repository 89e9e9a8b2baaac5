"""The results that a past ranked decision was given, found again: the catalogue from its events,
the scores from the model that the record names. A replay never trains."""

from __future__ import annotations

from dataclasses import dataclass

from decisions.category import chosen_for
from decisions.category_page import category_page
from decisions.category_page import retrieved
from decisions.products_of_log import ProductsOfLog
from decisions.recommend import KIND as UNITS
from decisions.recommend import units_shown
from decisions.record import Record
from decisions.record import Results
from decisions.shopper import History
from decisions.unit_page import Known
from decisions.unit_page import candidates
from decisions.unit_page import oldest_view
from decisions.unit_page import unit_page
from projections.product_index import ProductIndex
from projections.recommendations.models import Model
from rulesets.compiled import CompiledRevision
from rulesets.facts import Facts
from rulesets.retrieved import Retrieved
from rulesets.unit_results import UnitResults


@dataclass(frozen=True, slots=True)
class Then:
    """What was known at the moment of a decision, as the log tells it."""

    facts: Facts
    history: History
    products: ProductsOfLog
    model: Model


def results_as_of(record: Record, compiled: CompiledRevision, then: Then) -> Results | None:
    """The same results; None for a kind that ranks nothing."""
    if record.kind not in {"category", UNITS}:
        return None
    index = then.products.at(record.positions["index"])
    if record.kind == UNITS:
        return _units(record, compiled, then, index)
    return _page(record, compiled, then, index)


def _page(record: Record, compiled: CompiledRevision, then: Then, index: ProductIndex) -> Retrieved:
    page = category_page(record.sources.request, compiled.settings)
    chosen = chosen_for(compiled, page.category, then.facts, record.decided_at)
    return retrieved(page, chosen, index, then.model, compiled.settings)


def _units(
    record: Record, compiled: CompiledRevision, then: Then, index: ProductIndex
) -> UnitResults:
    at = record.decided_at
    page = unit_page(record.sources.request, compiled.units)
    shown = units_shown(compiled, page, then.facts, at)
    since = oldest_view(at, compiled.settings.history_days)
    return candidates(page, shown, Known(index, then.model, then.history, since))

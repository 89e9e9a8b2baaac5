"""The results that a past ranked decision was given, found again: the catalogue from its events,
the scores from the model that the record names. A replay never trains."""

from __future__ import annotations

from aggregates.kernel.ids import SiteId
from decisions.category import chosen_for
from decisions.category_page import category_page
from decisions.category_page import retrieved
from decisions.means import Means
from decisions.past import ProductsOfLog
from decisions.record import Record
from projections.recommendations.models import NO_MODEL
from projections.recommendations.models import Model
from rulesets.compiled import CompiledRevision
from rulesets.facts import Facts
from rulesets.retrieved import Retrieved


def results_as_of(
    record: Record, facts: Facts, compiled: CompiledRevision, products: ProductsOfLog, model: Model
) -> Retrieved | None:
    """The same results; None for a kind that ranks nothing."""
    if record.kind != "category":
        return None
    page = category_page(record.sources.request, compiled.settings)
    chosen = chosen_for(compiled, page.category, facts, record.decided_at)
    index = products.at(record.positions["index"])
    return retrieved(page, chosen, index, model, compiled.settings)


def model_of(means: Means, site: SiteId, record: Record) -> Model:
    """The model that a record names."""
    if not record.models:
        return NO_MODEL
    return means.models.by_digest(site, record.models[0].digest)

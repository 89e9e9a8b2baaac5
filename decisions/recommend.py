"""DecideRecommendations: which products do the units of this page show?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aggregates.kernel.ids import SiteId
from decisions.anew import anew
from decisions.gather import asked
from decisions.gather import gather
from decisions.made import Made
from decisions.made import Once
from decisions.made import make
from decisions.made import recorded
from decisions.means import Means
from decisions.record import ModelRef
from decisions.unit_page import Known
from decisions.unit_page import UnitPage
from decisions.unit_page import candidates
from decisions.unit_page import oldest_view
from decisions.unit_page import recommendations_question
from decisions.unit_page import unit_page
from projections.recommendations.models import NO_MODEL
from rulesets.compiled import CompiledRevision
from rulesets.facts import Facts
from rulesets.headers import header
from rulesets.recommendation_units import RecommendationUnit
from rulesets.recommendations import asked_units

KIND = "recommendations"


@anew
def decide_recommendations(means: Means, site: SiteId, request: dict[str, Any], once: Once) -> Made:
    """Gathers, finds candidates, decides, records; a dry run records nothing. `once(made)` is the
    row to keep for a repeated Idempotency-Key."""
    question = asked(means, site, request, None)
    gathered = gather(means, question, units=True)
    compiled, at = gathered.compiled, gathered.at
    page = unit_page(request, compiled.units)
    shown = units_shown(compiled, page, gathered.sources.facts, at)
    model = means.models.current(site, means.reads.model_number(site))
    since = oldest_view(at, compiled.settings.history_days)
    with means.products.now(site) as index:
        found = candidates(page, shown, Known(index, model, gathered.history, since))
        position = index.position
    filled = replace(
        gathered,
        positions={**gathered.positions, "index": position},
        sources=replace(gathered.sources, retrieved=found),
    )
    models = () if model is NO_MODEL else (ModelRef(model.id, model.digest),)
    made = make(means, KIND, filled, recommendations_question(page, found), models)
    if request.get("dry_run"):
        return made
    return recorded(means, site, made, question.owner, once(made))


def units_shown(
    compiled: CompiledRevision, page: UnitPage, facts: Facts, at: int
) -> list[RecommendationUnit]:
    """The units that may show something, in the order of the page."""
    asking = header(facts, at, {})
    return [
        unit
        for unit in asked_units(compiled.units, page.page_type, page.named, asking)
        if unit.refusal(asking.store_view, at) is None
    ]

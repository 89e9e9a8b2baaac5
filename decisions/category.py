"""DecideCategory: which products does a page of this category show, in which order?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aggregates.kernel.ids import SiteId
from decisions.anew import anew
from decisions.category_page import category_page
from decisions.category_page import category_question
from decisions.category_page import retrieved
from decisions.gather import Gathered
from decisions.gather import asked
from decisions.gather import gather
from decisions.made import Made
from decisions.made import Once
from decisions.made import make
from decisions.made import recorded
from decisions.means import Means
from decisions.questions import cart_of
from decisions.record import ModelRef
from projections.recommendations.models import NO_MODEL
from rulesets.category_rankings import NONE
from rulesets.category_rankings import Chosen
from rulesets.compiled import CompiledRevision
from rulesets.facts import Facts
from rulesets.headers import header


@anew
def decide_category(means: Means, site: SiteId, request: dict[str, Any], once: Once) -> Made:
    """Gathers, retrieves, decides, records; a dry run records nothing. `once(made)` is the row to
    keep for a repeated Idempotency-Key."""
    question = asked(means, site, request, cart_of("category", request))
    gathered = gather(means, question)
    settings = gathered.compiled.settings
    page = category_page(request, settings)
    chosen = chosen_for(gathered.compiled, page.category, gathered.sources.facts, gathered.at)
    model = NO_MODEL
    if not page.sorts and chosen.strategy != NONE:
        model = means.models.current(site, means.reads.model_number(site))
    with means.products.now(site) as index:
        found = retrieved(page, chosen, index, model, settings)
        position = index.position
    ranked = _with(gathered, found, position)
    made = make(
        means,
        "category",
        ranked,
        category_question(page, found, gathered.cart),
        () if model is NO_MODEL else (ModelRef(model.id, model.digest),),
    )
    if request.get("dry_run"):
        return made
    return recorded(means, site, made, question.owner, once(made))


def chosen_for(compiled: CompiledRevision, category: str, facts: Facts, at: int) -> Chosen:
    """What ranks a category in the store view of these facts."""
    return compiled.rankings.chosen(category, header(facts, at, {}).store_view, at)


def _with(gathered: Gathered, found: Any, position: int) -> Gathered:
    return replace(
        gathered,
        positions={**gathered.positions, "index": position},
        sources=replace(gathered.sources, retrieved=found),
    )

"""A recorded decision, decided again with the semantics it was made with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Protocol

from aggregates.kernel.errors import Conflict
from aggregates.kernel.ids import SiteId
from decisions.category_page import category_page
from decisions.category_page import category_question
from decisions.means import Means
from decisions.past import settings_at
from decisions.questions import cart_of
from decisions.questions import content_question
from decisions.questions import with_floors
from decisions.record import Record
from decisions.record import Sources
from decisions.record import digest_of
from decisions.unit_page import recommendations_question
from decisions.unit_page import unit_page
from rulesets.compiled import CompiledRevision
from rulesets.facts import Facts
from rulesets.outcome import Decided
from rulesets.pipeline import decide
from rulesets.question import Question
from rulesets.unit_results import UnitResults
from rulesets.watch import Watch


class Decide(Protocol):
    """One way of deciding; `watch` is told what each cart rule does at its turn."""

    def __call__(
        self,
        compiled: CompiledRevision,
        facts: Facts,
        question: Question,
        at: int,
        seed: int,
        *,
        watch: Watch | None = None,
    ) -> Decided: ...


BY_SEMANTICS: dict[int, Decide] = {
    1: partial(decide, composite=False, hides=False),
    2: partial(decide, hides=False),
    3: decide,
}
"""Every semantics that a stored decision may name."""


@dataclass(frozen=True, slots=True)
class Again:
    """The second making of a decision."""

    compiled: CompiledRevision
    question: Question
    decided: Decided
    trace_digest: str


def decided_again(means: Means, site: SiteId, record: Record, sources: Sources) -> Again:
    """The outcome of these sources under the record's revision, settings, moment and seed.
    NotFound `revision_unknown`; Conflict `semantics_unknown`."""
    settings = settings_at(means.log, site, record.positions["settings"])
    return decided_by(means.revisions.get(site, record.revision, settings), record, sources)


def decided_by(compiled: CompiledRevision, record: Record, sources: Sources) -> Again:
    """The same under a compiled revision. Conflict `semantics_unknown`."""
    semantics = BY_SEMANTICS.get(record.semantics)
    if semantics is None:
        detail = f"semantics {record.semantics} are not callable in this version"
        raise Conflict("semantics_unknown", detail)
    question = question_of(record, sources, compiled)
    decided = semantics(compiled, sources.facts, question, record.decided_at, record.seed)
    trace_digest = digest_of(decided.trace.to_json())[1]
    return Again(compiled, question, decided, trace_digest)


def question_of(record: Record, sources: Sources, compiled: CompiledRevision) -> Question:
    """The question that a request, the catalogue's floors, the results of a ranked kind and the
    record's turn make."""
    results = sources.retrieved
    if isinstance(results, UnitResults):
        return recommendations_question(unit_page(sources.request, compiled.units), results)
    cart = cart_of(record.kind, sources.request)
    priced = with_floors(cart, sources.floors) if cart is not None else None
    if record.kind == "cart":
        assert priced is not None
        return priced
    if record.kind == "category":
        assert results is not None
        page = category_page(sources.request, compiled.settings)
        return category_question(page, results, priced)
    return content_question(sources.request, priced, record.turn)

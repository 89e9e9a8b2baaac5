"""A decision as it was just made: outcome, trace, digests, and its way into the log."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.ids import SiteId
from aggregates.kernel.ids import decision_id
from aggregates.log import Append
from aggregates.log import IdempotencyRow
from decisions.gather import Gathered
from decisions.means import Means
from decisions.record import SEMANTICS
from decisions.record import ModelRef
from decisions.record import Record
from decisions.record import digest_of
from decisions.record import new_event
from decisions.record import outcome_digest
from decisions.turns import turned
from rulesets.compiled import CompiledRevision
from rulesets.outcome import Decided
from rulesets.pipeline import decide
from rulesets.question import ContentQuestion
from rulesets.question import Question

SEED_BITS = 63


@dataclass(slots=True)
class Made:
    """One decision. `log_position` is that of its event, or the head it was made at (dry run)."""

    record: Record
    compiled: CompiledRevision
    question: Question
    decided: Decided
    log_position: int


Once = Callable[[Made], IdempotencyRow | None]


def make(
    means: Means,
    kind: str,
    gathered: Gathered,
    question: Question,
    models: tuple[ModelRef, ...] = (),
) -> Made:
    """Runs the rules over the facts; `models` are those that were asked for results."""
    seed = means.random.bits(SEED_BITS)
    compiled, facts = gathered.compiled, gathered.sources.facts
    decided = decide(compiled, facts, question, gathered.at, seed)
    outcome = decided.outcome.to_json()
    record = Record(
        decision_id=decision_id(gathered.at, means.random.bits(80)),
        kind=kind,
        semantics=SEMANTICS,
        revision=compiled.revision,
        revision_digest=compiled.digest,
        positions=gathered.positions,
        decided_at=gathered.at,
        seed=seed,
        shoppers=gathered.shoppers,
        outcome=outcome,
        outcome_digest=outcome_digest(outcome),
        trace_digest=digest_of(decided.trace.to_json())[1],
        engine=decided.engine,
        disagreed=decided.disagreed,
        sources=gathered.sources,
        turn=question.turn if isinstance(question, ContentQuestion) else None,
        models=models,
    )
    return Made(record, compiled, question, decided, gathered.positions["head"])


def recorded(
    means: Means, site: SiteId, made: Made, owner: Pseudonym | None, once: IdempotencyRow | None
) -> Made:
    """Durable when it returns. DuplicateEvent: another answer took its turn meanwhile."""
    events = (*turned(site, made.record), new_event(site, made.record, owner))
    turns = made.record.turn is not None
    appended = means.log.append(Append(site, events, once=once, refuse_duplicates=turns))
    made.log_position = appended.log_position
    return made

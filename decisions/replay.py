"""Replay: the same decision again, and every difference with both values.

`recorded` decides again from the recorded facts: it proves rules, engine and arithmetic. `from_log`
first finds the facts again in the log's events alone: it proves what was known as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from typing import Literal

from aggregates.kernel.canonical import canonical
from aggregates.kernel.errors import Conflict
from aggregates.kernel.errors import DomainError
from aggregates.kernel.errors import InvalidValue
from aggregates.kernel.errors import NotFound
from aggregates.kernel.errors import TamperedLog
from aggregates.kernel.errors import Unavailable
from aggregates.kernel.ids import SiteId
from aggregates.kernel.ids import stream_id
from decisions.again import Again
from decisions.again import decided_again
from decisions.again import decided_by
from decisions.erased import readable
from decisions.findings import EVENT_UNREADABLE
from decisions.findings import MODEL_MISSING
from decisions.findings import REPLAY_FAILED
from decisions.findings import REVISION_DAMAGED
from decisions.findings import REVISION_MISSING
from decisions.findings import SEMANTICS_UNKNOWN
from decisions.findings import Difference
from decisions.findings import Finding
from decisions.findings import Replayed
from decisions.findings import differences
from decisions.from_log import gather_as_of
from decisions.made import Made
from decisions.means import Means
from decisions.past import Past
from decisions.record import Record
from decisions.record import Sources
from decisions.record import digest_of_text
from decisions.record import outcome_digest
from decisions.record import plain
from decisions.turns import turn_as_of
from projections.recommendations.artefact_format import Damaged
from rulesets.compiled import CompiledRevision
from rulesets.question import Turn

Mode = Literal["recorded", "from_log"]
MODES: tuple[Mode, ...] = ("recorded", "from_log")


class _Found(Exception):
    """Ends the replay of one decision with a finding."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code)
        self.finding = Finding(code, detail)


def find(means: Means, site: SiteId, decision_id: str) -> Record:
    """A recorded decision; NotFound, or Erased if its person was forgotten."""
    stream = stream_id(site, "decision", decision_id)
    events = means.log.read_stream(site, stream, unseal=True, last=True)
    if not events:
        raise NotFound("decision_unknown", "no decision by that id")
    return readable(means, site, events[-1])


def remade(means: Means, site: SiteId, record: Record, log_position: int) -> Made:
    """A recorded decision as it was made, for answering or explaining it once more."""
    again = decided_again(means, site, record, record.sources)
    return Made(record, again.compiled, again.question, again.decided, log_position)


def replay(
    means: Means, site: SiteId, record: Record, mode: str, past: Past | None = None
) -> Replayed:
    """One decision again, in one of the MODES; `past` is shared by the replays of a range. Whatever
    is wrong is a finding; Unavailable alone is raised."""
    if mode not in MODES:
        raise InvalidValue("unknown_mode", "recorded or from_log")
    told = past or Past.of(means.log, site)
    about = (record.decision_id, record.kind, record.revision, record.positions)
    done = Replayed(*about)
    try:
        compiled = _compiled(means, record, told)
        if mode == "recorded":
            return Replayed(*about, _compared(record, _again(compiled, record)))
        return _from_log(means, record, compiled, told, done)
    except _Found as error:
        return replace(done, findings=(error.finding,))
    except Unavailable:
        raise
    except Exception as error:  # the range goes on, and whoever reads of it knows where
        return replace(done, findings=(Finding(REPLAY_FAILED, type(error).__name__),))


def _from_log(
    means: Means, record: Record, compiled: CompiledRevision, past: Past, done: Replayed
) -> Replayed:
    with _readable():
        rebuilt = gather_as_of(means, record, compiled, past)
    found = _facts_compared(record.sources, rebuilt.sources)
    turn = turn_as_of(means, past.site, record)
    found += differences("/turn", _number(record.turn), _number(turn))
    again = _again(compiled, replace(record, turn=turn, sources=rebuilt.sources))
    return replace(
        done,
        differences=(*found, *_compared(record, again)),
        not_rebuilt=rebuilt.not_rebuilt,
        findings=rebuilt.findings,
    )


def _compiled(means: Means, record: Record, past: Past) -> CompiledRevision:
    try:
        return past.compiled(means.revisions, record.revision, record.positions["settings"])
    except Unavailable:
        raise
    except NotFound as error:
        raise _Found(REVISION_MISSING, f"revision {record.revision}") from error
    except Exception as error:
        told = error.code if isinstance(error, DomainError) else type(error).__name__
        raise _Found(REVISION_DAMAGED, f"revision {record.revision}: {told}") from error


def _again(compiled: CompiledRevision, record: Record) -> Again:
    try:
        return decided_by(compiled, record, record.sources)
    except Conflict as error:
        raise _Found(SEMANTICS_UNKNOWN, f"semantics {record.semantics}") from error


@contextmanager
def _readable() -> Iterator[None]:
    """What facts are found in: the model that was asked, and events with their keys."""
    try:
        yield
    except Damaged as error:
        raise _Found(MODEL_MISSING, str(error)) from error
    except TamperedLog as error:
        raise _Found(EVENT_UNREADABLE, f"{error.code} at {error.data['position']}") from error
    except (NotFound, Unavailable) as error:
        found = {"model_unknown": MODEL_MISSING, "model_damaged": MODEL_MISSING}
        found["key_unknown"] = EVENT_UNREADABLE
        if error.code not in found:
            raise
        raise _Found(found[error.code], error.detail) from error


def _compared(record: Record, again: Again) -> tuple[Difference, ...]:
    """Bytes first: JSON is taken apart only where it differs."""
    made = again.decided.outcome.to_json()
    text = canonical(made)
    is_same = text == canonical(record.outcome)
    outcome = record.outcome if is_same else plain(made)
    found = [] if is_same else differences("/outcome", record.outcome, outcome)
    if record.says_guesses or not record.outcome.get("coupons"):
        digest = digest_of_text(text)
    else:
        digest = outcome_digest(outcome)
    pairs: list[tuple[str, Any, Any]] = [
        ("/revision_digest", record.revision_digest, again.compiled.digest),
        ("/outcome_digest", record.outcome_digest, digest),
        ("/trace_digest", record.trace_digest, again.trace_digest),
    ]
    if record.engine == again.decided.engine:
        pairs.append(("/disagreed", list(record.disagreed), list(again.decided.disagreed)))
    for path, one, other in pairs:
        if one != other:
            found += differences(path, one, other)
    return tuple(found)


def _facts_compared(recorded: Sources, rebuilt: Sources) -> list[Difference]:
    one, other = recorded.facts_json(), rebuilt.facts_json()
    if canonical(one) == canonical(other):
        return []
    return differences("/facts", {"floors": {}, **plain(one)}, {"floors": {}, **plain(other)})


def _number(turn: Turn | None) -> int | None:
    return None if turn is None else turn.number

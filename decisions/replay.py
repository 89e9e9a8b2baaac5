"""Replay: the same decision again, and every difference with both values.

`recorded` decides again from the recorded facts: it proves rules, engine and arithmetic. `from_log`
first finds the facts again in the log's events alone: it proves what was known as well.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from typing import Any
from typing import Literal

from aggregates.kernel.errors import Erased
from aggregates.kernel.errors import InvalidValue
from aggregates.kernel.errors import NotFound
from aggregates.kernel.ids import SiteId
from aggregates.kernel.ids import stream_id
from aggregates.log import RecordedEvent
from decisions.again import Again
from decisions.again import decided_again
from decisions.erased import readable
from decisions.from_log import gather_as_of
from decisions.made import Made
from decisions.means import Means
from decisions.past import Past
from decisions.record import TOPIC
from decisions.record import Record
from decisions.record import Sources
from decisions.record import from_event
from decisions.record import outcome_digest
from decisions.record import plain
from decisions.turns import turn_as_of
from rulesets.question import Turn

Mode = Literal["recorded", "from_log"]
MODES: tuple[Mode, ...] = ("recorded", "from_log")
PAGE = 500


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where the replay says something else; None where a side has nothing."""

    path: str
    recorded: Any
    replayed: Any


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of a replay. `not_rebuilt`: what the log cannot tell any more."""

    decision_id: str
    differences: tuple[Difference, ...]
    not_rebuilt: tuple[str, ...]
    revision: int
    positions: dict[str, int]

    @property
    def identical(self) -> bool:
        """Whether the replay says what was said."""
        return not self.differences and not self.not_rebuilt

    def to_json(self) -> dict[str, Any]:
        """As answered."""
        return {
            "decision_id": self.decision_id,
            "identical": self.identical,
            "differences": [
                {"path": d.path, "recorded": d.recorded, "replayed": d.replayed}
                for d in self.differences
            ],
            "not_rebuilt": list(self.not_rebuilt),
            "revision": self.revision,
            "positions": self.positions,
        }


@dataclass(slots=True)
class Counts:
    """The sum of many replays; `erased` ones cannot be replayed and prove nothing."""

    replayed: int = 0
    identical: int = 0
    erased: int = 0
    different: list[Replayed] = field(default_factory=list)


def find(means: Means, site: SiteId, decision_id: str) -> Record:
    """A recorded decision; NotFound, or Erased with the moment if its person was forgotten."""
    stream = stream_id(site, "decision", decision_id)
    events = means.log.read_stream(site, stream, unseal=True, last=True)
    if not events:
        raise NotFound("decision_unknown", "no decision by that id")
    return readable(means, site, events[-1])


def replay(
    means: Means, site: SiteId, record: Record, mode: str, past: Past | None = None
) -> Replayed:
    """One decision again, in one of the MODES; `past` is shared by the replays of a range."""
    if mode not in MODES:
        raise InvalidValue("unknown_mode", "recorded or from_log")
    lost: tuple[str, ...] = ()
    found: list[Difference] = []
    sources = record.sources
    again = decided_again(means, site, record, sources)
    if mode == "from_log":
        told = past or Past.of(means.log, site)
        rebuilt = gather_as_of(means, site, record, again.compiled, told)
        lost = rebuilt.not_rebuilt
        found += differences("/facts", _facts(sources), _facts(rebuilt.sources))
        turn = turn_as_of(means, site, record)
        found += differences("/turn", _number(record.turn), _number(turn))
        again = decided_again(means, site, replace(record, turn=turn), rebuilt.sources)
    found += _compared(record, again)
    return Replayed(record.decision_id, tuple(found), lost, record.revision, record.positions)


def remade(means: Means, site: SiteId, record: Record, log_position: int) -> Made:
    """A recorded decision as it was made, for answering or explaining it once more."""
    again = decided_again(means, site, record, record.sources)
    return Made(record, again.compiled, again.question, again.decided, log_position)


def replay_range(
    means: Means,
    site: SiteId,
    mode: str,
    between: tuple[int, int | None] = (0, None),
    progress: Callable[[int, int], None] | None = None,
) -> Counts:
    """Every decision of a site recorded from the first moment on and before the second;
    `progress(position, head)` is called as it goes."""
    start_at, end_at = between
    counts = Counts()
    past = Past.of(means.log, site)
    head = means.log.head(site).position
    for event in _decisions(means, site, head, progress):
        if event.recorded_at < start_at:
            continue
        if end_at is not None and event.recorded_at >= end_at:
            break
        try:
            result = replay(means, site, from_event(event), mode, past)
        except Erased:
            counts.erased += 1
            continue
        counts.replayed += 1
        if result.identical:
            counts.identical += 1
        else:
            counts.different.append(result)
    return counts


def differences(path: str, recorded: Any, replayed: Any) -> list[Difference]:
    """Where two JSON values differ, as deep as both have the same shape."""
    if isinstance(recorded, dict) and isinstance(replayed, dict):
        return [
            difference
            for name in sorted(recorded.keys() | replayed.keys())
            for difference in differences(f"{path}/{name}", recorded.get(name), replayed.get(name))
        ]
    if isinstance(recorded, list) and isinstance(replayed, list) and len(recorded) == len(replayed):
        return [
            difference
            for index, (one, other) in enumerate(zip(recorded, replayed, strict=True))
            for difference in differences(f"{path}/{index}", one, other)
        ]
    same = type(recorded) is type(replayed) and recorded == replayed
    return [] if same else [Difference(path, recorded, replayed)]


def _number(turn: Turn | None) -> int | None:
    return None if turn is None else turn.number


def _facts(sources: Sources) -> dict[str, Any]:
    kept: dict[str, Any] = plain(sources.facts_json())
    return {"floors": {}, **kept}


def _compared(record: Record, again: Again) -> list[Difference]:
    outcome = plain(again.decided.outcome.to_json())
    digest = outcome_digest(outcome, says_guesses=record.says_guesses)
    pairs: list[tuple[str, Any, Any]] = [
        ("/revision_digest", record.revision_digest, again.compiled.digest),
        ("/outcome", record.outcome, outcome),
        ("/outcome_digest", record.outcome_digest, digest),
        ("/trace_digest", record.trace_digest, again.trace_digest),
    ]
    if record.engine == again.decided.engine:
        pairs.append(("/disagreed", list(record.disagreed), list(again.decided.disagreed)))
    return [found for path, one, other in pairs for found in differences(path, one, other)]


def _decisions(
    means: Means, site: SiteId, head: int, progress: Callable[[int, int], None] | None
) -> Iterator[RecordedEvent]:
    after = 0
    topics: frozenset[str] = frozenset({TOPIC})
    while True:
        page = means.log.read(site, after, PAGE, upto=head, topics=topics, unseal=True)
        for event in page:
            yield event
            if progress is not None:
                progress(event.position, head)
        if len(page) < PAGE:
            return
        after = page[-1].position


def to_text(difference: Difference) -> str:
    """One difference as a line: `/outcome/lines/0: 250 was recorded, 251 came out`."""
    return f"{difference.path}: {difference.recorded!r} recorded, {difference.replayed!r} replayed"

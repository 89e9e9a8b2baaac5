"""Replays of many decisions, in the order of the log, page by page.

Every page tells what became of its decisions and how far it reached: whoever keeps that goes on
there. Nothing ends a range but a store that does not answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field

from aggregates.kernel.errors import DomainError
from aggregates.kernel.errors import Erased
from aggregates.kernel.errors import Unavailable
from aggregates.kernel.ids import SiteId
from aggregates.log import EventLog
from aggregates.log import RecordedEvent
from decisions.findings import EVENT_SHAPE_UNKNOWN
from decisions.findings import EVENT_UNREADABLE
from decisions.findings import Finding
from decisions.findings import Replayed
from decisions.means import Means
from decisions.past import Past
from decisions.record import TOPIC
from decisions.record import Record
from decisions.record import from_event
from decisions.replay import replay

PAGE = 500
_TOPICS: frozenset[str] = frozenset({TOPIC})


@dataclass(slots=True)
class Counts:
    """The sum of many replays; `erased` ones cannot be replayed and prove nothing. `different` has
    what was not identical, by position; `revisions` what decided: digest by number, and what is
    wrong with those that the log does not prove."""

    replayed: int = 0
    identical: int = 0
    erased: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    semantics: Counter[int] = field(default_factory=Counter)
    revisions: dict[int, str] = field(default_factory=dict)
    unproven: dict[int, str] = field(default_factory=dict)
    different: dict[int, Replayed] = field(default_factory=dict)

    def add(self, other: Counts) -> None:
        """Adds what another part of the range came to."""
        self.replayed += other.replayed
        self.identical += other.identical
        self.erased += other.erased
        self.kinds.update(other.kinds)
        self.semantics.update(other.semantics)
        self.revisions |= other.revisions
        self.unproven |= other.unproven
        self.different |= other.different


@dataclass(frozen=True, slots=True)
class Page:
    """What became of the decisions up to a position."""

    upto: int
    counts: Counts


@dataclass(frozen=True, slots=True)
class Range:
    """The positions after the first up to the second, of one site, replayed in one mode."""

    site: SiteId
    mode: str
    after: int
    upto: int


def replay_range(
    means: Means,
    site: SiteId,
    mode: str,
    between: tuple[int, int | None] = (0, None),
    progress: Callable[[int, int], None] | None = None,
) -> Counts:
    """Every decision of a site recorded from the first moment on and before the second;
    `progress(position, last)` is called as it goes."""
    after, upto = positions_between(means.log, site, *between)
    counts = Counts()
    for page in pages(means, Range(site, mode, after, upto), Past.of(means.log, site)):
        counts.add(page.counts)
        if progress is not None:
            progress(page.upto, upto)
    return counts


def positions_between(
    log: EventLog, site: SiteId, start_at: int, end_at: int | None
) -> tuple[int, int]:
    """The position before the first event recorded from a moment on, and that of the last recorded
    before another (None: the head)."""
    head = log.head(site).position
    after = _first_from(log, site, start_at, head) - 1
    upto = head if end_at is None else _first_from(log, site, end_at, head) - 1
    return after, max(after, upto)


def pages(means: Means, asked: Range, past: Past) -> Iterator[Page]:
    """All decisions of a range; `past` may serve the next range too."""
    after = asked.after
    while after < asked.upto:
        counts = Counts()
        events, after = _read(means.log, asked, after, counts)
        for event, record in _in_order(events, asked.mode, counts):
            if record.revision not in counts.revisions:
                _look_at_revision(means, record, past, counts)
            result = replay(means, asked.site, record, asked.mode, past)
            counts.replayed += 1
            counts.kinds[record.kind] += 1
            counts.semantics[record.semantics] += 1
            if result.identical:
                counts.identical += 1
            else:
                counts.different[event.position] = result
        yield Page(after, counts)


def _first_from(log: EventLog, site: SiteId, moment: int, head: int) -> int:
    """The position of the first event recorded from a moment on; after the head if there is none.
    Moments of recording never go back."""
    low, high = 1, head + 1
    while low < high:
        middle = (low + high) // 2
        event = log.read_position(site, middle)
        if event is not None and event.recorded_at < moment:
            low = middle + 1
        else:
            high = middle
    return low


def _read(
    log: EventLog, asked: Range, after: int, counts: Counts
) -> tuple[list[RecordedEvent], int]:
    """The decisions of the next page, and up to where they are all there are. Where one of them
    does not open, they are read one by one."""
    site, upto = asked.site, asked.upto
    try:
        events = log.read(site, after, PAGE, upto=upto, topics=_TOPICS, unseal=True)
    except Unavailable:
        raise
    except (DomainError, ValueError):
        end = min(upto, after + PAGE)
        singly = (_single(log, site, position, counts) for position in range(after + 1, end + 1))
        return [event for event in singly if event is not None], end
    return events, upto if len(events) < PAGE else events[-1].position


def _single(log: EventLog, site: SiteId, position: int, counts: Counts) -> RecordedEvent | None:
    try:
        found = log.read(site, position - 1, 1, upto=position, topics=_TOPICS, unseal=True)
    except Unavailable:
        raise
    except (DomainError, ValueError) as error:
        told = error.code if isinstance(error, DomainError) else type(error).__name__
        _unread(counts, position, "", Finding(EVENT_UNREADABLE, told))
        return None
    return found[0] if found else None


def _in_order(
    events: list[RecordedEvent], mode: str, counts: Counts
) -> list[tuple[RecordedEvent, Record]]:
    """The records of a page; for `from_log` by what they knew of the log, so that it is read
    forward."""
    found = []
    for event in events:
        if not event.shape_known:
            detail = f"{event.topic} at position {event.position}"
            _unread(counts, event.position, _id(event), Finding(EVENT_SHAPE_UNKNOWN, detail))
            continue
        try:
            found.append((event, from_event(event)))
        except Erased:
            counts.erased += 1
        except (LookupError, TypeError, ValueError) as error:
            detail = f"{type(error).__name__} at position {event.position}"
            _unread(counts, event.position, _id(event), Finding(EVENT_SHAPE_UNKNOWN, detail))
    if mode == "from_log":
        found.sort(key=lambda one: one[1].positions["head"])
    return found


def _id(event: RecordedEvent) -> str:
    return str(event.data.get("decision_id", ""))


def _unread(counts: Counts, position: int, decision_id: str, finding: Finding) -> None:
    """A decision that cannot even be read counts as one that was replayed, with its finding."""
    counts.replayed += 1
    counts.different[position] = Replayed(decision_id, "", 0, {}, findings=(finding,))


def _look_at_revision(means: Means, record: Record, past: Past, counts: Counts) -> None:
    """Notes what decided, and whether the log proves it. One that is missing is a finding of each
    of its decisions."""
    counts.revisions[record.revision] = record.revision_digest
    wrong = past.wrong(means.revisions, record.revision, record.positions["settings"])
    if wrong is not None:
        counts.unproven[record.revision] = wrong

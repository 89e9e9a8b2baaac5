"""Library aggregates on the log: their events are events of the vocabulary.

The name of an aggregate's event is its topic: `@event("DefinitionDrafted")`. Its arguments are the
fields that the vocabulary lists. When something happened is the log's to say, so the library's own
timestamp is not stored; on loading it is the moment of recording.

A command appends `collected(..)` together with whatever else belongs to its unit; `SiteApplication`
is the library's own way in, for those who hold an aggregate and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from typing import TypeVar
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import ApplicationRecorder
from eventsourcing.persistence import Mapper
from eventsourcing.persistence import StoredEvent
from eventsourcing.utils import get_topic

from aggregates.kernel.clock import to_datetime
from aggregates.kernel.ids import SiteId
from aggregates.log import EventLog
from aggregates.log import NewEvent
from aggregates.log import RecordedEvent
from app.eventlog.log import SqlEventLog
from app.eventlog.recorder import SiteRecorder

A = TypeVar("A", bound=Aggregate)
_NOT_FIELDS = frozenset({"originator_id", "originator_version", "timestamp", "originator_topic"})


def collected(site: SiteId, *aggregates: Aggregate) -> tuple[tuple[NewEvent, ...], dict[UUID, int]]:
    """The pending events of aggregates, which have none afterwards, and what each stream's version
    must be: the two belong into one Append of `site`."""
    events: list[NewEvent] = []
    expect: dict[UUID, int] = {}
    for aggregate in aggregates:
        pending = [_new_event(event) for event in aggregate.collect_events()]
        if pending:
            assert pending[0].version is not None
            expect[pending[0].stream_id] = pending[0].version - 1
            events += pending
    return tuple(events), expect


def load(
    log: EventLog, site: SiteId, cls: type[A], stream_id: UUID, upto: int | None = None
) -> A | None:
    """An aggregate as it is, or was at a log position; None if it did not exist."""
    aggregate: A | None = None
    for event in log.read_stream(site, stream_id, upto=upto, unseal=True):
        aggregate = _domain_event(cls, event).mutate(aggregate)
    return aggregate


class SiteApplication(Application[UUID]):
    """The library's application on the log of one site, for these classes of aggregates."""

    def __init__(self, log: SqlEventLog, site: SiteId, *classes: type[Aggregate]) -> None:
        self._log = log
        self._site = site
        self._classes = classes
        super().__init__()

    def construct_mapper(self) -> Mapper[UUID]:
        """Ours: states are those of the codec."""
        return SiteMapper(self._log, self._site, self._classes)

    def construct_recorder(self) -> ApplicationRecorder:
        """Ours: the log of the site."""
        return SiteRecorder(self._log, self._site)


class SiteMapper(Mapper[UUID]):
    """Between the library's events and stored states, which the log's codec writes and reads."""

    def __init__(self, log: SqlEventLog, site: SiteId, classes: Sequence[type[Aggregate]]) -> None:
        self._log = log
        self._site = site
        self._classes = classes

    def to_stored_event(self, domain_event: DomainEventProtocol[UUID]) -> StoredEvent:
        """An event of an aggregate as it is stored."""
        event = _new_event(domain_event)
        assert event.version is not None
        state = self._log.codec.encode(self._site, event)
        return StoredEvent(event.stream_id, event.version, event.topic, state)

    def to_domain_event(self, stored_event: StoredEvent) -> DomainEventProtocol[UUID]:
        """A stored event as the class that declared it."""
        stream, topic = stored_event.originator_id, stored_event.topic
        assert isinstance(stream, UUID)
        version = stored_event.originator_version
        cls = next(cls for cls in self._classes if hasattr(cls, topic))
        row = (self._site, 0, stream.bytes, version, topic, None, 0, 0, stored_event.state)
        event: DomainEventProtocol[UUID] = _domain_event(
            cls, self._log.codec.decode([row], unseal=True)[0]
        )
        return event


def _new_event(event: DomainEventProtocol[UUID]) -> NewEvent:
    fields = {name: value for name, value in vars(event).items() if name not in _NOT_FIELDS}
    return NewEvent(event.originator_id, event.originator_version, type(event).__name__, fields)


def _domain_event(cls: type[Aggregate], event: RecordedEvent) -> Any:
    event_class = getattr(cls, event.topic)
    made = object.__new__(event_class)
    made.__dict__.update(
        event.data,
        originator_id=event.stream_id,
        originator_version=event.version,
        timestamp=to_datetime(event.recorded_at),
    )
    if issubclass(event_class, Aggregate.Created):
        made.__dict__["originator_topic"] = get_topic(cls)
    return made

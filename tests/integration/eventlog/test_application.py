"""Library aggregates on the log: what they say is stored as events of the vocabulary."""

from __future__ import annotations

from typing import Any
from uuid import UUID
from uuid import uuid4

import pytest
from eventsourcing.application import AggregateNotFoundError
from eventsourcing.domain import Aggregate
from eventsourcing.domain import event
from eventsourcing.persistence import IntegrityError

from aggregates.kernel.clock import to_datetime
from aggregates.kernel.errors import InvalidValue
from aggregates.kernel.errors import VersionConflict
from aggregates.kernel.ids import SiteId
from aggregates.log import Append
from app.eventlog.application import SiteApplication
from app.eventlog.application import collected
from app.eventlog.application import load
from app.eventlog.log import SqlEventLog
from tests.fakes import SettableClock

SITE = SiteId("shop")


class Link(Aggregate):
    """An aggregate as small as they come."""

    @event("IdentitiesLinked")
    def __init__(self, anonymous: str, customer: str, trust: str) -> None:
        self.anonymous = anonymous
        self.customer: str | None = customer
        self.trust = trust

    @event("IdentitiesUnlinked")
    def unlink(self, anonymous: str, customer: str, trust: str) -> None:
        self.customer = None


class Odd(Aggregate):
    """Says something that the vocabulary does not know."""

    @event("IdentitiesLinked")
    def __init__(self, secret: str) -> None:
        self.secret = secret


def _linked() -> Link:
    return Link("a" * 32, "c" * 32, "server")


def _append(log: SqlEventLog, *aggregates: Aggregate) -> None:
    events, expect = collected(SITE, *aggregates)
    log.append(Append(SITE, events, expect=expect))


def test_an_aggregate_is_loaded_as_it_was_at_any_position(
    event_log: SqlEventLog, clock: SettableClock
) -> None:
    link = _linked()
    _append(event_log, link)
    clock.advance(5)
    link.unlink("a" * 32, "c" * 32, "server")
    _append(event_log, link)
    now = load(event_log, SITE, Link, link.id)
    then = load(event_log, SITE, Link, link.id, upto=1)
    assert now is not None
    assert then is not None
    assert (now.customer, now.version) == (None, 2)
    assert (then.customer, then.version) == ("c" * 32, 1)
    assert now.modified_on == to_datetime(clock.now())
    assert load(event_log, SITE, Link, uuid4()) is None


def test_events_are_stored_under_their_names_with_their_fields(event_log: SqlEventLog) -> None:
    link = _linked()
    _append(event_log, link)
    stored = event_log.read(SITE, 0, 10)
    assert [(e.topic, e.version, e.stream_id) for e in stored] == [("IdentitiesLinked", 1, link.id)]
    assert stored[0].data == {"anonymous": "a" * 32, "customer": "c" * 32, "trust": "server"}


def test_of_two_who_changed_the_same_aggregate_the_second_is_refused(
    event_log: SqlEventLog,
) -> None:
    link = _linked()
    _append(event_log, link)
    mine, theirs = (load(event_log, SITE, Link, link.id) for _ in range(2))
    for copy in (mine, theirs):
        assert copy is not None
        copy.unlink("a" * 32, "c" * 32, "server")
    assert mine is not None
    assert theirs is not None
    _append(event_log, mine)
    with pytest.raises(VersionConflict):
        _append(event_log, theirs)


def test_nothing_pending_is_nothing_to_append() -> None:
    link = _linked()
    collected(SITE, link)
    assert collected(SITE, link) == ((), {})


def test_a_field_that_is_not_in_the_vocabulary_is_refused(event_log: SqlEventLog) -> None:
    with pytest.raises(InvalidValue) as refused:
        _append(event_log, Odd("x"))
    assert refused.value.code == "unclassified_field"
    assert event_log.head(SITE).position == 0


def test_the_librarys_application_saves_and_loads(event_log: SqlEventLog) -> None:
    application = SiteApplication(event_log, SITE, Link)
    link = _linked()
    recordings: list[Any] = application.save(link)
    assert [recording.notification.id for recording in recordings] == [1]
    link.unlink("a" * 32, "c" * 32, "server")
    application.save(link)
    again: Link = application.repository.get(link.id)
    assert (again.customer, again.version) == (None, 2)
    first: Link = application.repository.get(link.id, version=1)
    assert first.customer == "c" * 32
    with pytest.raises(AggregateNotFoundError):
        application.repository.get(UUID(int=1))
    application.close()


def test_the_librarys_application_refuses_a_stale_aggregate(event_log: SqlEventLog) -> None:
    application = SiteApplication(event_log, SITE, Link)
    link = _linked()
    application.save(link)
    copies: list[Link] = [application.repository.get(link.id) for _ in range(2)]
    for copy in copies:
        copy.unlink("a" * 32, "c" * 32, "server")
    application.save(copies[0])
    with pytest.raises(IntegrityError):
        application.save(copies[1])
    application.close()

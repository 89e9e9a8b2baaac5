"""The library's own recorder test cases, on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID
from uuid import uuid4

import pytest
from eventsourcing.persistence import AggregateRecorder
from eventsourcing.persistence import ApplicationRecorder
from eventsourcing.persistence import ProgrammingError
from eventsourcing.persistence import StoredEvent
from eventsourcing.persistence import Tracking

from aggregates.kernel.ids import SiteId
from app.database import Stores
from app.eventlog.log import SqlEventLog
from app.eventlog.recorder import SiteRecorder
from app.verifying.log import verify
from tests import library_cases

SITE = SiteId("shop")


class WithoutIds(SiteRecorder):
    """As an aggregate recorder, which has no ids to give."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> None:
        super().insert_events(stored_events, **kwargs)


class OurApplicationRecorder(library_cases.ApplicationRecorderTestCase):  # type: ignore[misc]
    __test__ = False  # run by the tests below, with a recorder
    recorder: SiteRecorder

    def create_recorder(self) -> ApplicationRecorder:
        return self.recorder


class OurAggregateRecorder(library_cases.AggregateRecorderTestCase):  # type: ignore[misc]
    __test__ = False
    recorder: WithoutIds

    def create_recorder(self) -> AggregateRecorder:
        return self.recorder


@pytest.mark.parametrize(
    "case",
    [
        "test_insert_select",
        "test_concurrent_no_conflicts",
        "test_concurrent_throughput",
        "test_performance",
        "optional_test_insert_subscribe",
    ],
)
def test_the_library_accepts_it_as_an_application_recorder(
    case: str, event_log: SqlEventLog, stores: Stores
) -> None:
    test = OurApplicationRecorder(case)
    test.recorder = SiteRecorder(event_log, SITE)
    getattr(test, case)()
    verify(stores.log, SITE)


@pytest.mark.parametrize("case", ["test_insert_and_select", "test_performance"])
def test_the_library_accepts_it_as_an_aggregate_recorder(case: str, event_log: SqlEventLog) -> None:
    test = OurAggregateRecorder(case)
    test.recorder = WithoutIds(event_log, SITE)
    getattr(test, case)()


def test_it_keeps_no_tracking(event_log: SqlEventLog) -> None:
    event = StoredEvent(uuid4(), 1, "topic", b"{}")
    with pytest.raises(ProgrammingError):
        SiteRecorder(event_log, SITE).insert_events([event], tracking=Tracking("other", 1))


def test_recorders_of_two_sites_do_not_see_each_other(event_log: SqlEventLog) -> None:
    one, other = SiteRecorder(event_log, SITE), SiteRecorder(event_log, SiteId("other"))
    event = StoredEvent(uuid4(), 1, "topic", b"{}")
    assert one.insert_events([event]) == [1]
    assert other.insert_events([event]) == [1]
    assert one.max_notification_id() == other.max_notification_id() == 1
    assert isinstance(event.originator_id, UUID)

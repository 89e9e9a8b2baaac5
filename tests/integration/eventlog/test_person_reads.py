"""Reading a person and a moment out of the log, without looking at everybody's events."""

from __future__ import annotations

import pytest

from aggregates.kernel.clock import SECOND
from aggregates.kernel.ids import Pseudonym
from app.eventlog.keys import KeyStore
from app.eventlog.log import SqlEventLog
from tests.fakes import SettableClock
from tests.log_events import SITE
from tests.log_events import unit
from tests.log_events import viewed


def test_positions_of_a_person_are_read_page_by_page(
    event_log: SqlEventLog, keys: KeyStore
) -> None:
    ann, bob, eve = keys.of_many(SITE, [("customer", name) for name in ("ann", "bob", "eve")])
    event_log.append(unit(*(viewed(shopper_id=one) for one in (ann, eve, bob, ann, eve, bob))))
    both = [ann, bob]
    assert event_log.positions_of(SITE, both, 0, 9) == [1, 3, 4, 6]
    assert event_log.positions_of(SITE, both, 1, 2) == [3, 4]
    assert event_log.positions_of(SITE, both, 0, 9, upto=3) == [1, 3]
    assert event_log.positions_of(SITE, [], 0, 9) == []
    found = event_log.read_at(SITE, [6, 1, 3, 99])
    assert [(event.position, event.shopper_id) for event in found] == [(1, ann), (3, bob), (6, bob)]
    assert event_log.read_at(SITE, [1, 3], topics={"OrderCompleted"}) == []
    assert event_log.read_at(SITE, []) == []


def test_a_moment_is_the_last_position_recorded_by_then(
    event_log: SqlEventLog, clock: SettableClock
) -> None:
    began = clock.now()
    assert event_log.position_at(SITE, began) == 0
    for _ in range(5):
        event_log.append(unit(viewed(), viewed()))
        clock.advance(SECOND)
    found = [event_log.position_at(SITE, began + after * SECOND) for after in (-1, 0, 1, 4, 99)]
    assert found == [0, 2, 4, 10, 10]
    assert event_log.position_at(SITE, began + 3 * SECOND - 1) == 6


@pytest.mark.parametrize("count", [1, 2, 5])
def test_a_person_of_several_pseudonyms_is_read_by_the_index(
    sqlite_log: SqlEventLog, count: int
) -> None:
    names = [Pseudonym(f"{number:032x}") for number in range(count)]
    asked: list[str] = []
    sqlite_log.pinned.read(lambda cursor: cursor.connection.set_trace_callback(asked.append))
    sqlite_log.read_shopper(SITE, names, 0, topics={"InteractionRecorded", "OrderCompleted"})
    sqlite_log.positions_of(SITE, names, 0, 100)
    queries = [text for text in asked if "shopper_id" in text]
    assert len(queries) == 2
    for query in queries:
        plan = sqlite_log.pinned.read(
            lambda cursor, text=query: cursor.execute(f"EXPLAIN QUERY PLAN {text}").fetchall()
        )
        assert "ix_events_site_shopper_id_position" in str(plan), plan

"""What an append promises, on both databases."""

from __future__ import annotations

from uuid import uuid4

import pytest

from aggregates.kernel.clock import SECOND
from aggregates.kernel.errors import AlreadyDone
from aggregates.kernel.errors import DuplicateEvent
from aggregates.kernel.errors import InvalidValue
from aggregates.kernel.errors import LimitReached
from aggregates.kernel.errors import VersionConflict
from aggregates.kernel.ids import SiteId
from aggregates.log import Append
from aggregates.log import Counter
from aggregates.log import IdempotencyRow
from aggregates.log import NewEvent
from app.database import Stores
from app.eventlog.keys import KeyStore
from app.eventlog.log import SqlEventLog
from tests.fakes import SettableClock
from tests.log_events import SITE
from tests.log_events import assert_whole
from tests.log_events import unit
from tests.log_events import viewed

HOUR = 3600 * SECOND


def test_positions_begin_at_one_and_have_no_gaps(event_log: SqlEventLog, stores: Stores) -> None:
    assert event_log.head(SITE).position == 0
    assert event_log.append(unit(viewed(), viewed())).positions == (1, 2)
    assert event_log.append(unit(viewed())).positions == (3,)
    assert assert_whole(stores).head == event_log.head(SITE)


def test_duplicates_in_a_unit_and_across_units_are_left_out(
    event_log: SqlEventLog, stores: Stores
) -> None:
    first, second = viewed(), viewed()
    assert event_log.append(unit(first, first, second)).positions == (1, None, 2)
    done = event_log.append(unit(second, viewed(), first))
    assert done.positions == (None, 3, None)
    assert done.log_position == 3
    assert event_log.append(unit(first)).log_position == 3
    assert_whole(stores)


def test_a_unit_that_refuses_duplicates_is_written_whole_or_not_at_all(
    event_log: SqlEventLog, stores: Stores
) -> None:
    known = viewed()
    event_log.append(unit(known))
    with pytest.raises(DuplicateEvent):
        event_log.append(unit(viewed(), known, refuse_duplicates=True))
    assert assert_whole(stores).head.position == 1


def test_the_next_version_is_given_under_the_lock(event_log: SqlEventLog) -> None:
    stream = uuid4()
    event_log.append(unit(viewed(stream, 7)))
    event_log.append(unit(viewed(stream, None), viewed(stream, None), viewed(stream, 12)))
    event_log.append(unit(viewed(stream, None)))
    assert [e.version for e in event_log.read_stream(SITE, stream)] == [7, 8, 9, 12, 13]
    assert event_log.read_stream(SITE, stream, last=True)[0].version == 13
    assert [e.version for e in event_log.read_stream(SITE, stream, upto=2)] == [7, 8]


def test_an_expected_version_that_is_not_the_current_one_refuses_the_unit(
    event_log: SqlEventLog, stores: Stores
) -> None:
    stream = uuid4()
    event_log.append(unit(viewed(stream), expect={stream: 0}))
    event_log.append(unit(viewed(stream, 2), expect={stream: 1}))
    for wrong in (0, 1, 3):
        with pytest.raises(VersionConflict) as refused:
            event_log.append(unit(viewed(), expect={stream: wrong}))
        assert refused.value.data == {"expected": wrong, "current": 2}
    assert assert_whole(stores).head.position == 2


def test_a_counter_stops_at_its_limit_and_can_be_given_back(event_log: SqlEventLog) -> None:
    def take(by: int) -> Append:
        return unit(viewed(), move=(Counter("coupon", by, limit=3),))

    event_log.append(take(2))
    with pytest.raises(LimitReached) as refused:
        event_log.append(take(2))
    assert refused.value.data == {"counter": "coupon", "used": 4, "most": 3}
    event_log.append(take(1))
    event_log.append(take(-1))
    event_log.append(take(1))
    with pytest.raises(LimitReached):
        event_log.append(take(1))
    assert event_log.head(SITE).position == 4


def test_a_unit_that_moves_a_counter_twice_meets_its_limit_once(event_log: SqlEventLog) -> None:
    twice = (Counter("coupon", 1, limit=1), Counter("coupon", 1, limit=1))
    with pytest.raises(LimitReached):
        event_log.append(unit(viewed(), move=twice))
    assert event_log.head(SITE).position == 0


def test_a_repeated_idempotency_key_gets_the_answer_of_the_first(
    event_log: SqlEventLog, clock: SettableClock
) -> None:
    once = IdempotencyRow("scope", "request", 201, b'{"id":1}')
    event_log.append(unit(viewed(), once=once))
    with pytest.raises(AlreadyDone) as done:
        event_log.append(unit(viewed(), once=once))
    stored = event_log.stored_answer(SITE, "scope")
    assert done.value.answer == stored
    assert stored is not None
    assert (stored.status, stored.body, stored.log_position) == (201, b'{"id":1}', 1)
    assert event_log.stored_answer(SITE, "other") is None
    assert event_log.head(SITE).position == 1
    clock.advance(24 * HOUR)
    assert event_log.stored_answer(SITE, "scope") is None
    event_log.append(unit(viewed(), once=once))
    again = event_log.stored_answer(SITE, "scope")
    assert again is not None
    assert again.log_position == 2


def test_an_answer_is_kept_without_any_event(event_log: SqlEventLog) -> None:
    once = IdempotencyRow("scope", "request", 422, b"{}")
    assert event_log.append(Append(SITE, once=once)).log_position == 0
    assert event_log.stored_answer(SITE, "scope") is not None
    assert event_log.sites() == []


def test_time_never_goes_back_in_a_log(event_log: SqlEventLog, clock: SettableClock) -> None:
    noon = clock.now()
    event_log.append(unit(viewed()))
    clock.advance(-HOUR)
    late = event_log.append(unit(viewed(occurred_at=noon - 2 * HOUR), viewed()))
    assert late.recorded_at == noon
    events = event_log.read(SITE, 1, 10)
    assert [e.occurred_at for e in events] == [noon - 2 * HOUR, noon]
    assert {e.recorded_at for e in events} == {noon}


def test_nothing_occurs_after_it_was_recorded(event_log: SqlEventLog, clock: SettableClock) -> None:
    event_log.append(unit(viewed(occurred_at=clock.now() + HOUR)))
    assert event_log.read(SITE, 0, 1)[0].occurred_at == clock.now()


def test_sites_have_logs_of_their_own(event_log: SqlEventLog, stores: Stores) -> None:
    event = viewed()
    other = SiteId("other")
    assert event_log.append(unit(event)).positions == (1,)
    assert event_log.append(Append(other, (event,))).positions == (1,)
    assert event_log.sites() == [other, SITE]
    assert_whole(stores, SITE)
    assert_whole(stores, other)


def test_readers_ask_by_position_topic_and_shopper(event_log: SqlEventLog, keys: KeyStore) -> None:
    ann, bob = keys.of_many(SITE, [("customer", "ann"), ("customer", "bob")])
    grouped = NewEvent(uuid4(), 1, "ShopperGrouped", {"trust": "server"}, bob)
    event_log.append(unit(viewed(shopper_id=ann), viewed(shopper_id=bob), grouped, viewed()))
    assert [e.position for e in event_log.read(SITE, 1, 2)] == [2, 3]
    assert [e.position for e in event_log.read(SITE, 0, 9, upto=2)] == [1, 2]
    assert [e.position for e in event_log.read(SITE, 0, 9, topics={"ShopperGrouped"})] == [3]
    assert event_log.read(SITE, 0, 9, topics=()) == []
    assert [e.position for e in event_log.read_shopper(SITE, [bob], 0)] == [2, 3]
    assert [e.position for e in event_log.read_shopper(SITE, [ann, bob], 1, upto=2)] == [2]
    assert event_log.read_shopper(SITE, [], 0) == []
    third = event_log.read_position(SITE, 3)
    assert third is not None
    assert third.topic == "ShopperGrouped"
    assert event_log.read_position(SITE, 5) is None


def test_an_unknown_topic_or_field_never_reaches_the_log(event_log: SqlEventLog) -> None:
    strange = NewEvent(uuid4(), 1, "SomethingHappened", {})
    unclassified = NewEvent(uuid4(), 1, "SiteOpened", {"name": "x", "email": "a@b.c"})
    for event, code in ((strange, "unknown_topic"), (unclassified, "unclassified_field")):
        with pytest.raises(InvalidValue) as refused:
            event_log.append(unit(viewed(), event))
        assert refused.value.code == code
    assert event_log.head(SITE).position == 0


def test_a_large_unit_is_one_unit(event_log: SqlEventLog, stores: Stores) -> None:
    stream = uuid4()
    many = [viewed(stream, version) for version in range(1, 1_501)]
    assert event_log.append(unit(*many, *many[:700])).positions[1_499:1_501] == (1_500, None)
    assert event_log.append(unit(*many)).positions == (None,) * 1_500
    assert assert_whole(stores).head.position == 1_500

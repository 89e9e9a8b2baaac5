"""The follower brings every projection to the head, once, and is stopped by nothing."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import Connection
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from aggregates.kernel.clock import DAY
from aggregates.kernel.clock import SystemClock
from aggregates.kernel.errors import NotFound
from aggregates.kernel.errors import Unavailable
from aggregates.kernel.ids import SiteId
from aggregates.log import RecordedEvent
from aggregates.site import SiteSettings
from projections import positions
from projections.activity import Activity
from projections.followed import Followed
from projections.followed import followed
from projections.follower import PAGE_EVENTS
from projections.follower import Follower
from projections.positions import Overtaken
from projections.profiles import Profiles
from projections.projection import Write
from projections.schema import read_store
from projections.sites import Sites
from tests.projection_events import ANNA
from tests.projection_events import NOON
from tests.projection_events import SITE
from tests.projection_events import MemoryLog
from tests.projection_events import mixture
from tests.projection_events import ordered
from tests.projection_events import recorded
from tests.projection_events import viewed


def _follower(
    stores: Any, log: MemoryLog, projections: Sequence[Followed] | None = None
) -> Follower:
    return Follower(stores, log, projections or followed(), SystemClock())  # type: ignore[arg-type]


def test_every_projection_reaches_the_head_and_stays(stores: Any) -> None:
    log = MemoryLog(mixture(2 * PAGE_EVENTS + 17))
    follower = _follower(stores, log)
    assert follower.lag(SITE) == 2 * PAGE_EVENTS + 17

    assert [follower.step(SITE) for _ in range(4)] == [PAGE_EVENTS, PAGE_EVENTS, 17, 0]
    assert follower.lags() == {SITE: 0}
    with stores.read.connect() as connection:
        places = positions.places(connection, SITE)
    assert {place.position for place in places.values()} == {2 * PAGE_EVENTS + 17}


def test_events_without_any_rows_move_the_position(stores: Any) -> None:
    log = MemoryLog([recorded("RevisionPublished", 1, None), recorded("SiteOpened", 2, None)])
    follower = _follower(stores, log)

    assert follower.step(SITE) == 2
    assert follower.lag(SITE) == 0


def test_pages_of_any_size_give_the_same_rows(stores: Any, rows_of: Any, monkeypatch: Any) -> None:
    log = MemoryLog(mixture(240))
    follower = _follower(stores, log)
    follower.catch_up(SITE)
    whole = rows_of(stores)

    for name in (projection.name for projection in followed()):
        follower.rebuild(SITE, name)
    monkeypatch.setattr("projections.follower.PAGE_EVENTS", 7)
    assert follower.catch_up(SITE) == 35
    assert rows_of(stores) == whole


def test_a_rebuild_from_zero_equals_the_live_rows(stores: Any, rows_of: Any) -> None:
    log = MemoryLog(mixture(300))
    follower = _follower(stores, log)
    for head in (1, 50, 51, 300):
        grown = MemoryLog(log.events[:head])
        _follower(stores, grown).catch_up(SITE)
    live = rows_of(stores)

    follower.rebuild(SITE, "activity")
    follower.rebuild(SITE, "orders")
    follower.catch_up(SITE)
    assert rows_of(stores) == live


def test_a_projection_that_lags_is_brought_up_beside_the_others(stores: Any) -> None:
    log = MemoryLog(mixture(PAGE_EVENTS + 500))
    _follower(stores, log, [p for p in followed() if p.name != "orders"]).catch_up(SITE)
    follower = _follower(stores, log)
    log.events.append(viewed(PAGE_EVENTS + 501, "x"))

    follower.step(SITE)
    with stores.read.connect() as connection:
        places = positions.places(connection, SITE)
    assert places["activity"].position == PAGE_EVENTS + 501  # the ones in front do not wait
    assert places["orders"].position == PAGE_EVENTS

    follower.catch_up(SITE)
    assert follower.lag(SITE) == 0


def test_an_unknown_projection_cannot_be_rebuilt(stores: Any) -> None:
    with pytest.raises(NotFound, match="projection_unknown"):
        _follower(stores, MemoryLog()).rebuild(SITE, "weather")


def test_the_loser_of_a_race_writes_nothing(stores: Any, rows_of: Any) -> None:
    log = MemoryLog(mixture(20))

    class Interrupted(Activity):
        """Folds the page, and then another follower is first."""

        def fold(
            self, connection: Connection, site: SiteId, events: Sequence[RecordedEvent]
        ) -> list[Write]:
            writes = super().fold(connection, site, events)
            connection.rollback()
            _follower(stores, log, [Activity()]).step(SITE)
            return writes

    assert _follower(stores, log, [Interrupted()]).step(SITE) == 0
    alone = rows_of(stores)["activity"]
    follower = _follower(stores, log, [Activity()])
    follower.rebuild(SITE, "activity")
    follower.catch_up(SITE)
    assert rows_of(stores)["activity"] == alone


def test_a_move_from_another_place_is_refused(stores: Any) -> None:
    _follower(stores, MemoryLog(mixture(5)), [Profiles()]).catch_up(SITE)
    here = positions.Place(5, Profiles.version, "")

    for stale in (
        positions.Place(4, here.version, ""),
        positions.Place(5, here.version + 1, ""),
        positions.Place(5, here.version, "UTC"),
    ):
        with stores.read.begin() as connection, pytest.raises(Overtaken):
            positions.move(connection, SITE, "profiles", stale, here)


def _poisoned(at: Sequence[int], count: int) -> MemoryLog:
    events = mixture(count)
    for position in at:
        events[position - 1] = recorded("OrderCompleted", position, ANNA)  # names no order
    return MemoryLog(events)


def _aside(stores: Any) -> set[tuple[str, int]]:
    with stores.read.connect() as connection:
        listed = positions.listed_aside(connection, SITE, 100)
    return {(entry["projection"], entry["position"]) for entry in listed}


def test_a_poison_event_is_set_aside_and_the_rest_goes_on(stores: Any, rows_of: Any) -> None:
    poison = (1, 77, 78, 200)
    follower = _follower(stores, _poisoned(poison, 200))
    follower.catch_up(SITE)

    names = ("orders", "order_events")
    assert _aside(stores) == {(name, position) for name in names for position in poison}
    assert follower.lag(SITE) == 0
    healthy = [e for e in mixture(200) if e.position not in poison]
    after: dict[tuple[Any, str], Any] = {}
    for event in healthy:
        if event.topic.startswith("Order"):
            after[event.shopper_id, event.data["order"]] = event
    assert {(row[1], row[2]) for row in rows_of(stores)["orders"]} == set(after)


def test_what_was_set_aside_tells_the_place_of_the_error_and_no_data(stores: Any) -> None:
    _follower(stores, _poisoned([3], 5)).catch_up(SITE)

    with stores.read.connect() as connection:
        told = positions.listed_aside(connection, SITE, 100)
    (entry,) = [one for one in told if one["projection"] == "orders"]
    assert entry["error"].startswith("KeyError in order_rows.")
    assert entry["set_aside_at"] > 0


def test_an_event_that_the_database_refuses_is_set_aside_too(stores: Any) -> None:
    events = mixture(40)
    events[20] = ordered(21, "big", 2**63)
    follower = _follower(stores, MemoryLog(events))
    follower.catch_up(SITE)

    assert _aside(stores) == {("orders", 21)}
    assert follower.lag(SITE) == 0


def test_a_name_that_is_no_key_is_set_aside_too(stores: Any) -> None:
    names = ("事" * 341, "事" * 342)
    log = MemoryLog(
        [recorded("InteractionRecorded", n, event=name) for n, name in enumerate(names, start=1)]
    )
    follower = _follower(stores, log)
    follower.catch_up(SITE)

    assert _aside(stores) == {("activity", 2)}


def test_an_event_that_cannot_be_read_is_set_aside_by_all(stores: Any) -> None:
    class Torn(MemoryLog):
        def read(self, *args: Any, **kwargs: Any) -> list[RecordedEvent]:
            if args[1] < 9 <= kwargs["upto"]:
                raise ValueError("no event")
            return super().read(*args, **kwargs)

    follower = _follower(stores, Torn(mixture(20)))
    follower.catch_up(SITE)

    assert _aside(stores) == {(projection.name, 9) for projection in followed()}
    assert follower.lag(SITE) == 0


def test_a_rebuild_tries_again_what_was_set_aside(stores: Any) -> None:
    log = _poisoned([3], 5)
    _follower(stores, log).catch_up(SITE)
    log.events[2] = ordered(3, "o", 5)
    follower = _follower(stores, log)
    for name in ("orders", "order_events"):
        follower.rebuild(SITE, name)
    follower.catch_up(SITE)

    assert _aside(stores) == set()


@pytest.mark.parametrize(
    "error", [Unavailable("unavailable", "away"), OperationalError("", {}, Exception())]
)
def test_a_store_that_is_away_is_waited_for_and_nothing_is_set_aside(
    stores: Any, error: Exception, monkeypatch: Any
) -> None:
    monkeypatch.setattr("projections.follower._AWAY_S", 0.01)
    away = threading.Event()

    class Away(MemoryLog):
        def read(self, *args: Any, **kwargs: Any) -> list[RecordedEvent]:
            if not away.is_set():
                away.set()
                raise error
            return super().read(*args, **kwargs)

    stop = threading.Event()
    follower = _follower(stores, Away(mixture(20)))
    thread = threading.Thread(target=follower.run, args=(stop,))
    thread.start()
    while follower.lag(SITE):
        stop.wait(0.01)
    stop.set()
    thread.join()

    assert away.is_set()
    assert _aside(stores) == set()


def test_code_that_folds_otherwise_folds_anew(stores: Any, rows_of: Any) -> None:
    log = MemoryLog(mixture(30))
    _follower(stores, log).catch_up(SITE)
    live = rows_of(stores)
    with stores.read.begin() as connection:
        connection.execute(update(positions.projection_positions).values(version=0))
        connection.execute(read_store.tables["orders"].delete())

    _follower(stores, log).catch_up(SITE)
    assert rows_of(stores) == live


def test_another_time_zone_counts_the_days_anew(stores: Any, rows_of: Any) -> None:
    log = MemoryLog([viewed(1, "x", at=NOON + DAY // 2 - 1)])
    follower = _follower(stores, log)
    follower.catch_up(SITE)
    (row,) = rows_of(stores)["activity"]
    assert 20_000 in row

    settings = SiteSettings(time_zone="Europe/Berlin").to_json()
    changed = recorded("SiteSettingsChanged", 2, None, settings=settings)
    with stores.log.begin() as connection:
        for write in Sites().fold(connection, SITE, [changed]):
            connection.execute(write.statement, list(write.rows))
    follower.catch_up(SITE)
    (row,) = rows_of(stores)["activity"]
    assert 20_001 in row

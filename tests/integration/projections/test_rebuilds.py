"""A rebuild stands beside the rows in use until it has caught up, then takes their place."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select

from aggregates.kernel.clock import SystemClock
from projections import positions
from projections.activity import Activity
from projections.activity import activity
from projections.followed import Followed
from projections.followed import followed
from projections.follower import PAGE_EVENTS
from projections.follower import Follower
from projections.positions import Place
from tests.projection_events import SITE
from tests.projection_events import MemoryLog
from tests.projection_events import mixture
from tests.projection_events import viewed

EVENTS = 2 * PAGE_EVENTS


def _follower(stores: Any, log: MemoryLog, *projections: Followed) -> Follower:
    return Follower(stores, log, projections or followed(), SystemClock())  # type: ignore[arg-type]


def _place(connection: Connection, name: str) -> Place:
    return positions.places(connection, SITE)[name]


def _rows_in_use(connection: Connection) -> int:
    query = select(func.count()).select_from(activity).where(activity.c.site == SITE)
    return connection.execute(query).scalar_one()


def test_the_rows_in_use_and_their_place_serve_until_the_new_ones_are_there(stores: Any) -> None:
    follower = _follower(stores, MemoryLog(mixture(EVENTS)))
    follower.catch_up(SITE)
    with stores.read.connect() as connection:
        rows = _rows_in_use(connection)
    with stores.read.begin() as connection:  # what a rebuild is for
        connection.execute(delete(activity).where(activity.c.event == "Product Viewed"))
        left = _rows_in_use(connection)
    assert 0 < left < rows

    follower.rebuild(SITE, "activity")
    assert follower.step(SITE) == PAGE_EVENTS
    with stores.read.connect() as connection:
        assert _rows_in_use(connection) == left
        assert _place(connection, "activity").position == EVENTS
    assert follower.lag(SITE) == 0
    assert follower.rebuilding(SITE) == {"activity": EVENTS - PAGE_EVENTS}

    follower.step(SITE)
    assert follower.rebuilding(SITE) == {}
    with stores.read.connect() as connection:
        assert _rows_in_use(connection) == rows
        assert connection.execute(select(func.count()).select_from(activity)).scalar() == rows


def test_events_that_come_meanwhile_are_in_the_new_rows(stores: Any, rows_of: Any) -> None:
    log = MemoryLog(mixture(EVENTS))
    follower = _follower(stores, log)
    follower.catch_up(SITE)
    for projection in followed():
        follower.rebuild(SITE, projection.name)
    follower.step(SITE)
    log.events.append(viewed(EVENTS + 1, "late"))
    follower.catch_up(SITE)
    rebuilt = rows_of(stores)

    for projection in followed():
        follower.rebuild(SITE, projection.name)
    follower.catch_up(SITE)
    assert rows_of(stores) == rebuilt


def test_a_rebuild_that_is_asked_for_again_begins_again(stores: Any, rows_of: Any) -> None:
    follower = _follower(stores, MemoryLog(mixture(EVENTS)))
    follower.catch_up(SITE)
    live = rows_of(stores)
    follower.rebuild(SITE, "orders")
    follower.step(SITE)
    follower.rebuild(SITE, "orders")

    assert follower.catch_up(SITE) == 2
    assert rows_of(stores) == live


def test_a_rebuild_under_other_code_is_given_up(stores: Any, rows_of: Any) -> None:
    log = MemoryLog(mixture(EVENTS))
    old = _follower(stores, log, Activity())
    old.catch_up(SITE)
    old.rebuild(SITE, "activity")
    old.step(SITE)

    class Newer(Activity):
        version = 2

    _follower(stores, log, Newer()).catch_up(SITE)
    with stores.read.connect() as connection:
        assert _place(connection, "activity").version == 2
    sites = {row[0] for table in rows_of(stores).values() for row in table}
    assert sites == {SITE}


def test_of_two_followers_one_puts_the_new_rows_in_place(stores: Any, rows_of: Any) -> None:
    log = MemoryLog(mixture(EVENTS))
    one, other = _follower(stores, log), _follower(stores, log)
    one.catch_up(SITE)
    live = rows_of(stores)
    one.rebuild(SITE, "activity")
    while one.step(SITE) + other.step(SITE):
        pass
    assert rows_of(stores) == live

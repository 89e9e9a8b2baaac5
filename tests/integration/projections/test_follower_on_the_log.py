"""The follower over the real log: sealed traits, erasure, several sites."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from aggregates.kernel.clock import SystemClock
from aggregates.kernel.ids import SiteId
from aggregates.log import Append
from aggregates.log import NewEvent
from app.database import Stores
from app.eventlog.keys import KeyStore
from app.eventlog.log import SqlEventLog
from projections import order_owners
from projections import order_rows
from projections import profiles
from projections.followed import followed
from projections.follower import Follower
from projections.order_owners import OrderOwners
from tests.fakes import NOON
from tests.fakes import SettableClock

SHOP = SiteId("shop")
SIGNED = {"trust": "server", "message_id": "m", "user_id": "u"}


@pytest.fixture
def log(stores: Stores, open_log: Callable[..., SqlEventLog]) -> SqlEventLog:
    return open_log(stores, OrderOwners())


@pytest.fixture
def follower(stores: Stores, log: SqlEventLog, clock: SettableClock) -> Follower:
    return Follower(stores, log, followed(), clock)


def _told(log: SqlEventLog, shopper: Any, site: SiteId = SHOP) -> None:
    said: list[tuple[str, dict[str, Any]]] = [
        ("InteractionRecorded", {"kind": "track", "event": "Product Viewed"}),
        ("ShopperIdentified", {"traits": {"city": "Kiel"}}),
        ("OrderCompleted", {"order": "o" * 64, "currency": "EUR", "total_minor": 900}),
        ("OrderRefunded", {"order": "o" * 64, "total_minor": 200}),
    ]
    events = tuple(
        NewEvent(UUID(int=number), 1, topic, {**data, **SIGNED}, shopper)
        for number, (topic, data) in enumerate(said, start=1)
    )
    log.append(Append(site, events))


def test_sealed_traits_are_in_the_profile(
    stores: Stores, log: SqlEventLog, keys: KeyStore, follower: Follower
) -> None:
    shopper = keys.of(SHOP, "customer", "anna@example.com")
    _told(log, shopper)
    follower.catch_up(SHOP)

    with stores.read.connect() as connection:
        profile = profiles.of_shoppers(connection, SHOP, [shopper])[shopper]
        (order,) = order_rows.of_shoppers(connection, SHOP, [shopper])
    with stores.log.connect() as connection:
        owners = order_owners.of_orders(connection, SHOP, ["o" * 64])
    assert profile.values() == {"city": "Kiel"}
    assert order.net_minor == 700
    assert owners == {"o" * 64: shopper}


def test_a_rebuild_after_an_erasure_keeps_all_but_the_traits(
    stores: Stores,
    log: SqlEventLog,
    open_log: Callable[..., SqlEventLog],
    keys: KeyStore,
    rows_of: Any,
) -> None:
    shopper = keys.of(SHOP, "customer", "anna@example.com")
    _told(log, shopper)
    Follower(stores, log, followed(), SystemClock()).catch_up(SHOP)
    live = rows_of(stores)

    keys.destroy(SHOP, [shopper], NOON)
    follower = Follower(stores, open_log(stores), followed(), SystemClock())
    for projection in followed():
        follower.rebuild(SHOP, projection.name)
    follower.catch_up(SHOP)
    rebuilt = rows_of(stores)
    with stores.read.connect() as connection:
        profile = profiles.of_shoppers(connection, SHOP, [shopper])[shopper]
    assert profile.values() == {}
    assert {**rebuilt, "profiles": None} == {**live, "profiles": None}


def test_all_sites_are_followed_each_by_itself(
    stores: Stores, log: SqlEventLog, keys: KeyStore, follower: Follower
) -> None:
    other = SiteId("other")
    for site in (SHOP, other):
        _told(log, keys.of(site, "customer", "anna"), site)
    stop = threading.Event()
    thread = threading.Thread(target=follower.run, args=(stop,))
    thread.start()
    for _ in range(500):
        if not any(follower.lags().values()):
            break
        stop.wait(0.01)
    stop.set()
    thread.join()

    assert follower.lags() == {SHOP: 0, other: 0}

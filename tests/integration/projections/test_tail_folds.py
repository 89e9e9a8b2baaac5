"""Folding a shopper's tail in memory over the rows equals folding it in the tables.

A decision does the first, the follower the second; the point between them is anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from sqlalchemy import delete

from aggregates.kernel.clock import DAY
from aggregates.kernel.clock import SystemClock
from aggregates.log import RecordedEvent
from projections import activity
from projections import order_rows
from projections import orders
from projections import profiles
from projections.followed import followed
from projections.follower import Follower
from projections.positions import projection_positions
from tests.projection_events import ANNA
from tests.projection_events import BEN
from tests.projection_events import NOON
from tests.projection_events import SITE
from tests.projection_events import MemoryLog
from tests.projection_events import cancelled
from tests.projection_events import ordered
from tests.projection_events import recorded
from tests.projection_events import refunded
from tests.projection_events import viewed

SHOPPERS = (ANNA, BEN)


def _event(position: int, told: tuple[int, int, int, int]) -> RecordedEvent:
    what, whose, when, number = told
    shopper, at, order = SHOPPERS[whose], NOON + when * DAY // 3, f"o{number % 3}"
    match what:
        case 0:
            return ordered(position, order, number * 100, at, shopper=shopper)
        case 1:
            return ordered(position, order, number * 90, at, shopper=shopper, topic="OrderUpdated")
        case 2:
            return refunded(position, order, shopper=shopper, at=at, total_minor=number * 10)
        case 3:
            return cancelled(position, order, shopper=shopper, at=at)
        case 4:
            traits = {f"t{number % 2}": number or None}
            return recorded("ShopperIdentified", position, shopper, at, traits=traits)
        case 5:
            return viewed(position, f"s{number}", at, shopper=shopper, trust="client")
        case _:
            return viewed(position, f"s{number % 2}", at, shopper=shopper)


_TOLD = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 1), st.integers(0, 9), st.integers(0, 9)),
    min_size=1,
    max_size=30,
)


def _state(stores: Any) -> tuple[Any, Any, Any]:
    with stores.read.connect() as connection:
        told = order_rows.of_shoppers(connection, SITE, SHOPPERS)
        return (
            profiles.of_shoppers(connection, SITE, SHOPPERS),
            activity.summed(activity.of_shoppers(connection, SITE, SHOPPERS)),
            {(order.shopper_id, order.order): order for order in told},
        )


def _folded(state: tuple[Any, Any, Any], tail: Sequence[RecordedEvent]) -> tuple[Any, Any, Any]:
    profile, counts, order = state
    for event in tail:
        profile = {
            **profile,
            event.shopper_id: profiles.fold(profile.get(event.shopper_id), event),
        }
        counts = activity.summed([*counts, *activity.rows(event, ZoneInfo("UTC"))])
        if event.topic in orders.TOPICS:
            key = (event.shopper_id, event.data["order"])
            order = {**order, key: orders.fold(order.get(key), event)}
    return profile, counts, order


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(_TOLD, st.integers(0, 30))
def test_rows_and_tail_equal_all_rows(
    stores: Any, told: list[tuple[int, int, int, int]], cut: int
) -> None:
    events = [_event(position, one) for position, one in enumerate(told, start=1)]
    follower = Follower(stores, MemoryLog(events[:cut]), followed(), SystemClock())
    with stores.read.begin() as connection:
        for table in (projection_positions, *(t for p in followed() for t in p.tables)):
            connection.execute(delete(table))
    follower.catch_up(SITE)
    in_memory = _folded(_state(stores), events[cut:])

    Follower(stores, MemoryLog(events), followed(), SystemClock()).catch_up(SITE)
    assert in_memory == _state(stores)

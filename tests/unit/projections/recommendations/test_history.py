"""Sessions and bought lines: what the flat rows of a log mean."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from aggregates.log import RecordedEvent
from app.training.reading import ORDER_EVENTS
from app.training.reading import ORDER_LINES
from app.training.reading import VIEWS
from projections import orders
from projections.recommendations import history
from projections.recommendations.history import SESSION_GAP
from tests.histories import arrow
from tests.histories import run
from tests.projection_events import NOON
from tests.projection_events import cancelled
from tests.projection_events import ordered
from tests.projection_events import refunded


def sessions(*views: tuple[str, str, int]) -> list[list[str]]:
    """The products of each session, in their order."""
    rows = [(*view, position) for position, view in enumerate(views)]
    found: dict[int, list[tuple[int, str]]] = {}
    for sku, occurred_at, session in run(history.sessions, views=arrow(rows, VIEWS)):
        found.setdefault(session, []).append((occurred_at, sku))
    return [[sku for _, sku in sorted(found[session])] for session in sorted(found)]


def test_half_an_hour_without_a_view_ends_a_session() -> None:
    gap = SESSION_GAP
    assert sessions(("a", "x", 0), ("a", "y", gap), ("a", "z", 2 * gap + 1)) == [["x", "y"], ["z"]]


def test_each_browser_has_sessions_of_its_own() -> None:
    assert sessions(("a", "x", 0), ("b", "y", 1), ("a", "z", 2)) == [["x", "z"], ["y"]]


def test_late_views_stand_where_they_happened() -> None:
    gap = SESSION_GAP
    late = sessions(("a", "x", 0), ("a", "z", 2 * gap), ("a", "y", gap))
    assert late == [["x", "y", "z"]]


def bought(events: Sequence[RecordedEvent]) -> list[tuple[Any, ...]]:
    """(order, sku, quantity, occurred_at) as the expression folds the events."""
    order_events = [
        (event.data["order"], event.shopper_id, event.topic, event.occurred_at, event.position)
        for event in events
        if event.topic != "OrderRefunded"
    ]
    lines = [
        (event.position, product["sku"], Decimal(product["quantity"]))
        for event in events
        if event.topic != "OrderRefunded"
        for product in event.data.get("products", ())
    ]
    tables = {
        "order_events": arrow(order_events, ORDER_EVENTS),
        "order_lines": arrow(lines, ORDER_LINES),
    }
    rows = run(history.purchases, **tables)
    return sorted((order, sku, quantity, at) for order, _, sku, quantity, at in rows)


def folded(events: Sequence[RecordedEvent]) -> list[tuple[Any, ...]]:
    """The same by the projection's own fold."""
    found: dict[str, orders.Order | None] = {}
    for event in events:
        found[event.data["order"]] = orders.fold(found.get(event.data["order"]), event)
    return sorted(
        (order.order, line.sku, line.quantity, order.completed_at)
        for order in found.values()
        if order and order.completed_at is not None and order.status != orders.CANCELLED
        for line in order.lines
    )


def products(*skus: str) -> list[dict[str, Any]]:
    return [{"sku": sku, "quantity": 2, "price_minor": 100} for sku in skus]


def test_an_order_has_the_lines_of_its_newest_content_at_its_first_moment() -> None:
    events = [
        ordered(1, "o", 100, NOON, products=products("x", "y")),
        ordered(2, "o", 100, NOON + 5, topic="OrderUpdated", products=products("y", "z")),
    ]
    assert bought(events) == [("o", "y", 2, NOON), ("o", "z", 2, NOON)]


def test_a_cancelled_order_and_one_that_was_never_completed_are_none() -> None:
    events = [
        ordered(1, "gone", 100),
        cancelled(2, "gone"),
        ordered(3, "open", 100, topic="OrderUpdated"),
    ]
    assert bought(events) == []


def test_what_was_given_back_was_bought_all_the_same() -> None:
    assert bought([ordered(1, "o", 100), refunded(2, "o")]) == [("o", "x", 1, NOON)]


def test_a_line_of_nothing_was_not_bought() -> None:
    lines = [{"sku": "x", "quantity": 0}, {"sku": "y", "quantity": 1}]
    assert bought([ordered(1, "o", 100, products=lines)]) == [("o", "y", 1, NOON)]


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["OrderCompleted", "OrderUpdated", "OrderCancelled", "OrderRefunded"]),
        st.sampled_from("op"),
        st.integers(0, 3),
        st.lists(st.sampled_from("xyz"), unique=True, max_size=3),
    ),
    max_size=8,
)


@settings(max_examples=40, deadline=None)
@given(ACTS)
def test_orders_are_what_the_projection_folds(
    acts: list[tuple[str, str, int, list[str]]],
) -> None:
    events = []
    for position, (topic, order, late, skus) in enumerate(acts, start=1):
        at = NOON + late
        if topic == "OrderCancelled":
            events.append(cancelled(position, order, at=at))
        elif topic == "OrderRefunded":
            events.append(refunded(position, order, at=at))
        else:
            events.append(ordered(position, order, 1, at, topic=topic, products=products(*skus)))
    assert bought(events) == folded(events)

"""The generated browsing log: the same every time, before now, of customers who bought it."""

from __future__ import annotations

from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any

import pytest

from demo.browsing import DAYS
from demo.browsing import browsing

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PRODUCTS = [
    {"sku": f"s{number}", "name": f"RED MUG {number}", "categories": [f"c{number % 3}"]}
    for number in range(12)
]


def order(number: int, *skus: str) -> dict[str, Any]:
    shopper = {"userId": f"u{number}"} if number else {"anonymousId": "guest"}
    lines = {"products": [{"sku": sku} for sku in skus]}
    return {"event": "Order Completed", **shopper, "properties": lines}


ORDERS = [order(0, "s9", "s10"), order(1, "s0", "s1"), order(2, "s2", "s3", "s4")]


@pytest.fixture(scope="module")
def log() -> list[dict[str, Any]]:
    return browsing(ORDERS, PRODUCTS, NOW, 2_000)


def viewed(log: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [message for message in log if message["event"] == "Product Viewed"]


def test_the_same_orders_give_the_same_log_and_no_id_twice(log: list[dict[str, Any]]) -> None:
    assert browsing(ORDERS, PRODUCTS, NOW, 2_000) == log
    assert len({message["messageId"] for message in log}) == len(log)


def test_it_has_the_views_that_were_asked_for_and_some_searches(log: list[dict[str, Any]]) -> None:
    views = len(viewed(log))
    assert 2_000 <= views < 2_010
    assert 0 < len(log) - views < views / 10


def test_it_lies_before_now_and_fills_every_window(log: list[dict[str, Any]]) -> None:
    moments = [datetime.fromisoformat(message["timestamp"]) for message in log]
    assert moments == sorted(moments)
    assert NOW - timedelta(days=DAYS) <= moments[0]
    assert moments[-1] < NOW
    for window in (timedelta(hours=24), timedelta(hours=72), timedelta(days=7)):
        within = sum(moment >= NOW - window for moment in moments)
        assert within / len(log) == pytest.approx(window / timedelta(days=DAYS), abs=0.05)


def test_customers_look_mostly_at_what_they_bought_and_others_have_no_name(
    log: list[dict[str, Any]],
) -> None:
    known = [message for message in viewed(log) if "userId" in message]
    assert {message["userId"] for message in known} == {"u1", "u2"}
    bought = {"u1": {"s0", "s1"}, "u2": {"s2", "s3", "s4"}}
    own = sum(message["properties"]["sku"] in bought[message["userId"]] for message in known)
    assert own / len(known) > 0.6
    assert any("anonymousId" in message for message in log)


def test_without_orders_nothing_is_made_up() -> None:
    assert browsing([], PRODUCTS, NOW) == []

"""Searches and recommendation units in rules: messages of either spelling come in over intake, and
a rule counts the same from the log's tail, from the rows, and in a replay."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from aggregates.kernel.clock import SECOND
from app.database import Stores
from app.intake.events import Intake
from decisions.cart import decide_cart
from decisions.explain import explanation
from decisions.replay import find
from decisions.replay import replay
from tests.decisions_given import SITE
from tests.decisions_given import Given
from tests.decisions_given import given_site
from tests.fakes import SettableClock

SHOPPER = {"customer_id": "42"}
FOLDED = {"tail": 0, "rows and tail": 3, "rows": 100}
"""How many of the messages the projections have folded before the decision."""

ITEMS = [{"productId": 1, "sku": "a", "rank": 1}, {"productId": 2, "sku": "b", "rank": 2}]
UNITS = {"units": [{"unitId": "also", "products": ITEMS}, {"unitId": "top", "products": ITEMS[:1]}]}
SEARCHED = {"units": [{"searchUnitId": "bar", "searchRequestId": "r2", "phrase": "Red Bags"}]}
TOLD: list[tuple[str, dict[str, Any]]] = [
    ("Recommendation Clicked", {"unit_id": "also", "sku": "a", "position": 1}),
    ("recs-item-click", {"recommendationsContext": UNITS, "unitId": "also", "productId": 1}),
    ("rec-click", {"recommendations": UNITS, "unitId": "top", "productId": 1}),
    ("recs-item-click", {"recommendations": UNITS, "unitId": "also", "productId": 2}),
    ("Recommendation Unit Viewed", {"unit_id": "also", "products": [{"sku": "a"}, {"sku": "b"}]}),
    ("recs-unit-view", {"recommendations": UNITS, "unitId": "also"}),
    ("view", {"unitId": "also", "recommendations": UNITS}),
    ("recs-unit-impression-render", {"recommendations": UNITS, "unitId": "also"}),
    ("Recommendation Added to Cart", {"unit_id": "top", "sku": "a"}),
    ("recs-add-to-cart-click", {"recommendations": UNITS, "unitId": "top", "productId": 1}),
    ("Products Searched", {"query": "red bags", "search_request_id": "r1"}),
    ("search-request-sent", {"searchInput": SEARCHED}),
    ("searchRequest", {"siteSearch": {"query": "red bags"}, "searchRequest": {"id": "r3"}}),
    ("search-product-click", {"searchInput": SEARCHED, "sku": "b"}),
]


def about(attribute: str, value: str) -> dict[str, Any]:
    """A `where` of one leaf."""
    return {"attribute": f"event.{attribute}", "operator": "==", "value": value}


CASES: list[tuple[str, dict[str, Any], int]] = [
    ("clicks in units", {"history": "Recommendation Clicked"}, 4),
    ("clicks in one unit",
     {"history": "Recommendation Clicked", "where": about("unit", "also")}, 3),
    ("clicks on a product", {"history": "Recommendation Clicked", "where": about("sku", "a")}, 3),
    ("a product's clicks in a unit",
     {"history": "Recommendation Clicked",
      "where": {"all": [about("unit", "also"), about("sku", "a")]}}, 2),
    ("views of a unit", {"history": "Recommendation Unit Viewed"}, 3),
    ("views of a unit that showed a product",
     {"history": "Recommendation Unit Viewed", "where": about("sku", "b")}, 3),
    ("a unit that was loaded", {"history": "Recommendation Unit Rendered"}, 1),
    ("from a unit into the cart",
     {"history": "Recommendation Added to Cart", "where": about("unit", "top")}, 2),
    ("searches", {"history": "Products Searched"}, 3),
    ("searches for a phrase",
     {"history": "Products Searched", "where": about("search_phrase", "red bags")}, 3),
    ("clicked results", {"history": "Product Clicked", "where": about("sku", "b")}, 1),
]  # fmt: skip


@pytest.fixture
def given(stores: Stores, clock: SettableClock) -> Iterator[Given]:
    site = given_site(stores, clock)
    yield site
    site.close()


@pytest.mark.parametrize("folded", FOLDED)
def test_what_is_counted(given: Given, folded: str) -> None:
    given.publish(
        cart_rules={
            f"rule-{number}": _rule({**leaf, "within_days": 1, "operator": "==", "value": count})
            for number, (_, leaf, count) in enumerate(CASES)
        }
    )
    intake = Intake(given.stores.log, given.keys, given.log, given.clock)
    for number, (event, properties) in enumerate(TOLD):
        message = {"type": "track", "event": event, "userId": "42", "properties": properties}
        received = intake.receive(SITE, [message], trusted=number % 2 == 0)
        assert received.rejected == []
        given.clock.advance(SECOND)
        if number < FOLDED[folded]:
            given.follower.catch_up(SITE)
    line = {"line_id": "1", "sku": "a", "quantity": 1, "unit_price": "10.00"}
    request = {"cart_id": "c", "currency": "USD", "lines": [line], "shopper": SHOPPER}
    made = decide_cart(given.means, SITE, request, lambda made: None)
    told = explanation(made, audit=True)
    missed = [CASES[n][0] for n, rule in enumerate(told["rules"]) if not rule["fired"]]
    assert len(told["rules"]) == len(CASES)
    assert missed == []
    given.follower.catch_up(SITE)
    record = find(given.means, SITE, made.record.decision_id)
    for mode in ("recorded", "from_log"):
        result = replay(given.means, SITE, record, mode)
        assert result.identical, (mode, result.differences, result.not_rebuilt)


def test_the_unit_and_the_search_are_open_and_join_no_rows_apart(given: Given) -> None:
    intake = Intake(given.stores.log, given.keys, given.log, given.clock)
    messages = [
        {"type": "track", "event": event, "userId": "42", "properties": properties}
        for event, properties in TOLD
    ]
    intake.receive(SITE, messages, trusted=True)
    events = given.log.read(SITE, 1, 100)
    clicks = [e.data for e in events if e.data.get("event") == "Recommendation Clicked"]
    assert [click["unit"] for click in clicks] == ["also", "also", "top", "also"]
    assert [e.data.get("search_request_id") for e in events[-4:]] == ["r1", "r2", "r3", "r2"]
    given.follower.catch_up(SITE)
    with given.stores.read.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT facets, count FROM activity WHERE event = 'Products Searched' ORDER BY facets"
        ).all()
    assert [tuple(row) for row in rows] == [
        ('{"search_phrase":"Red Bags"}', 1), ('{"search_phrase":"red bags"}', 2)
    ]  # fmt: skip


def _rule(conditions: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": "Counting",
        "priority": 1,
        "stop_further": False,
        "coupon": {"type": "none"},
        "conditions": conditions,
        "action": {"type": "percent", "amount": "1"},
    }

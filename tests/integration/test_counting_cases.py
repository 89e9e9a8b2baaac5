"""Runs tests/cases/counting.yaml: what is counted, over the real log, live and replayed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from aggregates.kernel.clock import SECOND
from aggregates.kernel.clock import parse_moment
from aggregates.kernel.ids import stream_id
from aggregates.log import NewEvent
from app.database import Stores
from decisions.cart import decide_cart
from decisions.explain import explanation
from decisions.made import Made
from decisions.replay import find
from decisions.replay import replay
from tests.decisions_given import SITE
from tests.decisions_given import Given
from tests.decisions_given import given_site
from tests.fakes import SettableClock

CASES = [
    pytest.param(case, id=case["name"])
    for case in yaml.safe_load((Path(__file__).parents[1] / "cases/counting.yaml").read_text())
]
FOLLOWED = {"tail": 0.0, "rows and tail": 0.5, "rows": 1.0}
"""The part of the events that the projections have folded before the decision."""
SHOPPER = {"customer_id": "42"}
RULE: dict[str, Any] = {
    "name": "Counting",
    "priority": 1,
    "stop_further": False,
    "coupon": {"type": "none"},
    "action": {"type": "percent", "amount": "10"},
}


@pytest.fixture
def clock() -> SettableClock:
    """Before every case, since a log's time never goes back."""
    return SettableClock(parse_moment("2026-01-01T00:00:00Z"))


@pytest.fixture
def given(stores: Stores, clock: SettableClock) -> Iterator[Given]:
    site = given_site(stores, clock)
    yield site
    site.close()


@pytest.mark.parametrize("followed", FOLLOWED)
@pytest.mark.parametrize("case", CASES)
def test_what_is_counted(given: Given, case: dict[str, Any], followed: str) -> None:
    given.settle(time_zone=case.get("zone", "UTC"))
    given.clock.moment = parse_moment(case.get("now", "2026-11-23T12:00:00Z"))
    given.publish(cart_rules={"it": {**RULE, "conditions": case["leaf"]}})
    events = [event(given, number, one) for number, one in enumerate(case["events"])]
    folded = round(len(events) * FOLLOWED[followed])
    for one in events[:folded]:
        given.append(one)
    if folded:
        given.follower.catch_up(SITE)
    for one in events[folded:]:
        given.append(one)
    made = ask(given, case.get("currency", "USD"))
    told = explanation(made, audit=True)
    assert told["facts"]["counts"][0]["value"] == case["actual"]
    assert told["rules"][0]["fired"] is case["truth"]
    given.clock.advance(60 * SECOND)
    for number, one in enumerate(case.get("later", []), len(events)):
        given.append(event(given, number, one))
    given.follower.catch_up(SITE)
    record = find(given.means, SITE, made.record.decision_id)
    for mode in ("recorded", "from_log"):
        result = replay(given.means, SITE, record, mode)
        assert result.identical, (mode, result.differences, result.not_rebuilt)


def event(given: Given, number: int, told: dict[str, Any]) -> NewEvent:
    """One event of the case: `viewed`, `order`, `refund` or `cancel`."""
    topic, data = _told(told)
    stream = stream_id(SITE, "message", f"m-{number}")
    data = {"trust": told.get("trust", "server"), **data}
    shopper = given.shopper("customer", SHOPPER["customer_id"])
    return NewEvent(stream, 1, topic, data, shopper, parse_moment(told["at"]))


def _told(told: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    if "viewed" in told:
        data = {"kind": "track", "event": "Product Viewed", "products": [{"sku": told["viewed"]}]}
        return "InteractionRecorded", data
    if "cancel" in told:
        return "OrderCancelled", {"order": told["cancel"]}
    amount = {"currency": told.get("currency", "USD"), "total_minor": told["total"]}
    if "refund" in told:
        return "OrderRefunded", {"order": told["refund"], **amount}
    quantity = told.get("quantity", 1)
    product = {"sku": "A", "quantity": quantity, "price_minor": told["total"] // quantity}
    return "OrderCompleted", {"order": told["order"], **amount, "products": [product]}


def ask(given: Given, currency: str) -> Made:
    line = {"line_id": "1", "sku": "A", "quantity": 1, "unit_price": "10.00"}
    request = {"cart_id": "c", "currency": currency, "lines": [line], "shopper": SHOPPER}
    return decide_cart(given.means, SITE, request, lambda made: None)

"""Events in a shape of an earlier version, which stand in a log for ever: read and replayed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from sqlalchemy import select
from sqlalchemy import update

from aggregates.upcasters import UPCASTERS
from app.database import Stores
from app.eventlog.tables import events
from decisions.cart import decide_cart
from decisions.replay import MODES
from decisions.replay import find
from decisions.replay import replay
from tests.decisions_given import SITE
from tests.decisions_given import Given
from tests.decisions_given import given_site
from tests.fakes import SettableClock
from tests.given import a_rule

CART: dict[str, Any] = {
    "cart_id": "c",
    "currency": "USD",
    "shopper": {"customer_id": "42"},
    "lines": [{"line_id": "1", "sku": "a", "quantity": 1, "unit_price": "10.00"}],
}
SEEN = {"history": "Seen", "within_days": 9, "operator": ">=", "value": 1}


@pytest.fixture
def given(stores: Stores, clock: SettableClock) -> Iterator[Given]:
    site = given_site(stores, clock)
    yield site
    site.close()


def newer(data: dict[str, Any]) -> dict[str, Any]:
    """What was `action` once is `event` now."""
    return {"event" if name == "action" else name: value for name, value in data.items()}


def test_an_old_shape_decides_and_replays_as_what_it_says_today(
    given: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    given.tell("InteractionRecorded", given.shopper("customer", "42"), kind="track", event="Seen")
    here = (events.c.site == SITE) & (events.c.topic == "InteractionRecorded")
    with given.stores.log.begin() as connection:
        state = orjson.loads(connection.execute(select(events.c.state).where(here)).scalar_one())
        state["open"]["action"] = state["open"].pop("event")
        state["v"] = 0
        connection.execute(update(events).where(here).values(state=orjson.dumps(state)))
    monkeypatch.setitem(UPCASTERS, ("InteractionRecorded", 0), newer)  # type: ignore[arg-type]
    given.publish(cart_rules={"ten": a_rule(conditions=SEEN)})
    made = decide_cart(given.means, SITE, CART, lambda made: None)
    assert made.record.outcome["totals"] == [1000, 0, 100, 0]
    record = find(given.means, SITE, made.record.decision_id)
    for mode in MODES:
        assert replay(given.means, SITE, record, mode).identical, mode
    monkeypatch.delitem(UPCASTERS, ("InteractionRecorded", 0))  # type: ignore[arg-type]
    (found,) = replay(given.means, SITE, record, "from_log").findings
    assert found.code == "event_shape_unknown"

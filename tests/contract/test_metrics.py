"""What an operator has to see: engines that fail or disagree, events that were set aside."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.wiring import Services
from projections import positions
from rulesets.engine import EngineFailed
from rulesets.stratum import Stratum
from tests.published import publish

CART = {
    "cart_id": "c",
    "currency": "USD",
    "lines": [{"line_id": "1", "sku": "A", "quantity": 1, "unit_price": "10.00"}],
}
NEVER = {
    "name": "Never",
    "priority": 1,
    "coupon": {"type": "none"},
    "conditions": {"attribute": "cart.subtotal", "operator": ">", "value": "99.00"},
    "action": {"type": "percent", "amount": "10"},
}
SLOT = {"key": "s", "name": "S", "source": "specified", "blocks": ["b"]}
BLOCK = {"name": "B", "types": ["content"], "priority": 1, "content": {"html": "b"}}


@pytest.fixture
def headers(services: Services, key: Any) -> Any:
    made = key()
    publish(
        services.stores.log,
        "shop",
        cart_rules={"never": NEVER},
        dynamic_blocks={"b": BLOCK},
        slots={"s": SLOT},
    )
    return made


def metrics(client: FlaskClient) -> set[str]:
    return set(client.get("/metrics").data.decode().splitlines())


def test_decisions_are_counted_by_kind_and_engine(client: FlaskClient, headers: Any) -> None:
    for _ in range(2):
        client.post("/v1/decisions/cart", json=CART, headers=headers)
    client.post("/v1/decisions/content", json={"slot": "s"}, headers=headers)
    client.get("/v1/content/s", headers=headers)
    client.get("/v1/content/s", headers=headers)
    found = metrics(client)
    assert 'rationale_decisions_total{engine="durable_rules",kind="cart"} 2.0' in found
    assert 'rationale_decisions_total{engine="durable_rules",kind="content"} 2.0' in found
    assert "rationale_engine_disagreements_total 0.0" in found


def test_a_failing_engine_is_counted(
    client: FlaskClient, headers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(stratum: Stratum, true: Any) -> list[str]:
        raise EngineFailed("the C code gave up")

    monkeypatch.setattr(Stratum, "fired", fail)
    client.post("/v1/decisions/cart", json=CART, headers=headers)
    assert 'rationale_decisions_total{engine="fallback",kind="cart"} 1.0' in metrics(client)


def test_an_engine_that_fires_what_does_not_hold_is_counted(
    client: FlaskClient, headers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Stratum, "fired", lambda stratum, true: [name for name, _ in stratum.rules])
    client.post("/v1/decisions/cart", json=CART, headers=headers)
    assert "rationale_engine_disagreements_total 1.0" in metrics(client)


def test_events_set_aside_are_told(client: FlaskClient, services: Services, headers: Any) -> None:
    with services.stores.read.begin() as connection:
        for position in (1, 2):
            why = {"error": "KeyError in orders.fold, line 1", "set_aside_at": 1}
            positions.put_aside(connection, services.log.sites()[0], "orders", position, **why)
    assert 'rationale_events_set_aside{site="shop"} 2.0' in metrics(client)
    ready: Any = client.get("/readyz")
    assert (ready.status_code, ready.json["set_aside_events"]) == (200, 2)

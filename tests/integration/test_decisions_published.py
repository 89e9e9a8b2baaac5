"""Definitions written and published over HTTP, and what is then answered by them."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from aggregates.kernel.ids import SiteId
from app.commands.keys import issued_key
from app.config import Settings
from app.edge.callers import SCOPES
from app.factory import create_app
from app.wiring import Services
from app.wiring import build

SITE = SiteId("shop")
CART: dict[str, Any] = {
    "cart_id": "c",
    "currency": "USD",
    "lines": [{"line_id": "1", "sku": "A", "quantity": 2, "unit_price": "10.00"}],
    "shipping": {"method": "post", "amount": "4.00"},
}
RULE: dict[str, Any] = {
    "name": "Rule",
    "priority": 1,
    "stop_further": False,
    "coupon": {"type": "none"},
    "conditions": {"all": []},
    "action": {"type": "percent", "amount": "10"},
}
Ask = Callable[..., Any]


@pytest.fixture
def services(sqlite_url: str, tmp_path: Path) -> Iterator[Services]:
    environment = {"RATIONALE_DATA_DIR": str(tmp_path), "RATIONALE_DATABASE_URL": sqlite_url}
    made = build(Settings.from_environment(environment))
    yield made
    made.close()


@pytest.fixture
def client(services: Services) -> FlaskClient:
    return create_app(services).test_client()


@pytest.fixture
def ask(services: Services, client: FlaskClient) -> Ask:
    """Sends with a key of the given scopes, else of all."""

    def send(method: str, path: str, body: Any = None, scopes: tuple[str, ...] = ()) -> Any:
        token = issued_key(services, SITE, scopes or tuple(sorted(SCOPES)), "test").token
        headers = {"Authorization": f"Bearer {token}"}
        answer = client.open(path, method=method, json=body, headers=headers)
        assert answer.status_code < 300, answer.json
        return answer.json

    return send


@pytest.fixture
def publish(ask: Ask) -> Callable[..., None]:
    def live(**kinds: dict[str, Any]) -> None:
        named = []
        for kind, bodies in kinds.items():
            for key, body in bodies.items():
                ask("PUT", f"/v1/{kind.replace('_', '-')}/{key}", body)
                named.append({"kind": kind.replace("_", "-"), "id": key})
        ask("POST", "/v1/rulesets", {"publish": named})

    return live


def test_content_with_a_fraction_is_shown_as_its_author_wrote_it(
    ask: Ask, publish: Callable[..., None]
) -> None:
    written = {"json": {"ratio": 1.5, "far": 1e300, "list": [0.1, 2]}}
    block = {"name": "Block", "types": ["content"], "content": written, "priority": 1}
    slot = {"key": "hero", "name": "Hero", "source": "specified", "rotation": "all"}
    publish(
        dynamic_blocks={"block": block},
        slots={"hero": {**slot, "blocks": ["block"], "fallback": {"json": [0.5]}}},
    )
    answer = ask("POST", "/v1/decisions/content", {"slot": "hero"})
    assert answer["blocks"][0]["content"] == written
    assert ask("GET", "/v1/content/hero")["blocks"][0]["content"] == written
    whole = ask("GET", f"/v1/decisions/{answer['decision_id']}")
    assert whole["answer"]["blocks"] == answer["blocks"]


@pytest.mark.parametrize("name", ["shopper.group", "context.customer_group"])
def test_without_audit_the_group_of_the_profile_stays_hidden(
    ask: Ask, publish: Callable[..., None], name: str
) -> None:
    gold = {"attribute": name, "operator": "==", "value": "gold"}
    publish(cart_rules={"gold": {**RULE, "conditions": gold}})
    ask("POST", "/v1/identify", {"userId": "ada", "traits": {"customer_group": "silver"}})
    question = {**CART, "shopper": {"customer_id": "ada"}, "explain": True}
    told = ask("POST", "/v1/decisions/cart", question, ("decide",))["explanation"]
    assert told["rules"][0]["because"]["actual"] == "(profile)"
    assert "silver" not in str(told)
    told = ask("POST", "/v1/decisions/cart", question)["explanation"]
    assert told["rules"][0]["because"]["actual"] == "silver"


@pytest.mark.parametrize(
    "conditions",
    [
        {"attribute": "cart.quantity", "operator": "in", "value": [2.5, 2]},
        {"attribute": "cart.quantity", "operator": "between", "value": [0.5, 2.5]},
        {"attribute": "context.custom.a", "operator": "not_in", "value": [0.5, "x"]},
        {
            "lines": "quantity",
            "operator": "<",
            "value": 9.5,
            "where": {"attribute": "line.weight", "operator": "in", "value": [0.5]},
        },
        {
            "history": "Product Viewed",
            "within_days": 3,
            "operator": "<",
            "value": 1,
            "where": {"attribute": "event.quantity", "operator": "==", "value": 1.5},
        },
        {
            "history": "Product Viewed",
            "within_days": 3,
            "operator": "<",
            "value": 1,
            "where": {"attribute": "event.quantity", "operator": "in", "value": [1.5]},
        },
    ],
)
def test_conditions_with_fractions_are_explained(
    ask: Ask, publish: Callable[..., None], conditions: Any
) -> None:
    publish(cart_rules={"rule": {**RULE, "conditions": conditions}})
    question = {**CART, "shopper": {"customer_id": "ada"}, "explain": True}
    answer = ask("POST", "/v1/decisions/cart", question)
    told = ask("GET", f"/v1/decisions/{answer['decision_id']}/explanation")
    for rule in told["rules"]:  # the events behind a value are read for the route alone
        for leaf in filter(None, (rule["because"], rule.get("leaf"))):
            assert leaf["from"].pop("events", []) == []
    assert told == answer["explanation"]

"""Cart rules over HTTP: limits that are read, rules that fail, and why a rule did not apply."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from aggregates.log import Append
from aggregates.log import Counter
from app.commands.keys import issued_key
from app.config import Settings
from app.factory import create_app
from app.wiring import Services
from app.wiring import build
from tests.published import publish
from tests.redemptions_given import RULE
from tests.redemptions_given import SITE

CART: dict[str, Any] = {
    "cart_id": "c",
    "currency": "USD",
    "shopper": {"customer_id": "ada"},
    "lines": [{"line_id": "1", "sku": "A", "quantity": 2, "unit_price": "10.00"}],
    "shipping": {"method": "post", "amount": "4.00"},
}
Ask = Callable[..., Any]


@pytest.fixture
def services(database_url: str, tmp_path: Path) -> Iterator[Services]:
    environment = {"RATIONALE_DATA_DIR": str(tmp_path), "RATIONALE_DATABASE_URL": database_url}
    made = build(Settings.from_environment(environment))
    yield made
    made.close()


@pytest.fixture
def ask(services: Services) -> Ask:
    """Posts a question with a key for decisions and audits."""
    client = create_app(services).test_client()
    token = issued_key(services, SITE, ("audit", "decide"), "test").token

    def send(path: str, body: Any = None, status: int = 200, method: str = "POST") -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        sent = (body or {}) if method == "POST" else None
        answer = client.open(path, method=method, json=sent, headers=headers)
        assert answer.status_code == status, answer.json
        return answer.json

    return send


def of_ada(services: Services, rule: str) -> str:
    return f"customer/{services.means.pseudonyms.of(SITE, 'customer', 'ada')}/rule/{rule}"


@pytest.mark.parametrize(
    ("limit", "counter", "code"),
    [
        ({"uses_total": 3}, ("rule/{rule}/uses", 3), "limit_reached"),
        ({"uses_per_customer": 2}, ("{ada}/customer_uses", 2), "customer_limit_reached"),
        ({"budget": {"amount": "10.00"}}, ("rule/{rule}/spent/USD", 801), "budget_spent"),
        ({"budget": {"amount": "10.00"}}, ("rule/{rule}/spent/USD", 1000), "budget_spent"),
    ],
)
def test_a_rule_past_its_limit_is_reported(
    ask: Ask,
    services: Services,
    limit: dict[str, Any],
    counter: tuple[str, int],
    code: str,
) -> None:
    publish(services.stores.log, SITE, cart_rules={"limited": {**RULE, **limit}})
    before = ask("/v1/decisions/cart", CART)
    rule = before["applied_rules"][0]["rule_id"]
    key = counter[0].format(rule=rule, ada=of_ada(services, rule))
    services.log.append(Append(SITE, move=(Counter(key, counter[1] - 1),)))
    last = ask("/v1/decisions/cart", CART)
    if code == "budget_spent" and counter[1] > 801:
        assert not last["applied_rules"]
    else:
        assert last["applied_rules"]
    services.log.append(Append(SITE, move=(Counter(key, 1),)))
    after = ask("/v1/decisions/cart", {**CART, "explain": True})
    assert after["applied_rules"] == []
    (rejected,) = after["rejected_rules"]
    assert (rejected["rule_id"], rejected["code"]) == (rule, code)
    for made in (before, last, after):
        replayed = ask(f"/v1/decisions/{made['decision_id']}/replay", {"mode": "recorded"})
        assert replayed["identical"], replayed


def test_a_customers_limit_is_theirs_alone(ask: Ask, services: Services) -> None:
    publish(services.stores.log, SITE, cart_rules={"limited": {**RULE, "uses_per_customer": 1}})
    rule = ask("/v1/decisions/cart", CART)["applied_rules"][0]["rule_id"]
    services.log.append(Append(SITE, move=(Counter(f"{of_ada(services, rule)}/customer_uses", 1),)))
    assert ask("/v1/decisions/cart", CART)["applied_rules"] == []
    bob = {**CART, "shopper": {"customer_id": "bob"}}
    assert len(ask("/v1/decisions/cart", bob)["applied_rules"]) == 1
    guest = {name: value for name, value in CART.items() if name != "shopper"}
    assert len(ask("/v1/decisions/cart", guest)["applied_rules"]) == 1


def test_a_rule_that_fails_is_left_out_and_told_of(
    ask: Ask,
    services: Services,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    publish(
        services.stores.log,
        SITE,
        cart_rules={
            "breaks": {**RULE, "name": "Breaks", "action": {"type": "to_fixed", "amount": "1.00"}},
            "holds": {**RULE, "priority": 2},
        },
    )

    def broken(*_: object) -> Any:
        raise ZeroDivisionError("for this test")

    log = Mock()
    monkeypatch.setattr("app.http.decisions._logger", log)
    with monkeypatch.context() as patch:
        patch.setattr("rulesets.benefits.to_fixed.ToFixed.take", broken)
        answer = ask("/v1/decisions/cart", CART)
        (failed,) = answer["rejected_rules"]
        assert failed["code"] == "rule_failed"
        assert "“Breaks” did not apply" in failed["detail"]
        assert answer["totals"]["discount"] == "2.00"
        told = ask("/v1/decisions/cart", {**CART, "explain": True})
        assert [one["code"] for one in told["rejected_rules"]] == ["rule_failed"]
        replayed = ask(f"/v1/decisions/{answer['decision_id']}/replay", {"mode": "from_log"})
        assert replayed["identical"], replayed
    (said, told_of) = log.error.call_args_list
    assert said.args == ("rule_failed",)
    assert said.kwargs["error"] == "ZeroDivisionError: for this test"
    assert told_of.kwargs["rule"] == failed["rule_id"]
    mended = ask(f"/v1/decisions/{answer['decision_id']}/replay", {"mode": "recorded"})
    assert not mended["identical"]  # a mended fault is a finding, never silently healed


@pytest.mark.parametrize("where", ["rulesets.columns.Column.true", "rulesets.evaluator.holds"])
def test_a_fault_in_a_condition_costs_that_rule(
    ask: Ask, services: Services, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    many = {"attribute": "cart.quantity", "operator": ">=", "value": 2}
    publish(
        services.stores.log,
        SITE,
        cart_rules={"reads": {**RULE, "conditions": many}, "holds": {**RULE, "priority": 2}},
    )

    def broken(*_: object) -> Any:
        raise ZeroDivisionError("for this test")

    monkeypatch.setattr(where, broken)
    answer = ask("/v1/decisions/cart", {**CART, "dry_run": True})
    assert answer["totals"]["discount"] in {"2.00", "3.80"}
    codes = {one["code"] for one in answer.get("rejected_rules", ())}
    assert (answer["totals"]["discount"] == "2.00") is ("rule_failed" in codes)


def test_a_rule_that_does_not_apply_says_which_condition_failed_first(
    ask: Ask, services: Services
) -> None:
    publish(
        services.stores.log,
        SITE,
        cart_rules={
            "far": {
                **RULE,
                "name": "Big carts",
                "conditions": {
                    "all": [
                        {"attribute": "cart.subtotal", "operator": ">=", "value": "10.00"},
                        {
                            "lines": "quantity",
                            "operator": ">=",
                            "value": 5,
                            "where": {"attribute": "line.sku", "operator": "==", "value": "A"},
                        },
                        {"attribute": "cart.subtotal", "operator": ">=", "value": "99.00"},
                    ]
                },
            }
        },
    )
    (rejected,) = ask("/v1/decisions/cart", {**CART, "explain": True})["rejected_rules"]
    assert rejected["detail"] == (
        "“Big carts” did not apply: the number of units on lines whose SKU is A is 2"
        " (it had to be at least 5)."
    )
    leaf = rejected["leaf"]
    assert (leaf["lines"], leaf["value"], leaf["actual"], leaf["truth"]) == (
        "quantity",
        5,
        2,
        False,
    )


def test_a_cart_is_told_what_it_lacks(ask: Ask, services: Services) -> None:
    publish(
        services.stores.log,
        SITE,
        cart_rules={
            "ship": {
                **RULE,
                "action": {"type": "percent", "amount": "0"},
                "free_shipping": "shipment",
                "conditions": {"attribute": "cart.subtotal", "operator": ">=", "value": "32.50"},
                "nearly": {"distance": "20.00", "message": "Add {missing} for free shipping"},
            }
        },
    )
    answer = ask("/v1/decisions/cart", CART)
    (message,) = answer["messages"]
    assert message["text"] == "Add 12.50 for free shipping"
    assert message["missing"] == "12.50"
    replayed = ask(f"/v1/decisions/{answer['decision_id']}/replay", {"mode": "from_log"})
    assert replayed["identical"], replayed


def test_a_price_that_contradicts_the_basis_is_pointed_at(ask: Ask, services: Services) -> None:
    publish(services.stores.log, SITE, cart_rules={"rule": RULE})
    line = {**CART["lines"][0], "unit_price_incl_tax": "12.00"}
    told = ask("/v1/decisions/cart", {**CART, "lines": [line]})
    assert told["lines"][0]["tax"]["incl_tax"]["discount"] == "2.40"
    replayed = ask(f"/v1/decisions/{told['decision_id']}/replay", {"mode": "from_log"})
    assert replayed["identical"], replayed
    line["unit_price_excl_tax"] = "11.00"
    refused = ask("/v1/decisions/cart", {**CART, "lines": [line]}, status=422)
    (error,) = refused["errors"]
    assert error["pointer"] == "/lines/0/unit_price_excl_tax"
    assert error["code"] == "price_contradicts"


def test_public_rules_are_listed_as_offers(ask: Ask, services: Services) -> None:
    shown = {**RULE, "public": True, "description": "On everything"}
    publish(
        services.stores.log,
        SITE,
        cart_rules={
            "sale": {**shown, "labels": {"default": "Sale", "fr": "Soldes"}},
            "code": {**shown, "coupon": {"type": "specific", "code": "SAVE"}},
            "view": {**shown, "store_views": ["fr"]},
            "over": {**shown, "to_date": "2020-01-01"},
            "hidden": RULE,
        },
    )
    offers = ask("/v1/offers", method="GET")["items"]
    assert [(one["label"], one["coupon"]) for one in offers] == [
        ("Sale", None),
        ("On everything", "SAVE"),
    ]
    french = ask("/v1/offers?store_view=fr", method="GET")["items"]
    assert [one["label"] for one in french] == ["Soldes", "On everything", "On everything"]

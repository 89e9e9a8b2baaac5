"""Limits: each constant is read by what enforces it, and those of a request refuse one more."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from aggregates.kernel import limits

ROOT = Path(__file__).parent.parent.parent
PACKAGES = ("app", "aggregates", "rulesets", "projections", "decisions")
NAMES = sorted(name for name in vars(limits) if name.isupper())


@pytest.fixture(scope="module")
def imported() -> set[str]:
    """Names that some module imports from aggregates.kernel.limits."""
    return {
        alias.name
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "aggregates.kernel.limits"
        for alias in node.names
    }


@pytest.mark.parametrize("name", NAMES)
def test_each_limit_is_read_by_some_module(name: str, imported: set[str]) -> None:
    assert name in imported


def _cart(**more: Any) -> dict[str, Any]:
    line = {"line_id": "1", "sku": "a", "quantity": 1, "unit_price": "1.00"}
    asked = {"cart_id": "c", "currency": "USD", "shopper": {}, "context": {}, "lines": [line]}
    return {**asked, **more}


def _lines(count: int) -> list[dict[str, Any]]:
    return [{**_cart()["lines"][0], "line_id": str(index)} for index in range(count)]


def _line(**more: Any) -> dict[str, Any]:
    return _cart(lines=[{**_cart()["lines"][0], **more}])


def _rule(conditions: Any) -> dict[str, Any]:
    return {
        "name": "n",
        "priority": 1,
        "stop_further": False,
        "coupon": {"type": "none"},
        "conditions": conditions,
        "action": {"type": "percent", "amount": "10"},
    }


def _deep(depth: int) -> Any:
    leaf: Any = {"attribute": "cart.currency", "operator": "==", "value": "USD"}
    for _ in range(depth - 1):
        leaf = {"all": [leaf]}
    return leaf


def _wide(leaves: int) -> Any:
    leaf = {"attribute": "cart.currency", "operator": "==", "value": "USD"}
    return {"any": [leaf] * leaves}


def _among(count: int) -> Any:
    return {"attribute": "cart.currency", "operator": "in", "value": ["USD"] * count}


CART = "/v1/decisions/cart"
RULES = "/v1/cart-rules"
BATCH = "/v1/batch"
TOO_MUCH = {
    "CART_LINES_MAX": (CART, _cart(lines=_lines(limits.CART_LINES_MAX + 1))),
    "QUANTITY_MAX": (CART, _line(quantity=limits.QUANTITY_MAX + 1)),
    "QUANTITY_PLACES_MAX": (CART, _line(quantity="1.00001")),
    "AMOUNT_MINOR_MAX": (CART, _line(unit_price="10000000000.01")),
    "SIGNIFICANT_DIGITS_MAX": (CART, _line(unit_price=12345678901234.567)),
    "COUPONS_MAX": (CART, _cart(coupons=[str(i) for i in range(limits.COUPONS_MAX + 1)])),
    "STRING_LENGTH_MAX": (CART, _line(sku="x" * (limits.STRING_LENGTH_MAX + 1))),
    "BATCH_MESSAGES_MAX": (BATCH, {"batch": [{}] * (limits.BATCH_MESSAGES_MAX + 1)}),
    "TREE_DEPTH_MAX": (RULES, _rule(_deep(limits.TREE_DEPTH_MAX + 1))),
    "TREE_LEAVES_MAX": (RULES, _rule(_wide(limits.TREE_LEAVES_MAX + 1))),
    "IN_LIST_MAX": (RULES, _rule(_among(limits.IN_LIST_MAX + 1))),
    "PRIORITY_MAX": (RULES, {**_rule({"all": []}), "priority": limits.PRIORITY_MAX + 1}),
}


@pytest.mark.parametrize("name", TOO_MUCH)
def test_one_more_than_the_limit_is_refused_with_its_place(
    name: str, client: FlaskClient, key: Any
) -> None:
    path, body = TOO_MUCH[name]
    answer: Any = client.post(path, json=body, headers=key())
    assert answer.status_code == 422, answer.data[:300]
    assert answer.json["errors"]
    assert all(item["pointer"].startswith("/") for item in answer.json["errors"])


@pytest.mark.parametrize(
    ("path", "size"),
    [("/v1/keys", limits.BODY_BYTES_MAX), (BATCH, limits.BATCH_BODY_BYTES_MAX)],
)
def test_a_body_over_its_limit_is_refused_before_it_is_read(
    path: str, size: int, client: FlaskClient, key: Any
) -> None:
    headers = key()
    assert client.post(path, data=b" " * (size + 1), headers=headers).status_code == 413
    assert client.post(path, data=b" " * size, headers=headers).status_code == 400

"""Explained trees in plain words."""

from __future__ import annotations

from typing import Any

import pytest

from decisions.sentences import reason

CHEAP: dict[str, Any] = {
    "attribute": "cart.subtotal",
    "operator": ">=",
    "value": "50.00",
    "actual": "20.00",
    "truth": False,
}
TOO_LOW = "cart.subtotal is 20.00 (it had to be at least 50.00)"
FEW: dict[str, Any] = {
    "orders": "sum",
    "within_days": 365,
    "operator": ">",
    "value": "9.00",
    "actual": "1.00",
    "truth": False,
}
SEEN: dict[str, Any] = {
    "history": "Product Viewed",
    "within_days": 7,
    "where": {},
    "operator": "<",
    "value": 3,
    "actual": 5,
    "truth": False,
}
UNKNOWN: dict[str, Any] = {
    "attribute": "shopper.audiences",
    "operator": "is_defined",
    "actual": None,
    "truth": False,
}
GERMAN: dict[str, Any] = {
    "attribute": "context.country",
    "operator": "==",
    "value": "DE",
    "actual": "DE",
    "truth": True,
}


@pytest.mark.parametrize(
    ("tree", "told"),
    [
        (CHEAP, TOO_LOW),
        ({"all": [GERMAN, CHEAP], "truth": False}, TOO_LOW),
        ({"any": [GERMAN, CHEAP], "truth": True}, "context.country is DE (it had to be DE)"),
        ({"none": [GERMAN], "truth": False}, "context.country is DE (it had to be DE)"),
        ({"all": [], "truth": True}, "it asks for nothing"),
        (FEW, "the sum of all orders in 365 days is 1.00 (it had to be more than 9.00)"),
        (
            SEEN,
            "the number of Product Viewed like that in 7 days is 5 (it had to be less than 3)",
        ),
        (
            {"lines": "found", "where": [], "truth": False},
            "no line like that is in the cart (one was asked for)",
        ),
        (UNKNOWN, "shopper.audiences is unknown (it had to be known)"),
    ],
)
def test_a_tree_is_told_by_the_leaves_that_decided_it(tree: dict[str, Any], told: str) -> None:
    assert reason(tree) == told


def test_a_long_tree_is_cut() -> None:
    leaves = [{**CHEAP, "attribute": f"context.custom.a{number}"} for number in range(6)]
    assert reason({"all": leaves, "truth": False}).endswith("; and 2 more")

"""The largest cart there may be, under each action: exact, and in no time that anybody notices."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from aggregates.kernel.limits import CART_LINES_MAX
from rulesets.benefits.registry import BENEFITS
from rulesets.question import SCALE
from rulesets.question import rounded
from tests.actions_given import of_sku
from tests.pricing_given import Priced

Body = dict[str, Any]
OWN: dict[str, Body] = {
    "percent": {"amount": "12.5"},
    "fixed": {"amount": "0.99"},
    "cart_fixed": {"amount": "77.77"},
    "buy_x_get_y": {"step": 1, "amount": "1"},
    "to_percent": {"amount": "97"},
    "to_fixed": {"amount": "90.00"},
    "free_gift": {"gift": {"skus": ["a", "b"], "quantity": 300, "choose": 2}},
    "tiered": {"by": "quantity", "tiers": [{"from": "5", "percent": "3"}]},
    "cheapest_free": {"step": 3, "amount": "1"},
    "bundle_price": {
        "amount": "9.00",
        "bundle": [
            {"where": {"any": [of_sku("a"), of_sku("b")]}, "quantity": 1},
            {"where": {"any": [of_sku("b"), of_sku("c")]}, "quantity": 2},
        ],
    },
}


def many_lines() -> list[Body]:
    random = Random(3)
    return [
        {
            "quantity": random.choice([1, 2, 3, "0.5"]),
            "price": f"{random.randint(0, 99)}.{random.randint(0, 99):02d}",
            "sku": random.choice("abc"),
        }
        for _ in range(CART_LINES_MAX)
    ]


def test_every_action_is_here() -> None:
    assert OWN.keys() == BENEFITS.keys()


@pytest.mark.parametrize("kind", OWN)
def test_parts_of_500_lines_are_exact(kind: str) -> None:
    priced = Priced(many_lines(), {"r": {"action": {"type": kind, **OWN[kind]}}})
    (rule,) = priced.outcome().applied
    for line, part in zip(priced.cart.lines, rule.parts, strict=True):
        assert 0 <= part <= line.subtotal_minor
    if kind == "cart_fixed":
        assert sum(rule.parts) == 77_77
    elif kind == "percent":
        exact = sum(line.quantity_scaled * line.unit_price_minor for line in priced.cart.lines)
        assert sum(rule.parts) == rounded(exact, 8 * SCALE)


def test_all_of_them_one_after_the_other_leave_nothing_below_zero() -> None:
    rules = {
        kind.replace("_", "-"): {"priority": place, "action": {"type": kind, **OWN[kind]}}
        for place, kind in enumerate(OWN)
    }
    priced = Priced(many_lines(), rules)
    taken = priced.by_whole()
    assert all(
        0 <= amount <= line.subtotal_minor
        for line, amount in zip(priced.cart.lines, taken, strict=False)
    )

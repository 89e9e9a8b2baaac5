"""Messages before a threshold, and the other parts of a rule that speak of amounts."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.site import SiteSettings
from rulesets.language import parse
from rulesets.linter import lint
from rulesets.nearly_linter import lint_nearly

SUBTOTAL = {"attribute": "cart.subtotal", "operator": ">=", "value": "100.00"}
QUANTITY = {"attribute": "cart.quantity", "operator": ">", "value": 3}
LINES = {"lines": "amount", "operator": ">=", "value": "50.00"}
COUNTRY = {"attribute": "context.country", "operator": "==", "value": "FR"}
SAYS = {"distance": "20.00", "message": "Add {missing} more"}
NONE: set[tuple[str, str]] = set()
NOTHING = {("/nearly", "nothing_to_be_near")}


@pytest.mark.parametrize(
    ("conditions", "nearly", "problems"),
    [
        (SUBTOTAL, SAYS, NONE),
        (QUANTITY, {**SAYS, "distance": "1.5"}, NONE),
        (LINES, {**SAYS, "amounts": {"EUR": "18.00"}}, NONE),
        ({"all": [COUNTRY, {"any": [SUBTOTAL]}]}, SAYS, NONE),
        ({"none": [{"none": [SUBTOTAL]}]}, SAYS, NONE),
        ({"all": [SUBTOTAL, QUANTITY]}, {**SAYS, "distance": 2}, NONE),
        (
            SUBTOTAL,
            {**SAYS, "message": "Nearly there {}"},
            {("/nearly/message", "unknown_placeholder")},
        ),
        (
            SUBTOTAL,
            {**SAYS, "message": "{name}: {missing}"},
            {("/nearly/message", "unknown_placeholder")},
        ),
        (SUBTOTAL, {**SAYS, "distance": "0"}, {("/nearly/distance", "out_of_range")}),
        (SUBTOTAL, {**SAYS, "distance": "1.001"}, {("/nearly/distance", "too_many_digits")}),
        (QUANTITY, {**SAYS, "distance": 0}, {("/nearly/distance", "out_of_range")}),
        (QUANTITY, {**SAYS, "amounts": {"EUR": "1"}}, {("/nearly/amounts", "value_not_of_type")}),
        (SUBTOTAL, {**SAYS, "amounts": {"EUR": "0"}}, {("/nearly/amounts/EUR", "out_of_range")}),
        (
            SUBTOTAL,
            {**SAYS, "amounts": {"USD": "1"}},
            {("/nearly/amounts/USD", "base_currency_twice")},
        ),
        (COUNTRY, SAYS, NOTHING),
        ({"all": []}, SAYS, NOTHING),
        ({"none": [SUBTOTAL]}, SAYS, NOTHING),
        ({"none": [{**SUBTOTAL, "operator": "<"}]}, SAYS, NONE),
        ({**SUBTOTAL, "operator": "<"}, SAYS, NOTHING),
        (
            {
                "lines": "found",
                "where": {"attribute": "line.quantity", "operator": ">", "value": 1},
            },
            SAYS,
            NOTHING,
        ),
    ],
)
def test_a_message_before_a_threshold_has_one(
    conditions: Any, nearly: dict[str, Any], problems: set[tuple[str, str]]
) -> None:
    node = parse(conditions, scope="cart", currency="USD")
    assert {(one.pointer, one.code) for one in lint_nearly(nearly, node, "USD")} == problems


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"budget": {"amount": "0"}}, ("/budget/amount", "out_of_range")),
        (
            {"budget": {"amount": "1", "amounts": {"JPY": "0.5"}}},
            ("/budget/amounts/JPY", "too_many_digits"),
        ),
        ({"totals_over": "eligible_lines"}, ("/totals_over", "no_items_to_total")),
        ({"nearly": SAYS}, ("/nearly", "nothing_to_be_near")),
        (
            {"group": {"name": "a", "mode": "best", "per": "line", "within": {"name": "a"}}},
            ("/group/within/name", "group_cycle"),
        ),
        (
            {"conditions": {"attribute": "time.hour", "operator": ">", "value": 23}},
            ("/conditions", "unreachable"),
        ),
        (
            {
                "action": {
                    "type": "bundle_price",
                    "amount": "5",
                    "bundle": [
                        {
                            "where": {"attribute": "line.quantity", "operator": "<", "value": 0},
                            "quantity": 1,
                        }
                    ],
                }
            },
            ("/action/bundle/0/where", "where_never_holds"),
        ),
    ],
)
def test_a_rule_is_asked_for_all_of_it(changes: dict[str, Any], problem: tuple[str, str]) -> None:
    body = {
        "priority": 1,
        "coupon": {"type": "none"},
        "conditions": {"all": []},
        "action": {"type": "percent", "amount": "10"},
        **changes,
    }
    problems = lint("cart-rules", body, settings=SiteSettings())
    assert problem in {(one.pointer, one.code) for one in problems}


def test_a_segment_that_nobody_can_be_in_is_refused() -> None:
    tree = {"all": [{**SUBTOTAL}, {**SUBTOTAL, "operator": "<"}]}
    problems = lint("segments", {"conditions": tree}, settings=SiteSettings())
    assert [(one.pointer, one.code) for one in problems] == [("/conditions/all/1", "unreachable")]

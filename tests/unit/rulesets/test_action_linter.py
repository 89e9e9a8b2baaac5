"""Actions that would give nothing, or not what their author means, are refused."""

from __future__ import annotations

from typing import Any

import pytest

from rulesets.action_linter import ACTION_FIELDS
from rulesets.action_linter import lint_action

FINE: dict[str, dict[str, Any]] = {
    "percent": {"amount": "10", "step": 2, "max_quantity": 4, "apply_to_shipping": True},
    "fixed": {"amount": "1.00", "amounts": {"EUR": "0.90"}, "step": "0.5"},
    "cart_fixed": {"amount": "0", "apply_to_shipping": True},
    "buy_x_get_y": {"step": 2, "amount": "3", "max_quantity": 3},
    "to_percent": {"amount": "100"},
    "to_fixed": {"amount": "5", "amounts": {"JPY": "500"}},
    "free_gift": {"gift": {"skus": ["a", "b"], "quantity": 1, "choose": 2}},
    "tiered": {
        "by": "quantity",
        "tiers": [{"from": "1.5", "percent": "5"}, {"from": 3, "fixed": 1}],
    },
    "cheapest_free": {"step": 3, "amount": "2", "apply_to_shipping": False},
    "bundle_price": {"amount": "9.99", "bundle": [{"where": {"all": []}, "quantity": 2}]},
}
BY_AMOUNT = {
    "by": "amount",
    "tiers": [
        {
            "from": "10.00",
            "from_amounts": {"EUR": "9.00"},
            "fixed": "1.00",
            "amounts": {"EUR": "1"},
        },
        {"from": "20.00", "from_amounts": {"EUR": "18.00"}, "percent": "100"},
    ],
}


def found(name: str, **changes: Any) -> set[tuple[str, str]]:
    action = {"type": name, **FINE[name], **changes}
    written = {field: value for field, value in action.items() if value is not None}
    return {(one.pointer[7:], one.code) for one in lint_action(written, "USD")}


@pytest.mark.parametrize("name", sorted(ACTION_FIELDS))
def test_every_action_can_be_written(name: str) -> None:
    assert found(name) == set()
    assert found(name, max_discount={"amount": "5.00", "amounts": {"EUR": "4.50"}}) == set()


def test_tiers_by_amount_can_be_written() -> None:
    assert found("tiered", **BY_AMOUNT) == set()


@pytest.mark.parametrize("name", sorted(ACTION_FIELDS))
@pytest.mark.parametrize(
    ("limit", "problem"),
    [
        ({"amount": "0"}, ("/max_discount/amount", "out_of_range")),
        ({"amount": "1.005"}, ("/max_discount/amount", "too_many_digits")),
        ({"amount": "-1"}, ("/max_discount/amount", "negative_amount")),
        ({"amount": "1", "amounts": {"JPY": "0"}}, ("/max_discount/amounts/JPY", "out_of_range")),
        (
            {"amount": "1", "amounts": {"USD": "1"}},
            ("/max_discount/amounts/USD", "base_currency_twice"),
        ),
    ],
)
def test_a_limit_of_what_is_given_is_more_than_nothing(
    name: str, limit: dict[str, Any], problem: tuple[str, str]
) -> None:
    assert found(name, max_discount=limit) == {problem}


@pytest.mark.parametrize("name", ["free_gift", "tiered", "cheapest_free", "bundle_price"])
def test_shipping_is_only_for_actions_that_can_be_said_of_it(name: str) -> None:
    problem = ("/apply_to_shipping", "not_for_this_action")
    assert found(name, apply_to_shipping=True) == {problem}


@pytest.mark.parametrize(
    ("name", "changes", "problems"),
    [
        ("buy_x_get_y", {"step": 0}, {("/step", "step_without_meaning")}),
        ("buy_x_get_y", {"step": None}, {("/step", "step_without_meaning")}),
        ("buy_x_get_y", {"step": "1.5"}, {("/step", "not_a_whole_number")}),
        ("buy_x_get_y", {"amount": 0}, {("/amount", "out_of_range")}),
        ("buy_x_get_y", {"amount": "0.5"}, {("/amount", "not_a_whole_number")}),
        ("buy_x_get_y", {"amount": None}, {("/amount", "amount_missing")}),
        ("buy_x_get_y", {"max_quantity": 2}, {("/max_quantity", "below_step")}),
        ("buy_x_get_y", {"max_quantity": 0}, set()),
        ("buy_x_get_y", {"step": 1, "amount": 5, "max_quantity": None}, set()),
        ("percent", {"step": 4, "max_quantity": 4}, set()),
        ("percent", {"step": 5, "max_quantity": 4}, {("/max_quantity", "below_step")}),
        ("percent", {"step": 0}, set()),
        ("fixed", {"step": "0.5", "max_quantity": "0.25"}, {("/max_quantity", "below_step")}),
        ("to_percent", {"amount": "101"}, {("/amount", "over_100_percent")}),
        ("to_fixed", {"amounts": {"JPY": "1.5"}}, {("/amounts/JPY", "too_many_digits")}),
        ("cheapest_free", {"step": 0}, {("/step", "step_without_meaning")}),
        ("cheapest_free", {"step": "2.5"}, {("/step", "not_a_whole_number")}),
        ("cheapest_free", {"amount": 0}, {("/amount", "out_of_range")}),
        ("cheapest_free", {"amount": 3}, {("/amount", "step_without_meaning")}),
        ("cheapest_free", {"amount": 4}, {("/amount", "step_without_meaning")}),
        (
            "cheapest_free",
            {"max_quantity": 2},
            {
                ("/max_quantity", "not_for_this_action"),
            },
        ),
    ],
)
def test_steps_and_amounts_mean_something(
    name: str, changes: dict[str, Any], problems: set[tuple[str, str]]
) -> None:
    assert found(name, **changes) == problems


def tier(start: Any, **gives: Any) -> dict[str, Any]:
    return {"from": start, **(gives or {"percent": "5"})}


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({"by": None}, {("/by", "required")}),
        ({"tiers": None}, {("/tiers", "required")}),
        ({"tiers": []}, {("/tiers", "required")}),
        ({"tiers": [tier(0)]}, {("/tiers/0/from", "out_of_range")}),
        ({"tiers": [tier("-1")]}, {("/tiers/0/from", "not_a_number")}),
        ({"tiers": [tier(2), tier(2)]}, {("/tiers/1/from", "tiers_not_ascending")}),
        ({"tiers": [tier(3), tier("2.5")]}, {("/tiers/1/from", "tiers_not_ascending")}),
        ({"tiers": [{"from": 1}]}, {("/tiers/0", "percent_or_fixed")}),
        ({"tiers": [tier(1, percent=1, fixed=1)]}, {("/tiers/0", "percent_or_fixed")}),
        ({"tiers": [tier(1, percent="101")]}, {("/tiers/0/percent", "over_100_percent")}),
        ({"tiers": [tier(1, percent="-1")]}, {("/tiers/0/percent", "not_a_number")}),
        ({"tiers": [tier(1, fixed="1.001")]}, {("/tiers/0/fixed", "too_many_digits")}),
        (
            {"tiers": [tier(1, fixed="1", amounts={"USD": "1"})]},
            {("/tiers/0/amounts/USD", "base_currency_twice")},
        ),
        (
            {"tiers": [tier(1, percent="1", amounts={"EUR": "1"})]},
            {("/tiers/0/amounts", "not_for_this_action")},
        ),
        (
            {"tiers": [{**tier(1), "from_amounts": {"EUR": "1"}}]},
            {("/tiers/0/from_amounts", "not_for_this_action")},
        ),
        ({"by": "amount", "tiers": [tier("0")]}, {("/tiers/0/from", "out_of_range")}),
        ({"by": "amount", "tiers": [tier("1.001")]}, {("/tiers/0/from", "too_many_digits")}),
        (
            {"by": "amount", "tiers": [{**tier("1"), "from_amounts": {"EUR": "0"}}]},
            {("/tiers/0/from_amounts/EUR", "out_of_range")},
        ),
        (
            {
                "by": "amount",
                "tiers": [
                    {**tier("10"), "from_amounts": {"EUR": "9"}},
                    {**tier("20"), "from_amounts": {"EUR": "9"}},
                ],
            },
            {("/tiers/1/from_amounts/EUR", "tiers_not_ascending")},
        ),
    ],
)
def test_tiers_ascend_and_each_gives_one_thing(
    changes: dict[str, Any], problems: set[tuple[str, str]]
) -> None:
    assert found("tiered", **changes) == problems


@pytest.mark.parametrize(
    ("gift", "problems"),
    [
        ({"skus": ["a"], "quantity": 0, "choose": 1}, {("/gift/quantity", "out_of_range")}),
        (
            {"skus": ["a"], "quantity": "1.5", "choose": 1},
            {("/gift/quantity", "not_a_whole_number")},
        ),
        ({"skus": ["a"], "quantity": 1, "choose": 0}, {("/gift/choose", "out_of_range")}),
        ({"skus": ["a"], "quantity": 1, "choose": 2}, {("/gift/choose", "out_of_range")}),
        ({"skus": ["a", "b", "a"], "quantity": 1, "choose": 1}, {("/gift/skus/2", "named_twice")}),
        (None, {("/gift", "required")}),
    ],
)
def test_a_gift_can_be_chosen(gift: Any, problems: set[tuple[str, str]]) -> None:
    assert found("free_gift", gift=gift) == problems


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({"bundle": None}, {("/bundle", "required")}),
        ({"bundle": []}, {("/bundle", "required")}),
        (
            {"bundle": [{"where": {"all": []}, "quantity": "0.5"}]},
            {("/bundle/0/quantity", "not_a_whole_number")},
        ),
        ({"amount": None}, {("/amount", "amount_missing")}),
        ({"step": 2}, {("/step", "not_for_this_action")}),
    ],
)
def test_a_bundle_has_parts_of_whole_units(
    changes: dict[str, Any], problems: set[tuple[str, str]]
) -> None:
    assert found("bundle_price", **changes) == problems

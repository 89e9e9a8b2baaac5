"""What is refused before it is published."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.kernel.limits import IN_LIST_MAX
from aggregates.site import SiteSettings
from rulesets.linter import lint

SETTINGS = SiteSettings()


def cart_rule(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Ten",
        "priority": 1,
        "stop_further": False,
        "coupon": {"type": "none"},
        "conditions": {"all": []},
        "action": {"type": "percent", "amount": "10"},
        **changes,
    }


def found(body: dict[str, Any], kind: str = "cart-rules") -> set[tuple[str, str]]:
    return {(p.pointer, p.code) for p in lint(kind, body, settings=SETTINGS)}


def leaf(value: Any, operator: str = "==", attribute: str = "shopper.traits.x") -> dict[str, Any]:
    return {"conditions": {"attribute": attribute, "operator": operator, "value": value}}


def test_a_plain_rule_is_fine() -> None:
    assert found(cart_rule()) == set()


@pytest.mark.parametrize(
    ("action", "problem"),
    [
        ({"type": "percent", "amount": "101"}, ("/action/amount", "over_100_percent")),
        ({"type": "percent", "amount": "-1"}, ("/action/amount", "not_a_number")),
        ({"type": "percent", "amount": "1e9999999"}, ("/action/amount", "not_a_number")),
        ({"type": "percent"}, ("/action/amount", "amount_missing")),
        ({"type": "cart_fixed", "amount": "5", "step": 2}, ("/action/step", "not_for_this_action")),
        ({"type": "fixed", "amount": "1.234"}, ("/action/amount", "too_many_digits")),
        (
            {"type": "fixed", "amount": "1", "amounts": {"USD": "1"}},
            ("/action/amounts/USD", "base_currency_twice"),
        ),
        (
            {"type": "fixed", "amount": "1", "amounts": {"XXX": "1"}},
            ("/action/amounts/XXX", "unknown_currency"),
        ),
        (
            {"type": "percent", "amount": 1, "step": 5, "max_quantity": 2},
            ("/action/max_quantity", "below_step"),
        ),
        (
            {"type": "percent", "amount": 1, "items": {"attribute": "cart.subtotal"}},
            ("/action/items/attribute", "attribute_not_here"),
        ),
        ({"type": "half_price"}, ("/action/type", "unknown_action")),
    ],
)
def test_an_action_takes_only_what_it_means(
    action: dict[str, Any], problem: tuple[str, str]
) -> None:
    assert problem in found(cart_rule(action=action))


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (leaf("a\0b"), ("/conditions/value", "bad_text")),
        (leaf("\ud800"), ("/conditions/value", "bad_text")),
        (leaf("x" * 65_536), ("/conditions/value", "string_too_long")),
        (leaf(2**80), ("/conditions/value", "number_out_of_range")),
        (leaf(float("inf")), ("/conditions/value", "number_out_of_range")),
        (leaf(float("nan")), ("/conditions/value", "number_out_of_range")),
        (leaf(1e22), ("/conditions/value", "number_out_of_range")),
        (leaf(None), ("/conditions/value", "value_not_of_type")),
        (leaf({"$m": "prop"}), ("/conditions/value", "value_not_of_type")),
        (leaf([]), ("/conditions/value", "value_not_of_type")),
        (leaf([], "in"), ("/conditions/value", "empty_value")),
        (leaf(["x"] * (IN_LIST_MAX + 1), "in"), ("/conditions/value", "in_list_too_long")),
        (leaf("x", "$mt"), ("/conditions/operator", "unknown_operator")),
        (leaf("x", attribute="$s"), ("/conditions/attribute", "unknown_attribute")),
        (leaf("x", attribute="sid"), ("/conditions/attribute", "unknown_attribute")),
        ({"conditions": {"$and": []}}, ("/conditions", "unknown_form")),
        ({"conditions": {"all": [], "any": []}}, ("/conditions", "unknown_form")),
        ({"priority": 65_536}, ("/priority", "priority_out_of_range")),
        ({"priority": -1}, ("/priority", "priority_out_of_range")),
        ({"from_date": "2026-02-01", "to_date": "2026-01-31"}, ("/to_date", "dates_reversed")),
        ({"coupon": {"type": "specific"}}, ("/coupon/code", "coupon_code_missing")),
        ({"coupon": {"type": "specific", "code": "A\u200b"}}, ("/coupon/code", "malformed_code")),
        ({"coupon": {"type": "none", "code": "X"}}, ("/coupon/code", "not_for_this_coupon")),
        (
            {"coupon": {"type": "generated", "code": "X"}},
            ("/coupon/code", "not_for_this_coupon"),
        ),
    ],
)
def test_what_the_engine_would_choke_on_is_refused(
    changes: dict[str, Any], problem: tuple[str, str]
) -> None:
    assert problem in found(cart_rule(**changes))


def test_deep_and_wide_trees_are_refused() -> None:
    deep: dict[str, Any] = {"all": []}
    for _ in range(2_000):
        deep = {"all": [deep]}
    wide = {"any": [leaf("x")["conditions"]] * 101}
    assert ("/conditions" + "/all/0" * 8, "too_deep") in found(cart_rule(conditions=deep))
    assert ("/conditions", "too_many_leaves") in found(cart_rule(conditions={"all": [wide, wide]}))


def test_a_segment_reads_no_discounts() -> None:
    for name in ("cart.subtotal_after_discount", "cart.applied_rules", "cart.coupons"):
        body = leaf("1", "is_defined", name)
        assert ("/conditions/attribute", "attribute_not_here") in found(body, "segments")


def test_a_slot_names_its_blocks_or_leaves_them_to_rules() -> None:
    assert found({"source": "specified"}, "slots") == {("/blocks", "blocks_missing")}
    assert found({"source": "cart_rules", "blocks": ["b"]}, "slots") == {
        ("/blocks", "not_for_this_source")
    }

"""Rules that came from Adobe give what FEATURES.md says that they give in Adobe."""

from __future__ import annotations

from typing import Any

import pytest

from rulesets.outcome import CartOutcome
from rulesets.outcome import cart_answer
from rulesets.pipeline import decide
from tests.adobe_given import Json
from tests.adobe_given import address
from tests.adobe_given import carried
from tests.adobe_given import combine
from tests.adobe_given import product
from tests.adobe_given import saved
from tests.adobe_given import segment
from tests.given import AT
from tests.given import a_cart
from tests.given import compiled
from tests.given import facts_of

SHOES = {"price": "50.00", "categories": ["men", "men/shoes"], "sku": "24-MB01"}
BOOK = {"price": "20.00", "sku": "book", "attributes": {"color": "Red"}}
BARE = {"price": "10.00", "sku": "bare"}
VIP = {"attribute": "shopper.is_registered", "operator": "==", "value": True}


def discounts(lines: list[Json], *rules: Json, **more: Any) -> list[str]:
    """The discount of each line, then of shipping if there is any."""
    bodies = {}
    for number, fields in enumerate(rules, 1):
        body, telling = carried(rule_id=number, sort_order=number, **fields)
        assert telling.refused == []
        bodies[body["key"]] = saved(body)
    everything = compiled(
        bodies, segments={"vip": {"conditions": VIP}, "newcomers": {"conditions": VIP}}
    )
    question = a_cart(lines, shipping=more.get("shipping"), coupons=more.get("coupons", ()))
    facts = facts_of(question, lines, more.get("facts"))
    decided = decide(everything, facts, question, AT, 7, shadow_percent=100)
    assert isinstance(decided.outcome, CartOutcome)
    answer = cart_answer(everything, question, facts, decided.outcome)
    found = [line["discount"] for line in answer["lines"]]
    return found if "shipping" not in more else [*found, answer["shipping"]["discount"]]


def test_all_of_false_is_none() -> None:
    conditions = [address("base_subtotal", ">=", "100"), address("total_qty", ">", "3")]
    rule = {"condition": combine(*conditions, value="0")}
    assert discounts([SHOES], rule) == ["5.00"]
    assert discounts([SHOES, {**BOOK, "quantity": 3}], rule) == ["0.00", "0.00"]


def test_found_lines_of_a_category_or_below_it() -> None:
    shoes = product("category_ids", "()", "12")
    rule = {"condition": combine(combine(shoes, kind="Product\\Found"))}
    assert discounts([SHOES, BOOK], rule) == ["5.00", "2.00"]
    assert discounts([BOOK], rule) == ["0.00"]
    rule = {"condition": combine(combine(shoes, kind="Product\\Found", value="0"))}
    assert discounts([BOOK], rule) == ["2.00"]


def test_a_product_without_a_category_is_not_one_of_no_category() -> None:
    items = combine(product("category_ids", "!()", "13"), kind="Product\\Combine")
    assert discounts([SHOES, BARE], {"action_condition": items}) == ["5.00", "0.00"]


def test_a_subselection_sums_the_lines_that_match() -> None:
    asked = combine(product("sku", "()", "book,bare"), kind="Product\\Subselect", joined="all")
    rule = {
        "condition": combine(
            asked | {"attribute_name": "qty", "operator": ">=", "value": "3"},
        )
    }
    assert discounts([{**BOOK, "quantity": 2}, BARE], rule) == ["4.00", "1.00"]
    assert discounts([{**SHOES, "quantity": 2}, BARE], rule) == ["0.00", "0.00"]


def test_attributes_are_compared_without_case_and_by_the_names_of_options() -> None:
    items = combine(product("color", "==", "52"), kind="Product\\Combine")
    assert discounts([BOOK, BARE], {"action_condition": items}) == ["2.00", "0.00"]


def test_steps_and_maximum_count_units_of_a_line() -> None:
    fixed = {"simple_action": "by_fixed", "discount_amount": "2.0000"}
    rule = {**fixed, "discount_step": 2, "discount_qty": 4}
    assert discounts([{**BARE, "quantity": 5}, BARE], rule) == ["8.00", "0.00"]
    rule = {"simple_action": "to_percent", "discount_amount": 80, "discount_qty": 3}
    assert discounts([{**BARE, "quantity": 5}], rule) == ["6.00"]


def test_an_amount_for_the_cart_is_spread_over_lines_and_shipping() -> None:
    rule = {"simple_action": "cart_fixed", "discount_amount": 20}
    assert discounts([{**BARE, "quantity": 3}, BARE], rule) == ["15.00", "5.00"]
    rule |= {"apply_to_shipping": True}
    assert discounts([BARE, {**BARE, "quantity": 2}], rule, shipping="10.00") == [
        "5.00",
        "10.00",
        "5.00",
    ]


def test_over_100_percent_is_all_of_it() -> None:
    assert discounts([BARE], {"discount_amount": 150}) == ["10.00"]


def test_a_later_rule_reads_the_subtotal_after_the_discount_of_a_coupon() -> None:
    coupon = {"coupon_type": "SPECIFIC_COUPON", "extension_attributes": {"code": "SAVE"}}
    first = {**coupon, "discount_amount": 30}
    second = {"condition": combine(address("base_subtotal_with_discount", ">=", 75))}
    line = {"price": "100.00"}
    assert discounts([line], first, second, coupons=["SAVE"]) == ["30.00"]
    assert discounts([line], first, second) == ["10.00"]


@pytest.mark.parametrize(
    ("operator", "visitor", "member"), [("==", "0.00", "1.00"), ("!=", "1.00", "0.00")]
)
def test_segments_match_members_and_others(operator: str, visitor: str, member: str) -> None:
    rule = {"condition": combine(segment(operator, "4"))}
    assert discounts([BARE], rule) == [visitor]
    assert discounts([BARE], rule, facts={"shopper.is_registered": True}) == [member]


def test_free_shipping_and_a_stop() -> None:
    rule = {"discount_amount": 0, "simple_free_shipping": "2", "stop_rules_processing": True}
    assert discounts([BARE], rule, {}, shipping="4.00") == ["0.00", "4.00"]


def test_buy_two_and_get_one_free() -> None:
    rule = {"simple_action": "buy_x_get_y", "discount_step": 2, "discount_amount": 1}
    assert discounts([{**BARE, "quantity": 7}, BARE], rule) == ["20.00", "0.00"]


def test_a_price_to_pay() -> None:
    rule = {"simple_action": "to_fixed", "discount_amount": 7.5}
    assert discounts([{**BARE, "quantity": 2}], rule) == ["5.00"]

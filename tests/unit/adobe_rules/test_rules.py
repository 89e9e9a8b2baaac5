"""The header of a rule, its coupon and its action; what is told of them."""

from __future__ import annotations

from typing import Any

import pytest

from app.adobe_rules.names import Names
from app.adobe_rules.report import Telling
from app.adobe_rules.rules import Shop
from app.adobe_rules.rules import body_of
from app.adobe_rules.rules import is_elsewhere
from tests.adobe_given import COUPONS
from tests.adobe_given import SHOP
from tests.adobe_given import address
from tests.adobe_given import carried
from tests.adobe_given import combine
from tests.adobe_given import product
from tests.adobe_given import read

NAMELESS = Shop(Names(), frozenset("1"))


def codes(problems: list[Any]) -> list[tuple[str, str]]:
    """Codes and places, without the place of the rule."""
    return [(problem.code, problem.pointer.removeprefix("/items/0")) for problem in problems]


def test_a_plain_rule_is_carried_whole() -> None:
    body, telling = carried()
    assert body == {
        "name": "Ten percent",
        "key": "adobe-1",
        "customer_groups": ["not_logged_in", "general"],
        "priority": 1,
        "stop_further": False,
        "coupon": {"type": "none"},
        "conditions": {"all": []},
        "action": {"type": "percent", "amount": "10"},
    }
    assert telling == Telling()


def test_a_group_without_a_name_stands_by_its_number() -> None:
    body, telling = carried(NAMELESS, customer_group_ids=[0, 7])
    assert body["customer_groups"] == ["not_logged_in", "7"]
    assert codes(telling.left_out) == [("name_missing", "/customer_group_ids")]


def test_labels_are_those_of_store_views() -> None:
    labels = [
        {"store_id": 0, "store_label": "All"},
        {"store_id": 1, "store_label": "Tous"},
        {"store_id": 9, "store_label": "?"},
    ]
    body, telling = carried(store_labels=labels)
    assert body["labels"] == {"default": "All", "french": "Tous", "9": "?"}
    assert codes(telling.left_out) == [("name_missing", "/store_labels")]


@pytest.mark.parametrize("field", ["website_ids", "customer_group_ids"])
def test_a_rule_for_nobody_is_refused(field: str) -> None:
    _, telling = carried(**{field: []})
    assert codes(telling.refused) == [("applies_to_nobody", f"/{field}")]


def test_what_has_no_form_here_is_told() -> None:
    _, telling = carried(
        times_used=12,
        product_ids=[1, 2],
        is_active=False,
        extension_attributes={"ampromo_rule": {"sku": "x"}, "reward_points_delta": 0},
        badge="new",
    )
    assert codes(telling.left_out) == [
        ("uses_not_carried", "/times_used"),
        ("no_form_here", "/product_ids"),
        ("no_form_here", "/badge"),
        ("no_form_here", "/extension_attributes/ampromo_rule"),
    ]
    assert codes(telling.notes) == [("inactive", "/is_active")]


def test_the_website_of_a_site_is_said_by_the_names_file() -> None:
    assert not is_elsewhere(read(website_ids=[1, 2]), SHOP)
    assert is_elsewhere(read(website_ids=[2]), SHOP)
    _, telling = carried(Shop(Names()), customer_group_ids=[0])
    assert codes(telling.left_out) == [("name_missing", "/website_ids")]


def test_a_typed_code_comes_from_the_coupons_or_from_the_rule() -> None:
    fields = {"coupon_type": "SPECIFIC_COUPON", "uses_per_coupon": 5}
    body, telling = carried(rule_id=3, **fields)
    assert body["coupon"] == {
        "type": "specific",
        "code": "TEN",
        "uses_per_coupon": 100,
        "uses_per_customer": 1,
    }
    assert telling.left_out == []
    body, _ = carried(extension_attributes={"code": "SAVE"}, **fields)
    assert body["coupon"] == {"type": "specific", "code": "SAVE", "uses_per_coupon": 5}
    _, telling = carried(**fields)
    assert codes(telling.refused) == [("coupon_code_missing", "/coupon_type")]


@pytest.mark.parametrize(
    "fields",
    [
        {"coupon_type": "SPECIFIC_COUPON", "use_auto_generation": True},
        {"coupon_type": "AUTO"},
        {"coupon_type": "3"},
    ],
)
def test_generated_codes_are_not_in_a_rule(fields: dict[str, Any]) -> None:
    body, telling = carried(rule_id=4, **fields)
    assert body["coupon"] == {"type": "generated"}
    assert [problem.detail[:11] for problem in telling.left_out] == ["its 2 codes"]


def test_a_code_that_was_used_or_expires_is_told() -> None:
    rule = read(rule_id=3, coupon_type="SPECIFIC_COUPON", to_date="2026-12-31")
    (coupon,) = COUPONS[3]
    coupon = type(coupon)(3, "TEN", 0, 0, 7, "2026-11-30 00:00:00", generated=False)
    second = type(coupon)(3, "TWELVE", 0, 0, 0, "", generated=False)
    telling = Telling()
    body_of(rule, (coupon, second), SHOP, telling)
    assert [code for code, _ in codes(telling.left_out)] == [
        "codes_not_carried",
        "uses_not_carried",
        "no_form_here",
    ]


@pytest.mark.parametrize(
    ("fields", "code", "pointer"),
    [
        ({"simple_action": "ampromo_items"}, "unknown_action", "/simple_action"),
        (
            {"simple_action": "to_fixed", "discount_qty": 2},
            "not_for_this_action",
            "/simple_action",
        ),
        ({"coupon_type": "OTHER"}, "unknown_form", "/coupon_type"),
        ({"simple_free_shipping": "3"}, "unknown_form", "/simple_free_shipping"),
    ],
)
def test_what_the_service_has_no_word_for_refuses_the_rule(
    fields: dict[str, Any], code: str, pointer: str
) -> None:
    _, telling = carried(**fields)
    assert codes(telling.refused) == [(code, pointer)]


def test_units_stand_only_where_adobe_counts_them() -> None:
    units = {"discount_step": "2.0000", "discount_qty": 4}
    assert carried(**units)[0]["action"] == {
        "type": "percent",
        "amount": "10",
        "step": "2",
        "max_quantity": "4",
    }
    body, telling = carried(simple_action="cart_fixed", **units)
    assert body["action"] == {"type": "cart_fixed", "amount": "10"}
    assert codes(telling.notes) == [("without_effect", "/discount_step")]
    body, telling = carried(simple_action="to_percent", discount_amount=80, **units)
    assert (body["action"]["type"], body["action"]["amount"]) == ("percent", "20")
    assert codes(telling.notes) == [("said_otherwise", "/simple_action")]


def test_totals_over_eligible_items_are_a_matter_of_adobes_version() -> None:
    _, telling = carried(
        condition=combine(combine(address("base_subtotal", ">", "10"))),
        action_condition=combine(product("sku", "==", "a"), kind="Product\\Combine"),
    )
    assert codes(telling.notes) == [("totals_over_cart", "/condition")]

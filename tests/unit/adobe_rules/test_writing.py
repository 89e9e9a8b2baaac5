"""What Adobe can say of a cart rule, and what it cannot."""

from __future__ import annotations

from typing import Any

import pytest

from app.adobe_rules.names import Names
from app.adobe_rules.report import Telling
from app.adobe_rules.rules import Shop
from app.adobe_rules.rules import body_of
from app.adobe_rules.writing import adobe_id
from app.adobe_rules.writing import coupon_of
from app.adobe_rules.writing import rule_of
from tests.adobe_given import NAMES
from tests.adobe_given import SHOP
from tests.adobe_given import Json
from tests.adobe_given import address
from tests.adobe_given import combine
from tests.adobe_given import product
from tests.adobe_given import read
from tests.adobe_given import saved
from tests.adobe_given import search
from tests.adobe_given import segment
from tests.given import a_rule

FOUND = "Product\\Found"


def written(shop: Shop = SHOP, **body: Any) -> tuple[Json, Telling]:
    """A rule of this service as Adobe says it, and what is told of it."""
    telling = Telling()
    return rule_of(a_rule(**body), shop, telling, active=True), telling


def condition(tree: Json) -> Json:
    """The one condition that a tree becomes."""
    rule, telling = written(conditions={"all": [tree]})
    assert (telling.refused, telling.left_out) == ([], [])
    (found,) = rule["condition"]["conditions"]
    return dict(found)


def leaf(attribute: str, operator: str, value: Any = None, **more: Any) -> Json:
    """A comparison of this service."""
    wanted = {} if value is None else {"value": value}
    return {"attribute": attribute, "operator": operator, **wanted, **more}


def test_a_rule_of_this_service_has_every_field_of_adobes() -> None:
    rule, telling = written()
    assert (telling.refused, telling.left_out) == ([], [])
    assert rule == {
        "name": "Ten percent",
        "store_labels": [],
        "description": "",
        "website_ids": [1],
        "customer_group_ids": [0, 1, 2, 3],
        "from_date": None,
        "to_date": None,
        "uses_per_customer": 0,
        "condition": combine(),
        "action_condition": combine(kind="Product\\Combine"),
        "stop_rules_processing": False,
        "is_advanced": True,
        "product_ids": [],
        "sort_order": 10,
        "simple_action": "by_percent",
        "discount_amount": 10,
        "discount_qty": 0,
        "discount_step": 0,
        "apply_to_shipping": False,
        "times_used": 0,
        "is_rss": False,
        "coupon_type": "NO_COUPON",
        "use_auto_generation": False,
        "uses_per_coupon": 0,
        "simple_free_shipping": "0",
        "extension_attributes": {"reward_points_delta": 0},
        "is_active": True,
    }


def test_a_rule_keeps_the_id_that_it_came_with() -> None:
    assert written(key="adobe-12")[0]["rule_id"] == 12
    assert [adobe_id(key) for key in ("adobe-12", "adobe-x", "12", None)] == [12, None, None, None]


def test_what_can_be_read_is_written_as_adobe_would() -> None:
    assert condition(leaf("cart.subtotal", ">=", "10.00")) == address(
        "base_subtotal", ">=", "10.00"
    )
    assert condition(leaf("cart.quantity", "between", [1, 3])) == combine(
        address("total_qty", ">=", "1"), address("total_qty", "<=", "3")
    )
    undefined = address("payment_method", "<=>", "")
    assert condition(leaf("cart.payment_method", "is_defined")) == combine(undefined, value="0")
    where = leaf("line.sku", "in", ["a", "b"])
    assert condition({"lines": "found", "where": where}) == combine(
        product("sku", "()", "a,b"), kind=FOUND
    )
    assert condition({"lines": "found"}) == combine(kind=FOUND)
    none = combine(product("sku", "()", "a,b"), kind="Product\\Combine", value="0")
    assert condition({"lines": "not_found", "where": {"none": [where]}}) == combine(
        none, kind=FOUND, value="0"
    )


def test_a_condition_alone_stands_in_a_combination() -> None:
    rule, _ = written(conditions=leaf("cart.quantity", ">", 2))
    assert rule["condition"] == combine(address("total_qty", ">", "2"))
    rule, _ = written(conditions={"none": [leaf("shopper.segments", "contains", "vip")]})
    assert rule["condition"] == combine(segment("()", "4"), value="0")
    others = {"none": [leaf("shopper.segments", "contains", "vip")]}
    assert condition(others) == segment("!()", "4")
    items = leaf("line.attributes.color", "==", "red")
    rule, _ = written(action={"type": "percent", "amount": "10", "items": items})
    assert rule["action_condition"] == combine(
        product("color", "==", "52"), kind="Product\\Combine"
    )


def test_between_of_sums_asks_twice() -> None:
    tree = {"lines": "amount", "operator": "between", "value": ["10.00", "20.00"]}
    ends = condition(tree)["conditions"]
    assert [(end["operator"], end["value"]) for end in ends] == [(">=", "10.00"), ("<=", "20.00")]
    assert {end["attribute_name"] for end in ends} == {"base_row_total"}


@pytest.mark.parametrize(
    ("tree", "pointer"),
    [
        (leaf("cart.currency", "==", "USD"), "/attribute"),
        (leaf("cart.line_count", ">", 1), "/attribute"),
        (leaf("shopper.segments", "not_in", ["vip"]), "/attribute"),
        (leaf("shopper.segments", "in", ["unknown"]), "/value"),
        (leaf("cart.shipping.postcode", "starts_with", "90"), "/operator"),
        (leaf("cart.payment_method", "in", ["a,b"]), "/value"),
        ({"history": "Product Viewed", "within_days": 3, "operator": ">", "value": 1}, ""),
        ({"orders": "count", "operator": ">", "value": 1}, ""),
        ({"lines": "found", "where": leaf("time.hour", ">", 8)}, "/where/attribute"),
        (
            {"lines": "found", "where": leaf("line.subtotal_after_discount", ">", "1")},
            "/where/attribute",
        ),
        ({"lines": "found", "where": leaf("line.attributes.sku", "==", "a")}, "/where/attribute"),
        ({"lines": "found", "where": leaf("line.categories", "==", "women")}, "/where/operator"),
        ({"lines": "found", "where": leaf("line.parent.categories", "in", ["x"])}, "/where/value"),
        (
            {"lines": "found", "where": {"any": [leaf("time.hour", ">", 8)]}},
            "/where/any/0/attribute",
        ),
    ],
)
def test_a_condition_that_adobe_lacks_refuses_the_rule(tree: Json, pointer: str) -> None:
    _, telling = written(conditions={"all": [tree]})
    assert [told.pointer for told in telling.refused] == [f"/conditions/all/0{pointer}"]


@pytest.mark.parametrize("kind", ["free_gift", "tiered", "cheapest_free", "bundle_price"])
def test_an_action_that_adobe_lacks_refuses_the_rule(kind: str) -> None:
    _, telling = written(action={"type": kind})
    assert [(told.code, told.pointer) for told in telling.refused] == [
        ("no_form_in_adobe", "/action/type")
    ]


def test_a_rule_that_lost_something_is_off() -> None:
    rule, telling = written(
        store_views=["french"],
        group={"name": "summer", "mode": "best", "per": "cart"},
        uses_total=5,
        budget={"amount": "100.00"},
        dynamic_blocks=["dyn_1"],
        nearly={"distance": "5.00", "message": "Nearly"},
        totals_over="eligible_lines",
        conditions=leaf("cart.subtotal", ">", "10", values={"EUR": "9"}),
        labels={"default": "All", "dutch": "Alles", "7": "Seven"},
        customer_groups=["general", "unknown"],
        action={
            "type": "fixed",
            "amount": "5.00",
            "amounts": {"EUR": "4.00"},
            "max_discount": {"amount": "20.00"},
            "items": leaf("line.categories", "not_in", ["women"]),
        },
    )
    assert not rule["is_active"]
    assert telling.refused == []
    assert sorted(told.pointer for told in telling.left_out) == [
        "/action/amounts",
        "/action/items",
        "/action/max_discount",
        "/budget",
        "/conditions/values",
        "/customer_groups",
        "/dynamic_blocks",
        "/group",
        "/labels",
        "/nearly",
        "/store_views",
        "/totals_over",
        "/uses_total",
    ]
    assert rule["store_labels"] == [
        {"store_id": 0, "store_label": "All"},
        {"store_id": 7, "store_label": "Seven"},
    ]
    assert rule["customer_group_ids"] == [1]


def test_without_names_nobody_knows_groups_and_websites() -> None:
    rule, telling = written(Shop(Names()))
    assert [told.pointer for told in telling.left_out] == ["", "/customer_groups"]
    assert (rule["website_ids"], rule["customer_group_ids"]) == ([], [0])


def test_amounts_with_tax_ask_for_amounts_with_tax() -> None:
    shop = Shop(NAMES, frozenset("1"), "incl_tax")
    total = {"lines": "amount", "operator": ">", "value": "10"}
    row = {"lines": "found", "where": leaf("line.subtotal", ">", "10")}
    rule, telling = written(shop, conditions={"all": [total, row]})
    assert rule["condition"]["conditions"][0]["attribute_name"] == "base_row_total_incl_tax"
    assert [told.code for told in telling.left_out] == ["tax_basis_differs"]


def test_a_code_stands_beside_the_rule() -> None:
    telling = Telling()
    body = a_rule(key="adobe-3", coupon={"type": "specific", "code": "TEN", "uses_per_coupon": 9})
    coupon = coupon_of(body, telling)
    assert coupon is not None
    assert (coupon["rule_id"], coupon["code"], coupon["usage_limit"]) == (3, "TEN", 9)
    assert telling == Telling()
    assert coupon_of({**body, "key": None}, telling) is None
    assert [told.pointer for told in telling.left_out] == ["/coupon/code"]
    assert coupon_of(a_rule(), telling) is None


def test_the_answer_of_an_export_can_be_imported() -> None:
    rule, _ = written(key="adobe-5")
    body = saved(body_of(read(**rule), (), SHOP, Telling()))
    assert body["customer_groups"] == ["not_logged_in", "general", "wholesale", "retailer"]
    assert search(rule)

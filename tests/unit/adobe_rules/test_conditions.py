"""What each condition of Adobe says here."""

from __future__ import annotations

from typing import Any

import pytest

from app.adobe_rules.names import Names
from app.adobe_rules.rules import Shop
from tests.adobe_given import NAMES
from tests.adobe_given import Json
from tests.adobe_given import address
from tests.adobe_given import carried
from tests.adobe_given import combine
from tests.adobe_given import product
from tests.adobe_given import segment

SKU = product("sku", "==", "a")
OWN = {"attribute": "line.categories", "operator": "in", "value": ["men/shoes"]}
CHILDREN = {**OWN, "attribute": "line.children.categories"}


def tree_of(*conditions: Json) -> Any:
    """What conditions under one ALL of TRUE become; one alone without its list."""
    body, telling = carried(condition=combine(*conditions))
    assert telling.refused == []
    found = body["conditions"]["all"]
    return found[0] if len(found) == 1 else found


def line_of(condition: Json) -> Any:
    """What one condition of an action becomes."""
    body, telling = carried(action_condition=combine(condition, kind="Product\\Combine"))
    assert telling.refused == []
    return body["action"]["items"]["all"][0]


@pytest.mark.parametrize(
    ("joined", "value", "form"),
    [
        ("all", "1", "all"),
        ("any", "1", "any"),
        ("all", "0", "none"),
        ("any", "0", "not_all"),
        ("all", True, "all"),
        ("any", 0, "not_all"),
        ("all", None, "all"),
    ],
)
def test_all_or_any_of_true_or_false_are_four_forms(joined: str, value: Any, form: str) -> None:
    inner = combine(address("total_qty", ">", 3), joined=joined, value=value)
    leaf = {"attribute": "cart.quantity", "operator": ">", "value": "3"}
    assert tree_of(inner) == {form: [leaf]}


def test_found_and_not_found_ask_for_lines() -> None:
    leaf = {"attribute": "line.sku", "operator": "==", "value": "a"}
    kind = "Product\\Found"
    assert tree_of(combine(SKU, kind=kind)) == {"lines": "found", "where": {"all": [leaf]}}
    assert tree_of(combine(SKU, kind=kind, joined="any", value="0")) == {
        "lines": "not_found",
        "where": {"any": [leaf]},
    }


def test_a_subselection_is_a_sum_over_lines() -> None:
    asked = combine(SKU, kind="Product\\Subselect", joined="any")
    leaf = {"attribute": "line.sku", "operator": "==", "value": "a"}
    assert tree_of(asked | {"attribute_name": "qty", "operator": ">=", "value": 3}) == {
        "lines": "quantity",
        "operator": ">=",
        "value": "3",
        "where": {"any": [leaf]},
    }
    amount = {"attribute_name": "base_row_total", "operator": "()", "value": "10; 20.50"}
    assert tree_of(asked | amount)["value"] == ["10", "20.5"]


def test_values_of_lists_stand_between_commas_and_semicolons() -> None:
    assert tree_of(address("country_id", "()", "US, CA;MX"))["value"] == ["US", "CA", "MX"]
    assert tree_of(address("postcode", "==", "1,2"))["value"] == "1,2"
    assert line_of(product("size", "()", ["M", "L"]))["value"] == ["M", "L"]


def test_several_values_of_another_operator_are_one_of_them() -> None:
    leaf = line_of(product("size", "==", ["M", "L"]))
    assert (leaf["operator"], leaf["value"]) == ("in", ["M", "L"])
    assert line_of(product("size", "!{}", ["M", "L"]))["operator"] == "not_in"


def test_numbers_lose_the_zeros_of_the_database_and_texts_keep_theirs() -> None:
    assert tree_of(address("base_subtotal", ">=", "100.0000"))["value"] == "100"
    assert tree_of(address("weight", ">=", 20.50))["value"] == "20.5"
    assert line_of(product("model", "==", "007"))["value"] == "007"


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("==", "=="),
        ("!=", "!="),
        (">", ">"),
        (">=", ">="),
        ("<", "<"),
        ("<=", "<="),
        ("{}", "contains"),
        ("!{}", "not_contains"),
        ("()", "in"),
        ("!()", "not_in"),
        ("<=>", "is_undefined"),
    ],
)
def test_each_operator_has_its_name(theirs: str, ours: str) -> None:
    assert tree_of(address("postcode", theirs, "9"))["operator"] == ours


def test_undefined_needs_no_value() -> None:
    assert tree_of(address("payment_method", "<=>", "")) == {
        "attribute": "cart.payment_method",
        "operator": "is_undefined",
    }


@pytest.mark.parametrize("operator", ["==", "{}", "()"])
def test_a_category_is_that_of_the_product_or_of_its_child(operator: str) -> None:
    assert line_of(product("category_ids", operator, "12")) == {"any": [OWN, CHILDREN]}


@pytest.mark.parametrize("operator", ["!=", "!{}", "!()"])
def test_no_category_is_none_of_either_and_asks_for_a_category(operator: str) -> None:
    assert line_of(product("category_ids", operator, "12")) == {
        "all": [{**OWN, "operator": "not_in"}, {"none": [CHILDREN]}]
    }


def test_scopes_ask_the_parent_or_the_children() -> None:
    assert line_of(product("sku", "==", "a", "parent"))["attribute"] == "line.parent.sku"
    assert line_of(product("children::sku", "==", "a"))["attribute"] == "line.children.sku"
    assert line_of(product("category_ids", "==", "12", "children")) == CHILDREN
    leaf = line_of(product("color", "==", "52", "parent"))
    assert leaf == {"attribute": "line.parent.attributes.color", "operator": "==", "value": "red"}


def test_who_is_in_no_segment_does_not_match_one() -> None:
    leaf = {"attribute": "shopper.segments", "operator": "in", "value": ["vip", "newcomers"]}
    assert tree_of(segment("()", "4,5")) == leaf
    assert tree_of(segment("!()", "4,5")) == {"none": [leaf]}
    assert tree_of(segment("==", 4)) == {**leaf, "value": ["vip"]}


def test_a_region_has_a_name_and_an_option_a_value_of_any_type() -> None:
    assert tree_of(address("region_id", "==", "12")) == {
        "attribute": "cart.shipping.region",
        "operator": "==",
        "value": "California",
    }
    assert line_of(product("sale", "==", "1"))["value"] is True


def test_a_segment_without_a_name_stands_by_its_number_and_is_told() -> None:
    body, telling = carried(condition=combine(segment("==", "9")))
    assert body["conditions"]["all"][0]["value"] == ["9"]
    assert [told.code for told in telling.left_out] == ["name_missing"]


def test_digits_of_a_choice_may_be_ids_of_options() -> None:
    items = combine(product("material", "==", "33"), kind="Product\\Combine")
    _, telling = carried(action_condition=items)
    assert [told.code for told in telling.notes] == ["ids_of_options"]


def test_numbers_in_a_text_are_texts_here_and_it_is_told() -> None:
    def told(*leaf: Any) -> list[str]:
        _, telling = carried(condition=combine(address(*leaf)))
        return [problem.code for problem in telling.left_out]

    assert told("postcode", ">=", "9000") == ["compared_as_text"]
    assert told("postcode", ">=", "SW1") == told("postcode", "==", "9000") == []
    assert told("weight", ">=", "9000") == []


def test_a_total_on_the_other_tax_basis_is_told() -> None:
    amount = combine(kind="Product\\Subselect") | {
        "attribute_name": "base_row_total",
        "operator": ">",
        "value": "10",
    }
    incl = Shop(NAMES, frozenset("1"), "incl_tax")
    assert [told.code for told in carried(incl, condition=combine(amount))[1].left_out] == [
        "tax_basis_differs"
    ]
    other = amount | {"attribute_name": "base_row_total_incl_tax"}
    assert carried(incl, condition=combine(other))[1].left_out == []
    assert len(carried(condition=combine(other))[1].left_out) == 1


@pytest.mark.parametrize(
    ("condition", "code", "pointer"),
    [
        ({"condition_type": "Amasty\\Conditions\\Order"}, "unknown_condition", "/condition_type"),
        (SKU, "form_not_here", "/condition_type"),
        (address("customer_age", ">", "3"), "unknown_attribute", "/attribute_name"),
        (address("total_qty", "~", "3"), "unknown_operator", "/operator"),
        (address("total_qty", ">", [1, 2]), "value_not_of_type", "/value"),
        (address("region_id", "==", "99"), "name_missing", "/value"),
        (combine(joined="some"), "unknown_form", "/aggregator_type"),
        (combine(kind="Product\\Found", joined="some"), "unknown_form", "/aggregator_type"),
        (segment("{}", "4"), "unknown_operator", "/operator"),
        (
            combine(product("category_ids", "==", "99"), kind="Product\\Found"),
            "name_missing",
            "/conditions/0/value",
        ),
        (
            combine(product("sku", "==", "a", "uncle"), kind="Product\\Found"),
            "unknown_condition",
            "/conditions/0/extension_attributes/attribute_scope",
        ),
        (
            combine(product("a name", "==", "a"), kind="Product\\Found"),
            "unknown_attribute",
            "/conditions/0/attribute_name",
        ),
        (
            combine(kind="Product\\Subselect") | {"attribute_name": "weight", "operator": ">"},
            "unknown_attribute",
            "/attribute_name",
        ),
        (
            combine(product("category_ids", ">", "12"), kind="Product\\Found"),
            "unknown_operator",
            "/conditions/0/operator",
        ),
        (
            combine(address("total_qty", ">", "1"), kind="Product\\Found"),
            "form_not_here",
            "/conditions/0/condition_type",
        ),
    ],
)
def test_what_cannot_be_said_refuses_its_rule(condition: Json, code: str, pointer: str) -> None:
    _, telling = carried(condition=combine(condition))
    assert [(told.code, told.pointer) for told in telling.refused] == [
        (code, f"/items/0/condition/conditions/0{pointer}")
    ]


def test_ids_need_names() -> None:
    nameless = Shop(Names(), frozenset("1"))
    _, telling = carried(
        nameless,
        condition=combine(combine(product("category_ids", "==", "12"), kind="Product\\Found")),
    )
    assert [told.code for told in telling.refused] == ["name_missing"]

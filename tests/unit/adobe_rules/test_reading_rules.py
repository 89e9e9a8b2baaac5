"""A file that is wrong anywhere is refused as a whole, with the place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from aggregates.kernel.errors import InvalidInput
from app.adobe_rules.names import read_names
from app.adobe_rules.reading import read_coupons
from app.adobe_rules.reading import read_rules
from tests.adobe_given import Json
from tests.adobe_given import combine
from tests.adobe_given import sales_rule
from tests.adobe_given import search


def refused(read: Callable[[bytes], Any], data: bytes) -> list[tuple[str, str]]:
    """Pointers and codes of what is wrong."""
    with pytest.raises(InvalidInput) as caught:
        read(data)
    return [(problem.pointer, problem.code) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("data", "pointer", "code"),
    [
        (b'{"items": [', "", "malformed_json"),
        (b"[]", "", "wrong_type"),
        (b"{}", "/items", "required"),
        (b'{"message": "The consumer is not authorized"}', "/items", "required"),
        (b'{"items": {}}', "/items", "wrong_type"),
        (b'{"items": [3]}', "/items/0", "wrong_type"),
        (search(sales_rule(name="a\0b")), "/items/0/name", "nul_in_string"),
    ],
)
def test_what_is_no_answer_of_a_search_is_told(data: bytes, pointer: str, code: str) -> None:
    assert refused(read_rules, data)[0] == (pointer, code)


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"rule_id": None}, "/rule_id", "required"),
        ({"rule_id": "x"}, "/rule_id", "value_not_of_type"),
        ({"rule_id": -1}, "/rule_id", "wrong_type"),
        ({"name": " "}, "/name", "required"),
        ({"name": ["x"]}, "/name", "wrong_type"),
        ({"website_ids": "1"}, "/website_ids", "wrong_type"),
        ({"customer_group_ids": [0, "x"]}, "/customer_group_ids/1", "wrong_type"),
        ({"is_active": "maybe"}, "/is_active", "wrong_type"),
        ({"is_active": [1]}, "/is_active", "wrong_type"),
        ({"sort_order": 1.5}, "/sort_order", "wrong_type"),
        ({"discount_amount": "ten"}, "/discount_amount", "value_not_of_type"),
        ({"discount_amount": 1e30}, "/discount_amount", "number_out_of_range"),
        ({"store_labels": [3]}, "/store_labels/0", "wrong_type"),
        ({"extension_attributes": 3}, "/extension_attributes", "wrong_type"),
        ({"condition": "all"}, "/condition", "wrong_type"),
        ({"condition": {}}, "/condition/condition_type", "required"),
        ({"condition": combine("x")}, "/condition/conditions/0", "wrong_type"),  # type: ignore
        (
            {"condition": {**combine(), "value": {"a": 1}}},
            "/condition/value",
            "wrong_type",
        ),
    ],
)
def test_a_field_of_another_type_is_told_with_its_place(
    fields: Json, pointer: str, code: str
) -> None:
    data = search(sales_rule(rule_id=7), sales_rule(**fields))
    assert (f"/items/1{pointer}", code) in refused(read_rules, data)


def test_conditions_end_somewhere() -> None:
    tree = combine()
    for _ in range(40):
        tree = combine(tree)
    (found,) = refused(read_rules, search(sales_rule(condition=tree)))
    assert found[1] == "too_deep"
    assert found[0].startswith("/items/0/condition/conditions/0/conditions/0")


def test_a_rule_stands_in_a_file_once() -> None:
    data = search(sales_rule(), sales_rule())
    assert refused(read_rules, data) == [("/items/1/rule_id", "named_twice")]


def test_rules_come_in_the_order_of_their_ids() -> None:
    data = search(sales_rule(rule_id=20), sales_rule(rule_id="3"))
    rules = read_rules(data)
    assert [(rule.rule_id, rule.pointer) for rule in rules] == [(3, "/items/1"), (20, "/items/0")]


def test_coupons_have_a_rule_and_a_code() -> None:
    data = orjson.dumps({"items": [{"rule_id": 3}, {"code": "A"}]})
    assert refused(read_coupons, data) == [
        ("/items/0/code", "required"),
        ("/items/1/rule_id", "required"),
    ]


def test_a_names_file_has_known_kinds_and_one_name_for_one_id() -> None:
    data = orjson.dumps(
        {
            "group": {},
            "stores": {"1": "a", "2": "a"},
            "segments": [],
            "regions": {"1": 2},
            "options": {"sale": {"0": False, "1": True, "2": 0}, "color": 3},
        }
    )
    assert refused(read_names, data) == [
        ("/group", "unknown_field"),
        ("/stores/2", "named_twice"),
        ("/segments", "wrong_type"),
        ("/regions/1", "wrong_type"),
        ("/options/color", "wrong_type"),
    ]
    assert refused(read_names, b'{"options": []}') == [("/options", "wrong_type")]


def test_the_number_of_who_is_not_logged_in_is_known() -> None:
    names = read_names(b'{"groups": {"5": "vip"}}')
    assert (names.groups.name("0"), names.groups.number("vip")) == ("not_logged_in", "5")
    assert names.knows_groups
    assert not read_names(b"{}").knows_groups

"""What a body may be, and how it comes back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.authors import BLOCK
from tests.authors import RULE
from tests.authors import SEGMENT
from tests.authors import Author

SLOT = {"key": "home", "name": "Home", "source": "cart_rules", "rotation": "all"}
PERCENT = {"type": "percent", "amount": "10"}
DEEP: dict[str, Any] = {"all": []}
for _ in range(9):
    DEEP = {"all": [DEEP]}


@pytest.mark.parametrize(
    ("kind", "body", "pointer", "code"),
    [
        ("cart-rules", {**RULE, "colour": "red"}, "/colour", "unknown_field"),
        ("cart-rules", {**RULE, "name": None}, "/name", "not_null"),
        ("cart-rules", {**RULE, "name": ""}, "/name", "wrong_length"),
        ("cart-rules", {**RULE, "priority": 65_001}, "/priority", "out_of_range"),
        ("cart-rules", {**RULE, "priority": "1"}, "/priority", "wrong_type"),
        ("cart-rules", {**RULE, "stop_further": "no"}, "/stop_further", "wrong_type"),
        ("cart-rules", {**RULE, "from_date": "2026-13-01"}, "/from_date", "not_a_date"),
        ("cart-rules", {**RULE, "from_date": "20261101"}, "/from_date", "not_a_date"),
        ("cart-rules", {**RULE, "store_views": ["a", "a"]}, "/store_views", "named_twice"),
        ("cart-rules", {**RULE, "key": "Ten"}, "/key", "wrong_pattern"),
        ("cart-rules", {**RULE, "conditions": []}, "/conditions", "wrong_type"),
        ("cart-rules", {**RULE, "action": {**PERCENT, "x": 1}}, "/action/x", "unknown_field"),
        (
            "cart-rules",
            {**RULE, "action": {**PERCENT, "gift": {"skus": ["a"], "quantity": 1, "choose": 1}}},
            "/action/gift",
            "not_for_this_action",
        ),
        (
            "cart-rules",
            {**RULE, "action": {"type": "percent", "amount": "101"}},
            "/action/amount",
            "over_100_percent",
        ),
        (
            "cart-rules",
            {**RULE, "action": {"type": "fixed", "amount": "1.234"}},
            "/action/amount",
            "too_many_digits",
        ),
        (
            "cart-rules",
            {**RULE, "coupon": {"type": "generated", "code": "X"}},
            "/coupon/code",
            "not_for_this_coupon",
        ),
        ("cart-rules", {**RULE, "coupon": {"type": "specific"}}, "/coupon/code", None),
        (
            "segments",
            {**SEGMENT, "conditions": {"attribute": "no.such", "operator": "==", "value": 1}},
            "/conditions/attribute",
            "unknown_attribute",
        ),
        ("segments", {**SEGMENT, "apply_to": "some"}, "/apply_to", "not_one_of"),
        ("dynamic-blocks", {**BLOCK, "types": []}, "/types", None),
        ("dynamic-blocks", {**BLOCK, "content": {}}, "/content", None),
        (
            "dynamic-blocks",
            {**BLOCK, "content": {"html": "x" * 64_001}},
            "/content/html",
            "too_long",
        ),
        (
            "dynamic-blocks",
            {**BLOCK, "content": {"json": {"$decimal": "1"}}},
            "/content/json",
            "reserved_name",
        ),
        ("slots", {name: SLOT[name] for name in SLOT if name != "key"}, "/key", "required"),
        ("slots", {**SLOT, "rotation": "some"}, "/rotation", "not_one_of"),
        ("segments", [], "", "wrong_type"),
    ],
)
def test_a_wrong_body_is_pointed_at_and_not_saved(
    author: Author, kind: str, body: Any, pointer: str, code: str | None
) -> None:
    problem = author.refused(422, "POST", f"/v1/{kind}", body)
    found = [(one["pointer"], one["code"]) for one in problem["errors"]]
    assert pointer in [place for place, _ in found]
    if code is not None:
        assert (pointer, code) in found
    assert author.made("GET", f"/v1/{kind}")["items"] == []
    linted = author.made("POST", f"/v1/{kind}/lint", body)
    assert (linted["valid"], linted["problems"]) == (False, problem["errors"])


def test_a_tree_that_is_too_deep_is_refused(author: Author) -> None:
    problem = author.refused(422, "POST", "/v1/segments", {**SEGMENT, "conditions": DEEP})
    assert problem["errors"][0]["code"] == "too_deep"


def test_every_problem_is_told_at_once(author: Author) -> None:
    problem = author.refused(422, "POST", "/v1/cart-rules", {"name": 1, "colour": "red"})
    places = {one["pointer"] for one in problem["errors"]}
    assert {"/name", "/colour", "/priority", "/conditions", "/action", "/coupon"} <= places


def test_a_sound_body_lints_clean(author: Author) -> None:
    assert author.made("POST", "/v1/cart-rules/lint", RULE) == {"valid": True, "problems": []}


def test_a_body_comes_back_as_it_was_sent_and_can_be_sent_again(author: Author) -> None:
    content = {"json": {"ratio": 2.5, "count": 3, "list": [1.25, None, True, "é"], "deep": {}}}
    made = author.made("PUT", "/v1/dynamic-blocks/hello", {**BLOCK, "content": content})
    assert made["body"] == {**BLOCK, "content": content, "key": "hello"}
    again = author.made("PUT", "/v1/dynamic-blocks/hello", made["body"], If_Match='"1"')
    assert again["version"] == 1


def test_an_amount_may_be_a_number_and_is_kept_as_text(author: Author) -> None:
    action = {"type": "cart_fixed", "amount": 12.5, "amounts": {"EUR": 9}}
    made = author.made("POST", "/v1/cart-rules", {**RULE, "action": action})
    assert made["body"]["action"] == {
        "type": "cart_fixed",
        "amount": "12.5",
        "amounts": {"EUR": "9"},
    }


def test_malformed_json_is_400(author: Author) -> None:
    answer = author._client.post(
        "/v1/segments", data=b"{", headers={"Authorization": f"Bearer {author._key}"}
    )
    assert (answer.status_code, answer.json["code"]) == (400, "malformed_json")

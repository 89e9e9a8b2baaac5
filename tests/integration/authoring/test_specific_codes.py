"""One code, one rule: as long as it is published, whatever its schedule."""

from __future__ import annotations

from typing import Any

import pytest

from app.authoring import specific_codes
from tests.authors import CART
from tests.authors import RULE
from tests.authors import Author

TAKEN = "coupon_taken"


def draft(author: Author, key: str, code: str, **more: Any) -> str:
    body = {**RULE, "key": key, "coupon": {"type": "specific", "code": code}, **more}
    found: str = author.made("POST", "/v1/cart-rules", body)["id"]
    return found


def wish(*names: str, **more: Any) -> dict[str, Any]:
    return {"publish": [{"kind": "cart-rules", "id": name, **more} for name in names]}


def places(problem: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["pointer"], one["code"]) for one in problem["errors"]]


def sharing(author: Author, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules `a` and `b` with one code, published as a log of before has them."""
    with monkeypatch.context() as before:
        before.setattr(specific_codes, "check_specific", lambda *_: None)
        for key in "ab":
            draft(author, key, "Same")
        author.publish(("cart-rules", "a"), ("cart-rules", "b"))


def test_a_code_that_another_rule_has_cannot_go_live(author: Author) -> None:
    first = draft(author, "first", "Same")
    draft(author, "second", "SAME")
    author.publish(("cart-rules", "first"))
    problem = author.refused(422, "POST", "/v1/rulesets", wish("second"))
    assert places(problem) == [("/publish/0/body/coupon/code", TAKEN)]
    assert first in problem["errors"][0]["detail"]
    problem = author.refused(422, "POST", "/v1/cart-rules/second/publish")
    assert places(problem) == [("/body/coupon/code", TAKEN)]
    assert author.made("GET", "/v1/cart-rules/second")["status"] == "draft"


@pytest.mark.parametrize("state", ["paused", "scheduled", "expired"])
def test_a_rule_keeps_its_code_until_it_is_archived(author: Author, state: str) -> None:
    draft(author, "first", "Same")
    draft(author, "second", "same")
    schedule = {
        "scheduled": {"starts_at": "2099-01-01T00:00:00Z"},
        "expired": {"ends_at": "2001-01-01T00:00:00Z"},
    }
    author.made("POST", "/v1/rulesets", wish("first", **schedule.get(state, {})))
    if state == "paused":
        author.made("POST", "/v1/cart-rules/first/pause")
    assert author.made("GET", "/v1/cart-rules/first")["status"] == state
    author.refused(422, "POST", "/v1/rulesets", wish("second"))
    archive = {"archive": [{"kind": "cart-rules", "id": "first"}]}
    author.made("POST", "/v1/rulesets", {**wish("second"), **archive})
    assert author.made("GET", "/v1/cart-rules/second")["status"] == "live"


def test_of_two_that_go_live_at_once_the_second_is_refused(author: Author) -> None:
    draft(author, "first", "Same")
    draft(author, "second", "same")
    problem = author.refused(422, "POST", "/v1/rulesets", wish("second", "first"))
    assert places(problem) == [("/publish/0/body/coupon/code", TAKEN)]
    author.made("POST", "/v1/rulesets", wish("first"))
    body = {**RULE, "coupon": {"type": "specific", "code": "same"}, "priority": 11}
    author.made("PUT", "/v1/cart-rules/first", body, If_Match="*")
    author.made("POST", "/v1/rulesets", wish("first"))  # its own code is no other's
    body["coupon"]["code"] = "new"
    author.made("PUT", "/v1/cart-rules/first", body, If_Match="*")
    author.made("POST", "/v1/rulesets", wish("first", "second"))


def test_rules_of_before_that_share_a_code_go_on_and_can_be_told_apart(
    author: Author, monkeypatch: pytest.MonkeyPatch
) -> None:
    sharing(author, monkeypatch)
    made = author.made("POST", "/v1/decisions/cart", {**CART, "coupons": ["same"]})
    assert (len(made["applied_rules"]), made["totals"]["discount"]) == (2, "19.00")
    draft(author, "other", "Other")
    author.made("POST", "/v1/rulesets", wish("other"))
    author.made("POST", "/v1/cart-rules/b/pause")
    problem = author.refused(422, "POST", "/v1/cart-rules/b/resume")
    assert places(problem) == [("/id", TAKEN)]
    body = {**RULE, "coupon": {"type": "specific", "code": "Apart"}}
    author.made("PUT", "/v1/cart-rules/b", body, If_Match="*")
    author.made("POST", "/v1/rulesets", wish("b"))
    replay = f"/v1/decisions/{made['decision_id']}/replay"
    assert author.made("POST", replay, {"mode": "from_log"})["identical"]

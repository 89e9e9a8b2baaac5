"""Products, revisions, budgets, codes and counters as of a position of the log."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from aggregates.kernel.clock import SECOND
from aggregates.kernel.clock import format_moment
from tests.desk import SITE
from tests.desk import Desk
from tests.redemptions_given import COUPON
from tests.redemptions_given import RULE
from tests.redemptions_given import cart

SKU = "/v1/catalog/products/a%2Fb"
_runs = count()


def live(desk: Desk, key: str, body: dict[str, Any]) -> tuple[str, int]:
    """A cart rule made or changed, and published: its id and the log position."""
    status, found = desk.ask("GET", f"/v1/cart-rules/{key}")
    matching = {"If_Match": f'"{found["version"]}"'} if status == 200 else {}
    desk.made("PUT", f"/v1/cart-rules/{key}", body, **matching)
    answer = desk.made("POST", f"/v1/cart-rules/{key}/publish", {})
    return str(answer["id"]), int(answer["log_position"])


def decided(desk: Desk, customer: str = "ada", **more: Any) -> str:
    answer = desk.made("POST", "/v1/decisions/cart", cart(customer, **more))
    return str(answer["decision_id"])


def redeem(desk: Desk, order: str, **more: Any) -> int:
    asked = {"decision_id": decided(desk, **more), "order_id": order}
    return int(desk.made("POST", "/v1/redemptions", asked)["log_position"])


def test_a_product_is_shown_as_it_was_listed_then(desk: Desk) -> None:
    product = {"sku": "a/b", "name": "Tea", "price": "5.00", "currency": "USD"}
    before = desk.head
    first = desk.made("PUT", "/v1/catalog/products", {"products": [product]})["log_position"]
    desk.clock.advance(60 * SECOND)
    dearer = {**product, "price": "6.00"}
    second = desk.made("PUT", "/v1/catalog/products", {"products": [dearer]})["log_position"]
    gone = desk.made("DELETE", SKU)["log_position"]
    prices = [desk.made("GET", f"{SKU}?as_of={at}")["price"] for at in (first, second)]
    assert prices == ["5.00", "6.00"]
    moment = format_moment(desk.clock.now() - SECOND)
    assert desk.made("GET", f"{SKU}?as_of={moment}")["price"] == "5.00"
    for position in (before, gone):
        status, answer = desk.ask("GET", f"{SKU}?as_of={position}")
        assert (status, answer["code"]) == (404, "product_unknown")


def test_the_first_revision_of_then_is_the_one_that_decided(desk: Desk) -> None:
    nothing = desk.head
    _, first = live(desk, "ten", RULE)
    _, second = live(desk, "ten", {**RULE, "name": "Dearer"})
    held = {
        position: [one["revision"] for one in revisions(desk, position)]
        for position in (nothing, first, second - 1, second)
    }
    assert held == {nothing: [], first: [1], second - 1: [1], second: [2, 1]}
    walked = desk.made("GET", f"/v1/rulesets?as_of={second}&limit=1")
    rest = f"/v1/rulesets?as_of={second}&limit=1&cursor={walked['next_cursor']}"
    assert [one["revision"] for one in desk.made("GET", rest)["items"]] == [1]
    (entry,) = desk.made("GET", "/v1/rulesets/1?bodies=true")["entries"]
    assert entry["body"]["name"] == "Rule"
    assert "body" not in desk.made("GET", "/v1/rulesets/1")["entries"][0]
    assert desk.ask("GET", "/v1/rulesets/1?bodies=yes")[0] == 422


def revisions(desk: Desk, position: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = desk.made("GET", f"/v1/rulesets?as_of={position}")["items"]
    return found


def test_budgets_are_told_by_the_rules_and_the_uses_of_then(desk: Desk) -> None:
    budget = {"amount": "10.00", "thresholds": [20]}
    rule_id, first = live(desk, "ten", {**RULE, "budget": budget, "uses_total": 5})
    used = redeem(desk, "o1")
    live(desk, "ten", {**RULE, "budget": {"amount": "90.00"}, "uses_total": 5})
    now = desk.made("GET", "/v1/budgets")["items"][0]
    assert desk.made("GET", f"/v1/budgets?as_of={desk.head}")["items"] == [now]
    (fresh,) = desk.made("GET", f"/v1/budgets?as_of={first}")["items"]
    assert (fresh["subject"], fresh["uses"]) == (f"rule/{rule_id}", 0)
    assert fresh["money"][0]["remaining"] == "10.00"
    assert fresh["thresholds"][0]["reached_at"] is None
    (spent,) = desk.made("GET", f"/v1/budgets?as_of={used + 1}")["items"]
    assert (spent["uses"], spent["money"][0]["spent"]) == (1, "2.00")
    assert spent["thresholds"][0]["reached_at"] is not None


def test_a_code_has_the_state_and_the_uses_of_then(desk: Desk) -> None:
    rule_id, first = live(desk, "save", COUPON)
    used = [redeem(desk, f"o{number}", coupons=["SAVE"]) for number in (1, 2)]
    live(desk, "save", {**COUPON, "coupon": {**COUPON["coupon"], "code": "OTHER"}})
    states = [desk.made("GET", f"/v1/coupons/save?as_of={at}") for at in (first, *used)]
    assert [(one["uses"], one["status"]) for one in states] == [
        (0, "active"), (1, "active"), (2, "used_up")
    ]  # fmt: skip
    assert states[0]["rule_id"] == rule_id
    for query in ("", f"?as_of={first - 1}"):
        assert desk.ask("GET", f"/v1/coupons/save{query}")[0] == 404


def test_counters_are_listed_by_what_they_count(desk: Desk) -> None:
    limits = {"uses_total": 5, "uses_per_customer": 3, "budget": {"amount": "50.00"}}
    limits["campaign"] = {"name": "x/spent", "uses_total": 9}
    rule_id, _ = live(desk, "ten", {**RULE, **limits})
    redeem(desk, "o1", customer="ada")
    redeem(desk, "o2", customer="bob")
    answer = desk.made("GET", "/v1/usage")
    told = {
        (one["subject"], one["name"], one["currency"]): (one["used"], one["most"])
        for one in answer["items"]
        if one["person"] is None
    }
    assert told == {
        ("campaign/x/spent", "uses", None): (2, 9),
        (f"rule/{rule_id}", "spent", "USD"): ("4.00", "50.00"),
        (f"rule/{rule_id}", "uses", None): (2, 5),
    }
    ada = desk.person(customer_id="ada")
    (own,) = desk.made("GET", f"/v1/usage?person={ada}&rule_id={rule_id}")["items"]
    assert (own["person"], own["name"], own["used"], own["most"]) == (ada, "customer_uses", 1, 3)
    (shared,) = desk.made("GET", "/v1/usage?campaign=x/spent")["items"]
    assert shared["used"] == 2
    first = desk.made("GET", "/v1/usage?limit=2")
    rest = desk.made("GET", f"/v1/usage?limit=9&cursor={first['next_cursor']}")
    assert first["items"] + rest["items"] == answer["items"]
    assert desk.ask("GET", "/v1/usage?rule=1")[0] == 422


def test_what_a_reservation_held_is_back_when_its_time_is_over(desk: Desk) -> None:
    live(desk, "ten", {**RULE, "uses_total": 5})
    asked = {"decision_id": decided(desk), "ttl_s": 60}
    held = desk.made("POST", "/v1/reservations", asked)["log_position"]
    at_once = desk.made("GET", f"/v1/usage?as_of={held}")["items"]
    assert ("uses", 1) in {(one["name"], one["used"]) for one in at_once}
    desk.clock.advance(61 * SECOND)
    assert desk.made("GET", "/v1/usage")["items"] == []
    within = format_moment(desk.clock.now() - 2 * SECOND)
    assert desk.made("GET", f"/v1/usage?as_of={within}")["items"] == at_once


@given(st.lists(st.sampled_from(["redeem", "reserve", "reduce", "release"]), max_size=7))
@settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_as_of_any_position_counters_are_what_they_were_there(desk: Desk, acts: list[str]) -> None:
    live(desk, "ten", {**RULE, "uses_total": 900, "budget": {"amount": "999.00"}})
    live(desk, "save", {**COUPON, "coupon": {"type": "specific", "code": "SAVE"}, "priority": 2})
    held: list[tuple[int, dict[str, int]]] = []
    orders: list[str] = []
    for act in acts:
        if act == "reserve":
            asked = {"decision_id": decided(desk, coupons=["SAVE"]), "ttl_s": 600}
            desk.made("POST", "/v1/reservations", asked)
        elif act == "redeem" or not orders:
            orders.append(f"o-{next(_runs)}")
            redeem(desk, orders[-1], coupons=["SAVE"])
        elif act == "reduce":
            desk.ask("POST", f"/v1/redemptions/{orders[-1]}/partial", {"amount": "3.00"})
        else:
            desk.made("DELETE", f"/v1/redemptions/{orders.pop()}")
        held.append((desk.head, stored(desk)))
    for position, expected in held:
        items = desk.made("GET", f"/v1/usage?as_of={position}&limit=200")["items"]
        assert {_key(one): _minor(one["used"]) for one in items} == expected, position


def stored(desk: Desk) -> dict[str, int]:
    """The counters as decisions read them."""
    with desk.services.stores.log.connect() as connection:
        rows = connection.exec_driver_sql("SELECT key, used FROM counters").fetchall()
    return {key: used for key, used in rows if used and not key.startswith("definition-")}


def _key(one: dict[str, Any]) -> str:
    whose = f"customer/{one['person']}/" if one["person"] else ""
    money = f"/{one['currency']}" if one["currency"] else ""
    return f"{whose}{one['subject']}/{one['name']}{money}"


def _minor(used: int | str) -> int:
    return used if isinstance(used, int) else int(used.replace(".", ""))


@pytest.mark.parametrize(
    "path", [SKU, "/v1/rulesets", "/v1/budgets", "/v1/coupons/SAVE", "/v1/usage"]
)
def test_every_past_is_asked_in_one_syntax(desk: Desk, path: str) -> None:
    for text, code in (("0", "before_log"), ("99999", "after_head"), ("noon", None)):
        status, answer = desk.ask("GET", f"{path}?as_of={text}")
        (problem,) = answer["errors"]
        assert (status, problem["pointer"]) == (422, "/as_of")
        assert problem["code"] == (code or "not_a_moment_or_position")
    assert desk.services.log.head(SITE).position < 99999
    assert desk.ask("GET", f"{path}?asof=3")[1]["errors"][0]["code"] == "unknown_parameter"

"""Generated codes, campaigns and guessing over HTTP."""

from __future__ import annotations

from typing import Any
from unittest.mock import Mock

import pytest

from aggregates.coupon import ADDED
from aggregates.coupon import ASKED
from aggregates.coupon import DELETED
from aggregates.coupon import batch_id
from aggregates.coupon import batch_stream
from aggregates.coupon import deletions_stream
from aggregates.kernel.clock import SECOND
from aggregates.log import Append
from aggregates.log import NewEvent
from app.wiring import Services
from decisions.budgets import note_thresholds
from tests.fakes import SettableClock
from tests.published import publish
from tests.redemptions_given import COUPON
from tests.redemptions_given import RULE
from tests.redemptions_given import SITE
from tests.redemptions_given import Ask
from tests.redemptions_given import cart
from tests.redemptions_given import redeemed

Json = dict[str, Any]


def with_codes(services: Services, number: int, *codes: str, **more: Any) -> None:
    """Codes of the first rule, as a batch adds them."""
    batch = {"batch": batch_id(number), "rule_id": "rul_0000000001"}
    asked = {**batch, "kind": "imported", "spec": {}, "quantity": len(codes), "actor": "test"}
    limits = {"expires_at": None, "uses_max": None, "customer_uses_max": None, **more}
    stream = batch_stream(SITE, batch_id(number))
    events = (
        NewEvent(stream, 1, ASKED, asked),
        NewEvent(stream, 2, ADDED, {**batch, "codes": list(codes), **limits}),
    )
    services.log.append(Append(SITE, events))


def applied_codes(answer: Any) -> dict[str, str]:
    return {one["code"]: one.get("reason", one["status"]) for one in answer["coupons"]}


def test_generated_codes_are_used_as_often_as_each_may_be(
    ask: Ask, decide: Any, services: Services, clock: SettableClock
) -> None:
    many = {**RULE, "coupon": {"type": "generated", "uses_per_coupon": 1}, "labels": {}}
    publish(services.stores.log, SITE, cart_rules={"many": many})
    with_codes(services, 1, "AB-1", "AB-2")
    with_codes(services, 2, "TWICE", uses_max=2, customer_uses_max=1)
    with_codes(services, 3, "LATE", expires_at=clock.now() + 60 * SECOND)
    _, answer = ask("POST", "/v1/decisions/cart", cart(coupons=["ab-1"]))
    (applied,) = answer["applied_rules"]
    assert (applied["coupon"], applied["label"], applied["amount"]) == ("AB-1", "AB-1", "2.00")
    status, first = redeemed(ask, answer["decision_id"], "o-1")
    assert (status, first["uses"][0]["coupon"]) == (201, "AB-1")
    _, again = ask("POST", "/v1/decisions/cart", cart(coupons=["AB-1"]))
    assert applied_codes(again) == {"AB-1": "limit_reached"}
    twice = [decide(customer, coupons=["twice"]) for customer in ("ada", "ada", "bob")]
    assert redeemed(ask, twice[0], "o-2")[0] == 201
    assert redeemed(ask, twice[1], "o-3")[1]["limit"] == "coupon_customer_uses"
    assert redeemed(ask, twice[2], "o-4")[0] == 201
    _, answer = ask("POST", "/v1/decisions/cart", cart(coupons=["late", "AB-2", "nothing"]))
    assert applied_codes(answer) == {
        "late": "applied",
        "AB-2": "not_combinable",
        "nothing": "unknown",
    }
    clock.advance(61 * SECOND)
    status, refused = redeemed(ask, answer["decision_id"], "o-5")
    assert (status, refused["code"], refused["coupon"]) == (409, "coupon_not_valid", "LATE")
    assert applied_codes(refused["decision"])["late"] == "expired"
    for made in (answer, again, refused["decision"]):
        for mode in ("recorded", "from_log"):
            path = f"/v1/decisions/{made['decision_id']}/replay"
            assert ask("POST", path, {"mode": mode})[1]["identical"], mode


def test_a_code_that_is_deleted_is_unknown_and_old_decisions_replay(
    ask: Ask, decide: Any, services: Services
) -> None:
    publish(
        services.stores.log, SITE, cart_rules={"many": {**RULE, "coupon": {"type": "generated"}}}
    )
    with_codes(services, 1, "AB-1")
    before = decide(coupons=["AB-1"])
    gone = {"rule_id": "rul_0000000001", "codes": ["AB-1"]}
    stream = deletions_stream(SITE, "rul_0000000001")
    services.log.append(Append(SITE, (NewEvent(stream, 1, DELETED, gone),)))
    _, after = ask("POST", "/v1/decisions/cart", cart(coupons=["AB-1"]))
    assert applied_codes(after) == {"AB-1": "unknown"}
    assert redeemed(ask, before, "o-1")[1]["code"] == "coupon_not_valid"
    for decision in (before, after["decision_id"]):
        _, told = ask("POST", f"/v1/decisions/{decision}/replay", {"mode": "from_log"})
        assert told["identical"], told


@pytest.mark.parametrize(
    ("old", "coupon", "named"),
    [
        (COUPON, {"type": "specific", "code": "OTHER"}, {"coupon": "SAVE"}),
        (COUPON, {"type": "generated"}, {"coupon": "SAVE"}),
        (COUPON, {"type": "none"}, {"coupon": "SAVE"}),
        (RULE, {"type": "specific", "code": "OTHER"}, {"rule_id": "rul_0000000001"}),
        (RULE, {"type": "generated"}, {"rule_id": "rul_0000000001"}),
    ],
)
def test_a_code_that_its_rule_takes_no_more_is_not_redeemed_nor_the_new_one_told(
    ask: Ask, services: Services, old: Json, coupon: Json, named: Json
) -> None:
    publish(services.stores.log, SITE, cart_rules={"r": old})
    typed = [] if old is RULE else ["SAVE"]
    before = ask("POST", "/v1/decisions/cart", cart(coupons=typed))[1]["decision_id"]
    publish(services.stores.log, SITE, cart_rules={"r": {**RULE, "coupon": coupon}})
    status, answer = redeemed(ask, before, "o-1")
    assert (status, answer["code"]) == (409, "coupon_not_valid")
    assert {name: answer[name] for name in named} == named
    assert "OTHER" not in str(answer)
    reservation = {"decision_id": before, "ttl_s": 60}
    assert ask("POST", "/v1/reservations", reservation)[1]["code"] == "coupon_not_valid"


def test_a_code_that_is_written_otherwise_since_is_the_same_one(
    ask: Ask, decide: Any, services: Services
) -> None:
    publish(services.stores.log, SITE, cart_rules={"r": COUPON})
    before = decide(coupons=["SAVE"])
    publish(
        services.stores.log,
        SITE,
        cart_rules={"r": {**RULE, "coupon": {"type": "specific", "code": "save"}}},
    )
    status, answer = redeemed(ask, before, "o-1")
    assert (status, answer["uses"][0]["coupon"]) == (201, "save")


def test_a_generated_code_of_a_rule_that_takes_another_now_is_not_redeemed(
    ask: Ask, decide: Any, services: Services
) -> None:
    generated = {**RULE, "coupon": {"type": "generated"}}
    publish(services.stores.log, SITE, cart_rules={"r": generated})
    with_codes(services, 1, "AB-1")
    before = decide(coupons=["AB-1"])
    for coupon in ({"type": "specific", "code": "OTHER"}, {"type": "none"}):
        publish(services.stores.log, SITE, cart_rules={"r": {**RULE, "coupon": coupon}})
        status, answer = redeemed(ask, before, "o-1")
        assert (status, answer["code"], answer["coupon"]) == (409, "coupon_not_valid", "AB-1")


def test_rules_of_a_campaign_share_its_budget_also_in_one_cart(
    ask: Ask, decide: Any, services: Services
) -> None:
    thresholds = {"amount": "6.00", "thresholds": [50, 90]}
    campaign = {"name": "summer", "budget": thresholds, "uses_total": 5}
    rules = {f"r{number}": {**RULE, "campaign": campaign} for number in range(2)}
    publish(services.stores.log, SITE, cart_rules=rules)
    first, second = decide("ada"), decide("bob")  # 2.00 and 1.80 each
    assert redeemed(ask, first, "o-1")[0] == 201
    assert note_thresholds(services.means, SITE) == 0  # noted with the redemption
    status, refused = redeemed(ask, second, "o-2")
    assert (status, refused["limit"]) == (409, "campaign_spent")
    assert [one["amount"] for one in refused["decision"]["applied_rules"]] == ["2.00"]
    assert redeemed(ask, refused["decision"]["decision_id"], "o-2")[0] == 201
    assert note_thresholds(services.means, SITE) == 0
    (budget,) = ask("GET", "/v1/budgets")[1]["items"]
    assert (budget["subject"], budget["uses"], budget["uses_total"]) == ("campaign/summer", 3, 5)
    assert budget["money"] == [
        {
            "currency": "USD",
            "budget": "6.00",
            "spent": "5.80",
            "remaining": "0.20",
            "over": "0.00",
        }
    ]
    assert all(one["reached_at"] for one in budget["thresholds"])
    _, answer = ask("POST", "/v1/decisions/cart", cart("cleo", explain=True))
    assert {one["code"] for one in answer["rejected_rules"]} == {"budget_spent"}
    path = f"/v1/decisions/{answer['decision_id']}/replay"
    assert ask("POST", path, {"mode": "from_log"})[1]["identical"]


def test_a_threshold_that_a_reservation_passes_is_noted(
    ask: Ask, decide: Any, services: Services
) -> None:
    budget = {"amount": "10.00", "thresholds": [10, 30]}
    publish(services.stores.log, SITE, cart_rules={"money": {**RULE, "budget": budget}})
    _, held = ask("POST", "/v1/reservations", {"decision_id": decide(), "ttl_s": 60})
    ask("DELETE", f"/v1/reservations/{held['reservation_id']}")
    (told,) = ask("GET", "/v1/budgets")[1]["items"]
    assert [bool(one["reached_at"]) for one in told["thresholds"]] == [True, False]
    assert told["money"][0]["spent"] == "0.00"


def test_a_budget_that_is_lowered_below_what_is_spent_says_how_far_it_is_over(
    ask: Ask, decide: Any, services: Services
) -> None:
    for amount in ("5.00", "1.20"):
        rule = {**RULE, "budget": {"amount": amount}}
        publish(services.stores.log, SITE, cart_rules={"money": rule})
        redeemed(ask, decide(), "o-1")
    (told,) = ask("GET", "/v1/budgets")[1]["items"]
    (money,) = told["money"]
    assert (money["spent"], money["remaining"], money["over"]) == ("2.00", "0.00", "0.80")


def test_who_guesses_codes_has_to_wait(ask: Ask, services: Services) -> None:
    publish(services.stores.log, SITE, cart_rules={"save": COUPON})
    for number in range(20):
        status, answer = ask("POST", "/v1/decisions/cart", cart(coupons=[f"guess-{number}"]))
        assert applied_codes(answer) == {f"guess-{number}": "unknown"}
    status, refused = ask("POST", "/v1/decisions/cart", cart(coupons=["SAVE"]))
    assert (status, refused["code"]) == (429, "too_many_guesses")
    assert ask("POST", "/v1/decisions/cart", cart())[0] == 200
    assert ask("POST", "/v1/decisions/cart", cart("bob", coupons=["SAVE"]))[0] == 200


def test_a_code_of_a_rule_itself_shows_its_uses(ask: Ask, decide: Any, services: Services) -> None:
    publish(services.stores.log, SITE, cart_rules={"save": COUPON})
    redeemed(ask, decide(coupons=["save"]), "o-1")
    _, shown = ask("GET", "/v1/coupons/save")
    assert (shown["code"], shown["status"], shown["uses"], shown["uses_max"]) == (
        "SAVE",
        "active",
        1,
        2,
    )
    redeemed(ask, decide("bob", coupons=["save"]), "o-2")
    assert ask("GET", "/v1/coupons/SAVE")[1]["status"] == "used_up"
    assert ask("GET", "/v1/coupons/nothing")[0] == 404


def test_a_threshold_that_was_noted_costs_later_redemptions_nothing(
    ask: Ask, decide: Any, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    budget = {"amount": "10.00", "thresholds": [10]}
    publish(services.stores.log, SITE, cart_rules={"money": {**RULE, "budget": budget}})
    first, second = decide("ada"), decide("bob")
    before = services.log.head(SITE).position
    assert redeemed(ask, first, "o-1")[0] == 201
    assert services.log.head(SITE).position == before + 2  # the redemption and the threshold
    append = Mock(wraps=services.log.append)
    monkeypatch.setattr(services.log, "append", append)
    assert redeemed(ask, second, "o-2")[0] == 201
    assert append.call_count == 1
    assert services.log.head(SITE).position == before + 3

"""Redemptions and reservations over HTTP: once for each order, never over a limit."""

from __future__ import annotations

from typing import Any

from aggregates.kernel.clock import SECOND
from app.wiring import Services
from decisions.reservations import release_expired
from tests.fakes import SettableClock
from tests.published import publish
from tests.redemptions_given import COUPON
from tests.redemptions_given import RULE
from tests.redemptions_given import SITE
from tests.redemptions_given import Ask
from tests.redemptions_given import cart
from tests.redemptions_given import counters
from tests.redemptions_given import redeemed


def test_an_order_is_redeemed_once(ask: Ask, decide: Any, services: Services) -> None:
    publish(services.stores.log, SITE, cart_rules={"save": COUPON})
    decision = decide(coupons=["save"])
    status, first = redeemed(ask, decision, "o-1")
    assert status == 201, first
    rule = first["uses"][0]["rule_id"]
    assert first["uses"] == [{"rule_id": rule, "coupon": "SAVE", "amount": "2.00"}]
    status, again = redeemed(ask, decision, "o-1")
    assert status == 200
    assert {**again, "log_position": 0} == {**first, "log_position": 0}
    status, other = redeemed(ask, decide(coupons=["save"]), "o-1")
    assert (status, other["code"]) == (409, "order_already_redeemed")
    assert [other["decision_id"], other["redemption_id"]] == [decision, first["redemption_id"]]


def test_what_is_no_priced_cart_is_refused_with_its_place(ask: Ask, services: Services) -> None:
    publish(services.stores.log, SITE, cart_rules={"save": COUPON})
    page = {"category": "mugs", "shopper": {}, "context": {}, "page": 1}
    decision = ask("POST", "/v1/decisions/category", page)[1]["decision_id"]
    held = ask("POST", "/v1/reservations", {"decision_id": decision, "ttl_s": 60})
    for status, refused in (redeemed(ask, decision, "o-1"), held):
        (problem,) = refused["errors"]
        assert (status, problem["pointer"]) == (422, "/decision_id")
        assert problem["code"] == "not_a_cart_decision"


def test_a_limit_that_is_reached_is_named_with_a_fresh_decision(
    ask: Ask, decide: Any, services: Services
) -> None:
    publish(services.stores.log, SITE, cart_rules={"save": COUPON})
    decisions = [decide(f"customer-{number}", coupons=["save"]) for number in range(3)]
    assert redeemed(ask, decisions[0], "o-1")[0] == 201
    assert redeemed(ask, decisions[1], "o-2")[0] == 201
    status, refused = redeemed(ask, decisions[2], "o-3")
    assert (status, refused["code"], refused["limit"]) == (409, "limit_reached", "coupon_uses")
    assert refused["coupon"] == "SAVE"
    assert refused["decision"]["applied_rules"] == []
    assert refused["decision"]["coupons"] == [
        {"code": "save", "status": "rejected", "reason": "limit_reached"}
    ]
    assert "customer-0" not in str(refused)
    fresh = refused["decision"]["decision_id"]
    assert redeemed(ask, fresh, "o-3")[0] == 201  # the failed attempt left the order free


def test_what_is_released_may_be_used_again(ask: Ask, decide: Any, services: Services) -> None:
    publish(services.stores.log, SITE, cart_rules={"once": {**RULE, "uses_total": 1}})
    first, second = decide("ada"), decide("bob")
    assert redeemed(ask, first, "o-1")[0] == 201
    assert redeemed(ask, second, "o-2")[0] == 409
    status, given = ask("DELETE", "/v1/redemptions/o-1")
    assert status == 200
    assert [use["amount"] for use in given["given_back"]] == ["2.00"]
    assert ask("DELETE", "/v1/redemptions/o-1")[1]["given_back"] == given["given_back"]
    assert redeemed(ask, second, "o-2")[0] == 201
    assert ask("DELETE", "/v1/redemptions/o-9")[1]["code"] == "redemption_unknown"


def test_a_customers_uses_are_theirs_alone(ask: Ask, decide: Any, services: Services) -> None:
    publish(services.stores.log, SITE, cart_rules={"each": {**RULE, "uses_per_customer": 1}})
    one, two = decide("ada"), decide("ada")
    assert redeemed(ask, one, "o-1")[0] == 201
    status, refused = redeemed(ask, two, "o-2")
    assert (status, refused["limit"]) == (409, "customer_uses")
    assert redeemed(ask, decide("bob"), "o-3")[0] == 201


def test_a_budget_is_never_passed_and_gets_its_share_of_a_refund(
    ask: Ask, decide: Any, services: Services
) -> None:
    budget = {**RULE, "budget": {"amount": "5.00"}}
    publish(services.stores.log, SITE, cart_rules={"money": budget})
    decisions = [decide(f"c-{number}") for number in range(3)]
    assert redeemed(ask, decisions[0], "o-1")[0] == 201
    assert redeemed(ask, decisions[1], "o-2")[0] == 201
    status, refused = redeemed(ask, decisions[2], "o-3")
    assert (status, refused["limit"]) == (409, "spent")
    status, partial = ask("POST", "/v1/redemptions/o-1/partial", {"amount": "9.00"})
    assert (status, partial["refunded"], partial["given_back"]) == (200, "9.00", "1.00")
    assert redeemed(ask, decisions[2], "o-3")[0] == 201
    status, over = ask("POST", "/v1/redemptions/o-1/partial", {"amount": "9.01"})
    assert (status, over["errors"][0]["pointer"]) == (422, "/amount")
    assert over["errors"][0]["code"] == "over_refund"
    ask("POST", "/v1/redemptions/o-1/partial", {"amount": "9.00"})
    ask("DELETE", "/v1/redemptions/o-1")
    ask("DELETE", "/v1/redemptions/o-2")
    ask("DELETE", "/v1/redemptions/o-3")
    assert counters(services) == {}


def test_a_reservation_holds_until_it_is_redeemed(
    ask: Ask, decide: Any, services: Services
) -> None:
    publish(services.stores.log, SITE, cart_rules={"once": {**RULE, "uses_total": 1}})
    mine, theirs = decide("ada"), decide("bob")
    status, held = ask("POST", "/v1/reservations", {"decision_id": mine, "ttl_s": 60})
    assert status == 201, held
    assert ask("POST", "/v1/reservations", {"decision_id": mine, "ttl_s": 60})[0] == 200
    assert redeemed(ask, theirs, "o-2")[1]["code"] == "limit_reached"
    assert redeemed(ask, mine, "o-1")[0] == 201
    assert sorted(counters(services).values()) == [1, 1, 200]
    status, gone = ask("DELETE", f"/v1/reservations/{held['reservation_id']}")
    assert (status, gone["status"]) == (200, "redeemed")
    assert sorted(counters(services).values()) == [1, 1, 200]  # what was redeemed stays


def test_a_reservation_that_is_let_go_or_late_frees_its_uses(
    ask: Ask, decide: Any, services: Services, clock: SettableClock
) -> None:
    publish(services.stores.log, SITE, cart_rules={"once": {**RULE, "uses_total": 1}})
    mine, theirs = decide("ada"), decide("bob")
    _, held = ask("POST", "/v1/reservations", {"decision_id": mine, "ttl_s": 60})
    ask("DELETE", f"/v1/reservations/{held['reservation_id']}")
    assert counters(services) == {}
    ask("POST", "/v1/reservations", {"decision_id": mine, "ttl_s": 60})
    clock.advance(61 * SECOND)
    _, answer = ask("POST", "/v1/decisions/cart", cart("bob"))
    assert len(answer["applied_rules"]) == 1  # what is over counts for nobody
    assert redeemed(ask, theirs, "o-2")[0] == 201
    status, refused = redeemed(ask, mine, "o-1")  # it tries again, honestly
    assert (status, refused["code"]) == (409, "limit_reached")


def test_a_late_reservation_is_redeemed_if_its_uses_are_still_free(
    ask: Ask, decide: Any, services: Services, clock: SettableClock
) -> None:
    publish(services.stores.log, SITE, cart_rules={"once": {**RULE, "uses_total": 1}})
    mine = decide("ada")
    ask("POST", "/v1/reservations", {"decision_id": mine, "ttl_s": 60})
    clock.advance(61 * SECOND)
    assert redeemed(ask, mine, "o-1")[0] == 201
    assert release_expired(services.means, SITE) == 0
    assert sorted(counters(services).values()) == [1, 1, 200]


def test_an_old_decision_is_refused_with_a_fresh_one(
    ask: Ask, decide: Any, services: Services, clock: SettableClock
) -> None:
    publish(services.stores.log, SITE, cart_rules={"once": {**RULE, "uses_total": 9}})
    decision = decide()
    clock.advance(1_801 * SECOND)
    status, refused = redeemed(ask, decision, "o-1")
    assert (status, refused["code"], refused["age_s"]) == (409, "decision_too_old", 1_801)
    assert redeemed(ask, refused["decision"]["decision_id"], "o-1")[0] == 201


def test_a_rule_that_is_gone_is_named(ask: Ask, decide: Any, services: Services) -> None:
    publish(services.stores.log, SITE, cart_rules={"once": {**RULE, "uses_total": 9}})
    decision = decide()
    publish(services.stores.log, SITE, cart_rules={})
    status, refused = redeemed(ask, decision, "o-1")
    assert (status, refused["code"]) == (409, "rule_not_live")
    assert refused["decision"]["applied_rules"] == []


def test_an_order_without_uses_is_linked_all_the_same(
    ask: Ask, decide: Any, services: Services
) -> None:
    publish(services.stores.log, SITE, cart_rules={"free": RULE})
    status, answer = redeemed(ask, decide(), "o-1")
    assert (status, answer["uses"]) == (201, [])


def test_a_repeated_key_gets_the_first_answer(ask: Ask, decide: Any, services: Services) -> None:
    publish(services.stores.log, SITE, cart_rules={"once": {**RULE, "uses_total": 1}})
    body = {"decision_id": decide(), "order_id": "o-1"}
    first = ask("POST", "/v1/redemptions", body, **{"Idempotency-Key": "k"})
    assert ask("POST", "/v1/redemptions", body, **{"Idempotency-Key": "k"}) == first


def test_decisions_replay_with_the_limits_of_their_moment(
    ask: Ask, decide: Any, services: Services, clock: SettableClock
) -> None:
    limits = {"uses_total": 2, "uses_per_customer": 1, "budget": {"amount": "9.00"}}
    publish(services.stores.log, SITE, cart_rules={"all": {**RULE, **limits}, "free": RULE})
    decisions = []
    for number, customer in enumerate(("ada", "bob", "ada", "cleo", "dan")):
        decisions.append(decide(customer))
        clock.advance(20 * SECOND)
        if number == 1:
            ask("POST", "/v1/reservations", {"decision_id": decisions[-1], "ttl_s": 60})
        else:
            redeemed(ask, decisions[-1], f"o-{number}")
    decisions += [decide("dan"), decide("ada")]
    for decision in decisions:
        for mode in ("recorded", "from_log"):
            _, told = ask("POST", f"/v1/decisions/{decision}/replay", {"mode": mode})
            assert told["identical"], (mode, told)


def test_a_refused_decision_lets_its_reservation_go_for_the_fresh_one(
    ask: Ask, decide: Any, services: Services, clock: SettableClock
) -> None:
    publish(services.stores.log, SITE, cart_rules={"once": {**RULE, "uses_total": 1}})
    decision = decide()
    ask("POST", "/v1/reservations", {"decision_id": decision, "ttl_s": 3_600})
    clock.advance(1_801 * SECOND)
    _, refused = redeemed(ask, decision, "o-1")
    assert [one["amount"] for one in refused["decision"]["applied_rules"]] == ["2.00"]
    assert len(redeemed(ask, refused["decision"]["decision_id"], "o-1")[1]["uses"]) == 1


def test_the_fresh_decision_is_for_who_redeems(ask: Ask, decide: Any, services: Services) -> None:
    publish(services.stores.log, SITE, cart_rules={"each": {**RULE, "uses_per_customer": 1}})
    assert redeemed(ask, decide("ada"), "o-1")[0] == 201
    body = {"decision_id": decide("bob"), "order_id": "o-2", "shopper": {"customer_id": "ada"}}
    status, refused = ask("POST", "/v1/redemptions", body)
    assert (status, refused["limit"]) == (409, "customer_uses")
    assert refused["decision"]["applied_rules"] == []


def test_an_order_may_have_any_name(ask: Ask, decide: Any, services: Services) -> None:
    publish(services.stores.log, SITE, cart_rules={"once": {**RULE, "uses_total": 1}})
    assert redeemed(ask, decide(), "2026/1001")[0] == 201
    path = "/v1/redemptions/2026%2F1001"
    assert ask("GET", path)[1]["order_id"] == "2026/1001"
    assert ask("POST", f"{path}/partial", {"amount": "1.00"})[0] == 200
    for amount, code in (("0", "nothing_refunded"), ("1.001", "too_many_digits")):
        status, wrong = ask("POST", f"{path}/partial", {"amount": amount})
        (error,) = wrong["errors"]
        assert (status, error["pointer"], error["code"]) == (422, "/amount", code)
    assert ask("DELETE", path)[0] == 200
    assert counters(services) == {}

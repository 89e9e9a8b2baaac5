"""An edited order exchanges what it holds for what it uses now, in one step or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.kernel.clock import SECOND
from app.wiring import Services
from tests.fakes import SettableClock
from tests.integration.redemptions.test_codes_and_campaigns_http import with_codes
from tests.published import publish
from tests.redemptions_given import COUPON
from tests.redemptions_given import RULE
from tests.redemptions_given import SITE
from tests.redemptions_given import Ask
from tests.redemptions_given import cart
from tests.redemptions_given import counters
from tests.redemptions_given import redeemed

ONCE = {**COUPON, "coupon": {**COUPON["coupon"], "uses_per_coupon": 1, "uses_per_customer": 1}}
THREE = [{"line_id": "1", "sku": "A", "quantity": 3, "unit_price": "10.00"}]


def edited(ask: Ask, decision: str, order: str = "o-1", **more: Any) -> tuple[int, Any]:
    """Status and answer of an exchange."""
    status, answer = ask("PUT", f"/v1/redemptions/{order}", {"decision_id": decision, **more})
    return status, answer


def replays(ask: Ask, decision: str) -> None:
    for mode in ("recorded", "from_log"):
        told = ask("POST", f"/v1/decisions/{decision}/replay", {"mode": mode})[1]
        assert told["identical"], (mode, told)


def test_an_edited_order_uses_again_what_it_held(
    ask: Ask, decide: Any, services: Services, clock: SettableClock
) -> None:
    publish(services.stores.log, SITE, cart_rules={"save": ONCE})
    assert redeemed(ask, decide(coupons=["save"]), "o-1")[0] == 201
    _, without = ask("POST", "/v1/decisions/cart", cart(coupons=["SAVE"], lines=THREE))
    assert without["coupons"][0]["reason"] == "limit_reached"
    asked = cart(coupons=["SAVE"], lines=THREE, replaces_order="o-1")
    _, answer = ask("POST", "/v1/decisions/cart", asked)
    assert answer["coupons"][0]["status"] == "applied"
    replays(ask, answer["decision_id"])
    before = services.log.head(SITE).position
    status, exchanged = edited(ask, answer["decision_id"])
    assert (status, exchanged["uses"][0]["amount"]) == (200, "3.00")
    assert services.log.head(SITE).position == before + 2  # given back and taken, in one unit
    assert sorted(counters(services).values()) == [1, 1, 1, 1, 300]
    clock.advance(5 * SECOND)
    again = edited(ask, answer["decision_id"])[1]
    assert {**again, "log_position": 0} == {**exchanged, "log_position": 0}
    assert ask("GET", "/v1/redemptions/o-1")[1]["uses"] == exchanged["uses"]
    assert redeemed(ask, without["decision_id"], "o-1")[1]["code"] == "order_already_redeemed"
    replays(ask, answer["decision_id"])  # also now that the order holds something else
    _, given = ask("DELETE", "/v1/redemptions/o-1")
    assert [use["amount"] for use in given["given_back"]] == ["3.00"]
    assert counters(services) == {}


def test_an_exchange_that_is_refused_leaves_the_order_what_it_holds(
    ask: Ask, decide: Any, services: Services
) -> None:
    other = {**RULE, "coupon": {"type": "specific", "code": "MORE", "uses_per_coupon": 1}}
    publish(services.stores.log, SITE, cart_rules={"save": ONCE, "more": other})
    assert redeemed(ask, decide(coupons=["save"]), "o-1")[0] == 201
    wanted = decide(coupons=["more"], replaces_order="o-1")
    assert redeemed(ask, decide("bob", coupons=["more"]), "o-2")[0] == 201
    before = counters(services)
    status, refused = edited(ask, wanted)
    assert (status, refused["code"], refused["coupon"]) == (409, "limit_reached", "MORE")
    assert counters(services) == before
    assert ask("GET", "/v1/redemptions/o-1")[1]["uses"][0]["coupon"] == "SAVE"
    fresh = refused["decision"]["decision_id"]
    assert edited(ask, fresh)[1]["uses"] == []
    assert edited(ask, decide("cleo", coupons=["save"]), "o-3")[0] == 201  # free again


def test_the_fresh_decision_of_an_exchange_leaves_out_what_the_order_holds(
    ask: Ask, decide: Any, services: Services, clock: SettableClock
) -> None:
    publish(services.stores.log, SITE, cart_rules={"save": ONCE})
    first = decide(coupons=["save"])
    late = decide(coupons=["save"], lines=THREE)
    assert redeemed(ask, first, "o-1")[0] == 201
    clock.advance(1_801 * SECOND)
    status, refused = edited(ask, late)
    assert (status, refused["code"]) == (409, "decision_too_old")
    assert refused["decision"]["coupons"][0]["status"] == "applied"
    replays(ask, refused["decision"]["decision_id"])
    assert edited(ask, refused["decision"]["decision_id"])[0] == 200


def test_an_order_that_holds_nothing_is_redeemed(ask: Ask, decide: Any, services: Services) -> None:
    publish(services.stores.log, SITE, cart_rules={"save": COUPON})
    decision = decide(coupons=["save"], replaces_order="o-1")
    status, first = edited(ask, decision)
    assert status == 201
    status, again = edited(ask, decision)
    assert (status, again["redemption_id"]) == (200, first["redemption_id"])
    assert redeemed(ask, decision, "o-1")[0] == 200


def test_a_reservation_of_an_edited_cart_holds_only_what_it_needs_more(
    ask: Ask, decide: Any, services: Services, clock: SettableClock
) -> None:
    rules = {"save": ONCE, "money": {**RULE, "budget": {"amount": "5.00"}}}
    publish(services.stores.log, SITE, cart_rules=rules)
    assert redeemed(ask, decide(coupons=["save"]), "o-1")[0] == 201
    held = counters(services)
    decision = decide(coupons=["save"], lines=THREE, replaces_order="o-1")
    status, reserved = ask("POST", "/v1/reservations", {"decision_id": decision, "ttl_s": 60})
    assert status == 201, reserved
    now = counters(services)
    more = sorted(by - held[key] for key, by in now.items() if by != held[key])
    assert more == [90, 100]  # money of two rules, and no use
    replays(ask, decide("bob", coupons=["save"], replaces_order="o-1"))
    assert edited(ask, decision)[0] == 200
    gone = ask("DELETE", f"/v1/reservations/{reserved['reservation_id']}")[1]
    assert gone["status"] == "redeemed"
    assert counters(services) == now
    last = decide(coupons=["save"], replaces_order="o-1")
    ask("POST", "/v1/reservations", {"decision_id": last, "ttl_s": 60})
    clock.advance(61 * SECOND)
    assert edited(ask, last)[0] == 200
    assert counters(services) == held


def test_budgets_campaigns_and_generated_codes_of_the_order_are_left_out(
    ask: Ask, decide: Any, services: Services
) -> None:
    campaign = {"name": "summer", "budget": {"amount": "2.00"}, "uses_total": 1}
    many = {**RULE, "coupon": {"type": "generated", "uses_per_coupon": 1}, "campaign": campaign}
    publish(services.stores.log, SITE, cart_rules={"many": many})
    with_codes(services, 1, "AB-1")
    assert redeemed(ask, decide(coupons=["ab-1"]), "o-1")[0] == 201
    _, answer = ask("POST", "/v1/decisions/cart", cart(coupons=["AB-1"], replaces_order="o-1"))
    assert answer["coupons"][0]["status"] == "applied"
    assert edited(ask, answer["decision_id"])[0] == 200
    more = cart(coupons=["AB-1"], replaces_order="o-1", lines=THREE, explain=True)
    _, answer = ask("POST", "/v1/decisions/cart", more)
    assert {one["code"] for one in answer["rejected_rules"]} == {"budget_spent"}
    replays(ask, answer["decision_id"])


def test_another_customer_pays_with_uses_of_their_own(
    ask: Ask, decide: Any, services: Services
) -> None:
    publish(services.stores.log, SITE, cart_rules={"each": {**RULE, "uses_per_customer": 1}})
    assert redeemed(ask, decide("ada"), "o-1")[0] == 201
    assert redeemed(ask, decide("bob"), "o-2")[0] == 201
    _, answer = ask("POST", "/v1/decisions/cart", cart("bob", replaces_order="o-1"))
    assert answer["applied_rules"] == []
    assert (
        edited(ask, decide("ada", replaces_order="o-1"), shopper={"customer_id": "bob"})[1]["limit"]
        == "customer_uses"
    )


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"replaces_order": ""}, "/replaces_order"),
        ({"replaces_order": 7}, "/replaces_order"),
        ({"replaces_order": "x" * 1_025}, "/replaces_order"),
        ({"replaces_orders": "o-1"}, "/replaces_orders"),
    ],
)
def test_a_wrong_name_of_an_order_is_pointed_at(
    ask: Ask, services: Services, said: dict[str, Any], pointer: str
) -> None:
    publish(services.stores.log, SITE, cart_rules={"save": COUPON})
    status, answer = ask("POST", "/v1/decisions/cart", cart(**said))
    assert (status, answer["errors"][0]["pointer"]) == (422, pointer)


def test_a_decision_is_redeemed_for_the_order_that_it_replaces(
    ask: Ask, decide: Any, services: Services
) -> None:
    publish(services.stores.log, SITE, cart_rules={"save": COUPON})
    decision = decide(coupons=["save"], replaces_order="o-1")
    for status, answer in (redeemed(ask, decision, "o-2"), edited(ask, decision, "o-2")):
        assert (status, answer["errors"][0]["pointer"]) == (422, "/decision_id")
        assert answer["errors"][0]["code"] == "replaces_another_order"
    for body, pointer in (
        ({}, "/decision_id"),
        ({"decision_id": decision, "order_id": "o-1"}, "/order_id"),
    ):
        status, answer = ask("PUT", "/v1/redemptions/o-1", body)
        assert (status, answer["errors"][0]["pointer"]) == (422, pointer)
    status, answer = edited(ask, decision, "x" * 1_025)
    assert (status, answer["errors"][0]["pointer"]) == (422, "/order_id")
    content = {"slot": "home", "replaces_order": "o-1"}
    assert ask("POST", "/v1/decisions/content", content)[0] == 422

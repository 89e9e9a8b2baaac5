"""Settlement on both databases: what an order's own events say of coupons counts, once."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete

from aggregates.coupon import ADDED
from aggregates.coupon import ASKED
from aggregates.coupon import batch_id
from aggregates.coupon import batch_stream
from aggregates.kernel.clock import SECOND
from aggregates.log import Append
from aggregates.log import NewEvent
from app.commands.keys import issued_key
from app.factory import create_app
from app.wiring import Services
from projections.order_events import settled_upto
from tests.fakes import SettableClock
from tests.published import publish
from tests.redemptions_given import RULE
from tests.redemptions_given import SITE
from tests.settlement_given import Shop
from tests.settlement_given import coupon_rule

RULE_ID = "rul_0000000001"
ONE_USE = {
    f"rule/{RULE_ID}/uses": 1,
    f"rule/{RULE_ID}/coupon_uses": 1,
    f"customer/rule/{RULE_ID}/customer_uses": 1,
    f"customer/rule/{RULE_ID}/coupon_customer_uses": 1,
}
DAY = 86_400 * SECOND


def redeemed(shop: Shop, order: str, customer: str = "ada", **more: Any) -> tuple[int, Any]:
    """Decides a cart of 20.00 with the coupon and redeems it for an order."""
    cart = {
        "cart_id": "c",
        "currency": "USD",
        "shopper": {"customer_id": customer},
        "lines": [{"line_id": "1", "sku": "A", "quantity": 2, "unit_price": "10.00"}],
        "coupons": ["SAVE"],
    }
    decision = more.get("decision") or shop.send("POST", "/v1/decisions/cart", cart)[1]
    body = {"decision_id": decision["decision_id"], "order_id": order}
    status, answer = shop.send("POST", "/v1/redemptions", body)
    return status, answer


def test_an_order_that_nobody_redeemed_is_settled_by_its_own_event(
    shop: Shop, services: Services
) -> None:
    publish(services.stores.log, SITE, cart_rules={"save": coupon_rule()})
    shop.tell("Order Completed", "o-1", coupons=["save", "WRONG"])
    assert shop.run() == "no order had anything to settle"  # the shop goes first
    assert shop.counters() == {}
    assert shop.settle() == "orders: 1 settled"
    assert shop.counters() == ONE_USE
    held = shop.held("o-1")
    assert (held["status"], held["source"], held["decision_id"]) == ("held", "settled", None)
    assert held["uses"] == [{"rule_id": RULE_ID, "coupon": "SAVE", "amount": "0.00"}]
    assert (held["unknown_codes"], held["over_limit"], held["total"]) == (["WRONG"], [], "20.00")
    assert shop.settle() == "no order had anything to settle"


def test_what_only_a_browser_claims_never_counts(shop: Shop, services: Services) -> None:
    publish(services.stores.log, SITE, cart_rules={"save": coupon_rule()})
    browser = issued_key(services, SITE, ("collect",), "test").token
    client = create_app(services).test_client()
    properties = {"order_id": "o-1", "currency": "USD", "total": "20.00", "coupon": "SAVE"}
    message = {"type": "track", "event": "Order Completed", "anonymousId": "a"}
    sent = {"batch": [{**message, "messageId": "x", "properties": properties}]}
    headers = {"Authorization": f"Bearer {browser}"}
    assert client.post("/v1/batch", json=sent, headers=headers).status_code == 200
    assert shop.settle() == "no order had anything to settle"
    assert shop.counters() == {}
    assert shop.send("GET", "/v1/redemptions/o-1")[0] == 404


def test_an_order_that_was_redeemed_is_not_settled(shop: Shop, services: Services) -> None:
    publish(services.stores.log, SITE, cart_rules={"save": coupon_rule()})
    assert redeemed(shop, "o-1")[0] == 201
    before = shop.counters()
    shop.tell("Order Completed", "o-1", coupons=["SAVE"])
    shop.tell("Order Updated", "o-1", coupons=["OTHER"])
    assert shop.settle() == "no order had anything to settle"
    assert shop.counters() == before
    assert shop.held("o-1")["source"] == "redeemed"
    shop.send("DELETE", "/v1/redemptions/o-1")
    shop.tell("Order Updated", "o-1", coupons=["SAVE"])
    assert shop.settle() == "no order had anything to settle"  # the shop has spoken
    assert shop.held("o-1")["status"] == "given_back"


def test_overuse_is_counted_and_told(shop: Shop, services: Services) -> None:
    rule = coupon_rule(uses_per_coupon=2, uses_per_customer=1)
    publish(services.stores.log, SITE, cart_rules={"save": rule})
    assert redeemed(shop, "o-0", "bob")[0] == 201
    for number in (1, 2, 3):
        shop.tell("Order Completed", f"o-{number}", "ada", coupons=["SAVE"])
    assert shop.settle() == "orders: 2 over a limit, 3 settled"
    assert shop.counters()[f"rule/{RULE_ID}/coupon_uses"] == 4
    of = {"rule_id": RULE_ID, "coupon": "SAVE"}
    assert shop.held("o-1")["over_limit"] == []
    assert sorted(shop.held("o-3")["over_limit"], key=lambda one: one["limit"]) == [
        {**of, "limit": "coupon_customer_uses", "most": 1, "used": 3},
        {**of, "limit": "coupon_uses", "most": 2, "used": 4},
    ]
    assert redeemed(shop, "o-4", "cleo")[1]["uses"] == []  # nobody gets it beyond its limit


def test_a_redemption_that_comes_late_takes_the_place_of_the_settlement(
    shop: Shop, services: Services
) -> None:
    rule = {**coupon_rule(uses_per_coupon=1), "budget": {"amount": "5.00"}}
    publish(services.stores.log, SITE, cart_rules={"save": rule})
    cart = {
        "cart_id": "c",
        "currency": "USD",
        "shopper": {"customer_id": "ada"},
        "lines": [{"line_id": "1", "sku": "A", "quantity": 2, "unit_price": "10.00"}],
        "coupons": ["SAVE"],
    }
    decision = shop.send("POST", "/v1/decisions/cart", cart)[1]
    shop.tell("Order Completed", "o-1", coupons=["SAVE"])
    assert shop.settle() == "orders: 1 settled"
    status, answer = redeemed(shop, "o-1", decision=decision)
    assert (status, answer["uses"][0]["amount"]) == (201, "2.00")
    assert shop.counters() == {**ONE_USE, f"rule/{RULE_ID}/spent/USD": 200}
    assert redeemed(shop, "o-1", decision=decision)[0] == 200
    assert shop.held("o-1")["source"] == "redeemed"
    assert redeemed(shop, "o-2", decision=decision)[0] == 409


def test_a_cancelled_order_gives_back_and_may_not_be_settled_after(
    shop: Shop, services: Services
) -> None:
    publish(services.stores.log, SITE, cart_rules={"save": coupon_rule()})
    assert redeemed(shop, "o-1", "bob")[0] == 201
    shop.tell("Order Cancelled", "o-1")
    shop.tell("Order Completed", "o-2", coupons=["SAVE"])
    shop.tell("Order Cancelled", "o-2")
    shop.tell("Order Cancelled", "o-3")
    shop.tell("Order Completed", "o-3", coupons=["SAVE"])
    assert shop.settle() == "orders: 2 cancelled, 1 settled"
    assert shop.counters() == {}
    assert (shop.held("o-1")["status"], shop.held("o-1")["reason"]) == ("given_back", "cancelled")
    assert redeemed(shop, "o-1", "bob")[0] == 201  # placed again
    assert shop.settle() == "no order had anything to settle"
    assert shop.held("o-1")["status"] == "held"


def test_refunds_that_are_told_give_budgets_their_share_once(
    shop: Shop, services: Services
) -> None:
    rule = {**coupon_rule(), "budget": {"amount": "5.00"}}
    publish(services.stores.log, SITE, cart_rules={"save": rule})
    spent = f"rule/{RULE_ID}/spent/USD"
    assert redeemed(shop, "o-1")[0] == 201
    shop.tell("Order Refunded", "o-1", currency="USD", total="9.00")
    shop.tell("Order Refunded", "o-1", currency="EUR", total="9.00")
    assert shop.settle() == "orders: 1 refunded"
    assert (shop.held("o-1")["refunded"], shop.counters()[spent]) == ("9.00", 100)
    called = shop.send("POST", "/v1/redemptions/o-1/partial", {"amount": "9.00"})[1]
    assert (called["refunded"], called["given_back"]) == ("9.00", "0.00")  # the same refund
    shop.tell("Order Refunded", "o-1")
    assert shop.settle() == "orders: 1 refunded"
    assert shop.held("o-1")["refunded"] == "18.00"
    assert shop.counters() == ONE_USE  # uses stay used


def test_an_edited_order_uses_what_it_has_now(shop: Shop, services: Services) -> None:
    rules = {"a": coupon_rule("ONE", uses_per_coupon=1), "b": coupon_rule("TWO")}
    publish(services.stores.log, SITE, cart_rules=rules)
    shop.tell("Order Completed", "o-1", coupons=["ONE"])
    shop.settle()
    shop.tell("Order Updated", "o-1", coupons=["one"], total="30.00")
    assert shop.settle() == "no order had anything to settle"
    shop.tell("Order Updated", "o-1", coupons=["ONE", "TWO"])
    assert shop.settle() == "orders: 1 edited"
    assert shop.held("o-1")["over_limit"] == []  # its own use is offset
    assert [use["coupon"] for use in shop.held("o-1")["uses"]] == ["ONE", "TWO"]
    shop.tell("Order Updated", "o-1")
    assert shop.settle() == "orders: 1 edited"
    assert shop.counters() == {}


def test_everything_may_be_looked_at_again(shop: Shop, services: Services) -> None:
    publish(services.stores.log, SITE, cart_rules={"save": coupon_rule(uses_per_coupon=1)})
    shop.tell("Order Completed", "o-1", coupons=["SAVE"])
    shop.tell("Order Completed", "o-2", "bob", coupons=["SAVE"])
    shop.tell("Order Updated", "o-1", coupons=["WRONG"])
    shop.tell("Order Refunded", "o-2", currency="USD", total="1.00")
    shop.tell("Order Completed", "o-3", None, coupons=["SAVE"])
    shop.tell("Order Cancelled", "o-3", None)
    shop.settle()
    redeemed(shop, "o-3")
    head, before = services.log.head(SITE).position, shop.counters()
    with services.stores.read.begin() as connection:
        connection.execute(delete(settled_upto))
    publish(services.stores.log, SITE, cart_rules={"wrong": coupon_rule("WRONG")})
    assert shop.run() == "no order had anything to settle"
    assert (services.log.head(SITE).position, shop.counters()) == (head, before)


def test_history_that_is_imported_settles_nothing(
    shop: Shop, services: Services, clock: SettableClock
) -> None:
    publish(services.stores.log, SITE, cart_rules={"save": coupon_rule()})
    shop.tell("Order Completed", "old", coupons=["SAVE"], at=clock.now() - 8 * DAY)
    shop.tell("Order Completed", "late", coupons=["SAVE"], at=clock.now() - 6 * DAY)
    assert shop.settle() == "orders: 1 settled"
    assert shop.held("late")["status"] == "held"


def test_guests_have_no_customers_counters(shop: Shop, services: Services) -> None:
    publish(services.stores.log, SITE, cart_rules={"save": coupon_rule(), "auto": RULE})
    shop.tell("Order Completed", "o-1", None, coupons=["SAVE"])
    shop.settle()
    assert set(shop.counters()) == {f"rule/{RULE_ID}/uses", f"rule/{RULE_ID}/coupon_uses"}


def test_generated_codes_are_settled_with_limits_of_their_own(
    shop: Shop, services: Services
) -> None:
    many = {**RULE, "coupon": {"type": "generated", "uses_per_coupon": 1}}
    publish(services.stores.log, SITE, cart_rules={"many": many})
    batch = {"batch": batch_id(1), "rule_id": RULE_ID}
    limits = {"expires_at": None, "uses_max": None, "customer_uses_max": None}
    asked = {**batch, "kind": "imported", "spec": {}, "quantity": 2, "actor": "test"}
    added = {**batch, "codes": ["AB-1", "AB-2"], **limits}
    stream = batch_stream(SITE, batch_id(1))
    events = (NewEvent(stream, 1, ASKED, asked), NewEvent(stream, 2, ADDED, added))
    services.log.append(Append(SITE, events))
    shop.tell("Order Completed", "o-1", None, coupons=["ab-1", "AB-1", "ab-2"])
    shop.tell("Order Completed", "o-2", None, coupons=["AB-1"])
    assert shop.settle() == "orders: 1 over a limit, 2 settled"
    assert shop.counters() == {
        "coupon/ab-1/coupon_uses": 2,
        "coupon/ab-2/coupon_uses": 1,
        f"rule/{RULE_ID}/uses": 3,
    }
    assert [use["coupon"] for use in shop.held("o-1")["uses"]] == ["AB-1", "AB-2"]
    (over,) = shop.held("o-2")["over_limit"]
    assert (over["coupon"], over["limit"], over["used"]) == ("AB-1", "coupon_uses", 2)
    publish(services.stores.log, SITE, cart_rules={})  # the rule is gone, its codes are there
    shop.tell("Order Completed", "o-3", None, coupons=["AB-2"])
    assert shop.settle() == "orders: 1 settled"
    assert shop.counters()["coupon/ab-2/coupon_uses"] == 2


def test_a_campaign_that_an_order_passes_is_told(shop: Shop, services: Services) -> None:
    campaign = {"campaign": {"name": "spring", "uses_total": 1}}
    rules = {name: {**coupon_rule(name), **campaign} for name in ("ONE", "TWO")}
    publish(services.stores.log, SITE, cart_rules=rules)
    shop.tell("Order Completed", "o-1", coupons=["ONE", "TWO"])
    assert shop.settle() == "orders: 1 over a limit, 1 settled"
    (over,) = shop.held("o-1")["over_limit"]
    assert (over["limit"], over["most"], over["used"]) == ("campaign_uses", 1, 2)
    shop.tell("Order Cancelled", "o-1")
    shop.settle()
    assert shop.counters() == {}

"""Given: a shop with two customers, of whom one says everything about herself, everywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aggregates.kernel.ids import SiteId
from app.wiring import Services
from tests.published import publish
from tests.redemptions_given import RULE

SITE = SiteId("shop")
Ask = Callable[..., Any]

ADA = {"customer_id": "ada-lovelace-1815", "anonymous_id": "browser-of-ada-77"}
BOB = {"customer_id": "bob-4711", "anonymous_id": "browser-of-bob-12"}
EMAIL = "ada.lovelace@analytical.example"
VALUES = {
    "customer id": ADA["customer_id"],
    "anonymous id": ADA["anonymous_id"],
    "e-mail": EMAIL,
    "phone": "+44 20 7946 0123",
    "street": "12 St James's Square",
    "postcode": "SW1Y 4JH",
    "search phrase": "gift for countess@ockham.example",
    "order number": "ORD-ADA-000815",
    "second order number": "ORD-ADA-000816",
    "imported order number": "ORD-ADA-IMPORTED",
    "user agent": "Mozilla/5.0 (Ada's Difference Engine)",
    "ip": "203.0.113.77",
    "url": "https://shop.example/account?of=countess-of-lovelace",
    "custom property": "engraving: to my dear Annabella",
    "quarantined word": "quarantined-words-of-ada",
    "guessed coupon": "ada.guess@analytical.example",
    "event name": "Asked about countess@ockham.example",
    "custom fact": "custom-fact-of-ada",
    "message id": "message-id-of-ada-1",
    "cart id": "cart-of-ada",
    "refund note": "Ada wants it back by carrier pigeon",
    "guest cart fact": "guest-cart-fact-of-ada",
}
"""What must not be found any more, by what it is. Each value stands in one channel at least."""

RULES = {
    "ten": RULE,
    "twice": {**RULE, "name": "Twice", "priority": 2, "uses_per_customer": 2},
    "traits": {
        **RULE,
        "name": "Ockham",
        "priority": 3,
        "conditions": {
            "all": [
                {"attribute": "shopper.traits.city", "operator": "==", "value": "Ockham"},
                {"attribute": "context.custom.note", "operator": "is_defined"},
                {"history": "Product Viewed", "within_days": 30, "operator": ">=", "value": 1},
                {"orders": "count", "within_days": 365, "operator": ">=", "value": 1},
            ]
        },
    },
}


def opened(services: Services, ask: Ask) -> None:
    """A shop with three rules and two products."""
    products = [{"sku": sku, "name": sku, "price": "10.00", "currency": "USD"} for sku in "AB"]
    assert ask("PUT", "/v1/catalog/products", {"products": products})[0] == 200
    publish(services.stores.log, SITE, cart_rules=RULES)


def lived(ask: Ask) -> dict[str, str]:
    """Ada's life in the shop; ids that a test asks about, by name."""
    context = {"ip": VALUES["ip"], "userAgent": VALUES["user agent"]}
    address = {"street": VALUES["street"], "postcode": VALUES["postcode"], "country": "GB"}
    traits = {"email": EMAIL, "phone": VALUES["phone"], "city": "Ockham", "address": address}
    ids = {"userId": ADA["customer_id"], "anonymousId": ADA["anonymous_id"]}
    batch(
        ask,
        {"type": "identify", **ids, "traits": traits, "context": context},
        track("Product Viewed", ADA, {"sku": "A", "note": VALUES["custom property"]}),
        track("Products Searched", ADA, {"query": VALUES["search phrase"]}),
        track(VALUES["event name"], ADA, {}),
        track("Coupon Entered", ADA, {"coupon": VALUES["guessed coupon"]}),
        {"type": "page", **ids, "properties": {"url": VALUES["url"]}, "context": context},
        ordered(ADA, VALUES["order number"], {"shipping_address": address}),
        {**ordered({"customer_id": "back-office"}, VALUES["order number"], {}), "event":
            "Order Refunded", "properties": {
                "order_id": VALUES["order number"], "total": "1.00", "currency": "USD",
                "note": VALUES["refund note"]}},
        {"type": "track", "event": "Recommendation Clicked", **ids,
            "messageId": VALUES["message id"],
            "properties": {"said": VALUES["quarantined word"]}},
    )  # fmt: skip
    said = {"custom": {"note": VALUES["custom fact"]}}
    cart = decided(ask, ADA, context=said, coupons=[VALUES["guessed coupon"]])
    redeemed(ask, cart, VALUES["second order number"], key="ada-redeems")
    guest = decided(ask, None, context={"custom": {"note": VALUES["guest cart fact"]}})
    redeemed(ask, guest, VALUES["order number"], ADA)
    person = looked_up(ask, ADA)
    return {"cart": cart, "guest": guest, "person": person}


def lived_too(ask: Ask) -> dict[str, str]:
    """Bob's life, of whom everything stays."""
    ids = {"userId": BOB["customer_id"], "anonymousId": BOB["anonymous_id"]}
    batch(
        ask,
        {"type": "identify", **ids, "traits": {"city": "Ockham", "name": "Bob"}},
        track("Product Viewed", BOB, {"sku": "B"}),
        ordered(BOB, "ORD-BOB-1", {}),
    )
    cart = decided(ask, BOB, context={"custom": {"note": "of Bob"}})
    redeemed(ask, cart, "ORD-BOB-2")
    return {"cart": cart, "person": looked_up(ask, BOB)}


def track(event: str, who: dict[str, str], properties: dict[str, Any]) -> dict[str, Any]:
    """A message of somebody known."""
    return {"type": "track", "event": event, "userId": who["customer_id"], "properties": properties}


def ordered(who: dict[str, str], number: str, more: dict[str, Any]) -> dict[str, Any]:
    """A completed order of two products."""
    products = [{"sku": sku, "quantity": 1, "price": "10.00"} for sku in "AB"]
    bought = {"order_id": number, "total": "20.00", "currency": "USD", "products": products}
    return track("Order Completed", who, {**bought, **more})


def batch(ask: Ask, *messages: dict[str, Any]) -> dict[str, Any]:
    """Messages of a server, under an Idempotency-Key as careful clients send them."""
    status, answer = ask("POST", "/v1/batch", {"batch": list(messages)}, **_key(ask))
    assert status == 200, answer
    told: dict[str, Any] = answer
    return told


def decided(ask: Ask, who: dict[str, str] | None, **more: Any) -> str:
    """The id of a decision about a cart."""
    lines = [{"line_id": "1", "sku": "A", "quantity": 2, "unit_price": "10.00"}]
    body = {"cart_id": VALUES["cart id"], "currency": "USD", "lines": lines, **more}
    if who is not None:
        body["shopper"] = {"customer_id": who["customer_id"]}
    if who is BOB:
        body["cart_id"] = "cart-of-bob"
    status, answer = ask("POST", "/v1/decisions/cart", body, **_key(ask))
    assert status == 200, answer
    return str(answer["decision_id"])


def redeemed(
    ask: Ask, decision: str, number: str, who: dict[str, str] | None = None, key: str = ""
) -> None:
    """An order that uses a decision."""
    body: dict[str, Any] = {"decision_id": decision, "order_id": number}
    if who is not None:
        body["shopper"] = {"customer_id": who["customer_id"]}
    headers = {"Idempotency-Key": key} if key else _key(ask)
    status, answer = ask("POST", "/v1/redemptions", body, **headers)
    assert status == 201, answer


def looked_up(ask: Ask, who: dict[str, str]) -> str:
    """The person as paths name them."""
    asked = {"customer_id": who["customer_id"]}
    status, answer = ask("POST", "/v1/shoppers/lookup", asked, **_key(ask))
    assert status == 200, answer
    return str(answer["person"])


def _key(ask: Ask, counted: list[int] = [0]) -> dict[str, str]:  # noqa: B006
    counted[0] += 1
    return {"Idempotency-Key": f"key-{counted[0]}"}

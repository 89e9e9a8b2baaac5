"""Rules, carts and shoppers of the decision benchmarks, made from a seed."""

from __future__ import annotations

import random
from typing import Any

from aggregates.kernel.ids import SiteId
from app.config import Settings
from app.database import open_stores
from app.wiring import build
from tests import published
from tests.bench.server import SITE
from tests.bench.server import Server

SKUS = 200
CATEGORIES = 20
SHOPPERS = 64
LINES = 5
_ACTIONS = ("percent",) * 14 + ("fixed",) * 3 + ("cart_fixed",) * 3


def publish(
    server: Server,
    rules: int,
    firing: int,
    running: int = 0,
    **kinds: dict[str, dict[str, Any]],
) -> None:
    """A catalogue, twenty segments and so many rules: `firing` of them apply to every cart,
    `running` of those read the running total (stratum 2)."""
    segments, cart_rules = definitions(rules, firing, running)
    server.client.call("PUT", "/v1/catalog/products", {"products": products()})
    settings = Settings.from_environment(server.environment)
    stores = open_stores(settings.database_url, settings.keys_url, settings.data_dir)
    published.publish(
        stores.log,
        SITE,
        segments=segments,
        cart_rules=cart_rules,
        **kinds,
    )
    stores.close()


def products() -> list[dict[str, Any]]:
    """The catalogue."""
    return [_product(number) for number in range(SKUS)]


def definitions(
    rules: int, firing: int, running: int = 0
) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]]]:
    """Bodies of segments and of cart rules by key."""
    chance = random.Random(7)
    return {f"segment-{number}": segment(number) for number in range(20)}, {
        f"rule-{number}": rule(chance, number, fires=number < firing, runs=number < running)
        for number in range(rules)
    }


def history(server: Server, per_shopper: int = 12) -> None:
    """What the shoppers did before, in batches, and followed: each another number of things, so
    that they are in different segments; `per_shopper` on average."""
    messages = [
        {
            "type": "track",
            "event": ("Product Viewed", "Product Added", "Checkout Started")[number % 3],
            "messageId": f"m-{shopper}-{number}",
            "userId": f"customer-{shopper}",
            "properties": {"sku": f"sku-{number % SKUS}", "price": 10, "currency": "USD"},
        }
        for shopper in range(SHOPPERS)
        for number in range(1 + shopper * 7 % (2 * per_shopper - 1))
    ]
    for start in range(0, len(messages), 100):
        server.client.call("POST", "/v1/batch", {"batch": messages[start : start + 100]})
    follow(server)


def follow(server: Server) -> None:
    """Brings the followed projections up to the head."""
    services = build(Settings.from_environment(server.environment))
    try:
        services.follower.catch_up(SiteId(SITE))
    finally:
        services.close()


def carts(count: int = SHOPPERS, lines: int = LINES) -> list[dict[str, Any]]:
    """Different carts, the shape of what a checkout sends."""
    chance = random.Random(11)
    return [_cart(chance, number, lines) for number in range(count)]


def _product(number: int) -> dict[str, Any]:
    return {
        "sku": f"sku-{number}",
        "name": f"Product {number}",
        "categories": [f"c{number % CATEGORIES}/sub{number % 7}"],
        "price": "19.90",
        "currency": "USD",
    }


def segment(number: int) -> dict[str, Any]:
    """Who did something so often, within so many days."""
    event = ("Product Viewed", "Product Added", "Checkout Started")[number % 3]
    days = (30, 90)[number % 2]
    leaf = {"history": event, "within_days": days, "operator": ">=", "value": 2 + number % 6}
    return {"name": f"Segment {number}", "apply_to": "all", "conditions": leaf}


def rule(chance: random.Random, number: int, *, fires: bool, runs: bool) -> dict[str, Any]:
    """A rule like a shop's; `fires`: for every cart, `runs`: it reads the running total."""
    kind = _ACTIONS[number % len(_ACTIONS)]
    return {
        "name": f"Rule {number}",
        "priority": number % 100,
        "stop_further": False,
        "coupon": {"type": "none"},
        "conditions": {"all": _conditions(chance, fires=fires, runs=runs)},
        "action": {"type": kind, "amount": {"percent": "1", "fixed": "0.05"}.get(kind, "0.50")},
        "labels": {"default": f"Label {number}"},
    }


def _conditions(chance: random.Random, *, fires: bool, runs: bool) -> list[dict[str, Any]]:
    low = f"{chance.randint(1, 5)}.00"
    high = f"{chance.randint(50_000, 90_000)}.00"
    name = "cart.subtotal_after_discount" if runs else "cart.subtotal"
    leaves: list[dict[str, Any]] = [
        {"attribute": name, "operator": ">=", "value": low if fires else high}
    ]
    if chance.random() < 0.45:
        category = f"c{chance.randrange(CATEGORIES)}" if not fires else "c"
        operator = "is_defined" if fires else "contains"
        where: dict[str, Any] = {"attribute": "line.categories", "operator": operator}
        if not fires:
            where["value"] = category
        leaves.append({"lines": "found", "where": where})
    if not fires:
        segment = f"segment-{chance.randrange(20)}"
        leaves.append({"attribute": "shopper.segments", "operator": "contains", "value": segment})
    return leaves


def _cart(chance: random.Random, number: int, lines: int) -> dict[str, Any]:
    skus = chance.sample(range(SKUS), lines)
    return {
        "cart_id": f"cart-{number}",
        "currency": "USD",
        "shopper": {"customer_id": f"customer-{number % SHOPPERS}"},
        "context": {"store_view": "en", "channel": "web", "device": "mobile", "country": "US"},
        "lines": [
            {
                "line_id": str(place),
                "sku": f"sku-{sku}",
                "quantity": chance.randint(1, 4),
                "unit_price": f"{chance.randint(5, 90)}.{chance.randint(10, 99)}",
                "name": f"Product {sku} in a colour and a size",
                "categories": [f"c{sku % CATEGORIES}/sub{sku % 7}"],
                "attributes": {"brand": f"brand-{sku % 9}", "colour": "red", "size": "M"},
            }
            for place, sku in enumerate(skus)
        ],
        "shipping": {"method": "standard", "amount": "4.90", "country": "US", "postcode": "10001"},
        "payment_method": "card",
        "coupons": [],
    }

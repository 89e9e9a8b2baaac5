"""Writes a golden log: every kind of decision that a version can make, in SQLite files, packed.

`python -m tests.golden.make VERSION [EVERY]`, or as README.md tells with the tree of an earlier
version: it speaks HTTP to whatever it finds, and leaves out what that refuses.
"""

from __future__ import annotations

import importlib
import sqlite3
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from app.config import Settings
from app.database import migrate
from app.database import open_stores
from app.factory import create_app
from app.wiring import build
from tests.golden.cases import decide_cases
from tests.golden.client import Client
from tests.golden.client import Clock
from tests.golden.shop import BLOCKS
from tests.golden.shop import CATEGORIES
from tests.golden.shop import LATER_RULES
from tests.golden.shop import RANKINGS
from tests.golden.shop import RULES
from tests.golden.shop import SEGMENTS
from tests.golden.shop import SLOTS
from tests.golden.shop import UNITS
from tests.golden.shop import cart
from tests.golden.shop import named
from tests.golden.shop import products
from tests.golden.shop import rule

SECRET = "golden logs are sealed with this"
SITE = "shop"
DESTINATION = Path(__file__).parent
Body = dict[str, Any]
CUSTOMERS = ("ada", "bob", "cyd", "gone")


def scenario(shop: Client) -> None:
    """A shop over some hours: history, four revisions, two models, all kinds of decisions."""
    shop.settle(
        name="Golden shop", time_zone="Europe/Paris", max_coupons=3, counted_properties=["size"]
    )
    shop.call("PUT", "/v1/catalog/products", {"products": products()})
    talk(shop)
    shop.follow()
    published = shop.define("segments", named(SEGMENTS, apply_to="all"))
    published += shop.define("cart-rules", RULES)
    published += shop.define("dynamic-blocks", BLOCKS) + shop.define("slots", SLOTS)
    published += shop.define("category-rankings", named(RANKINGS))
    published += shop.define("recommendation-units", named(UNITS, label="Look"))
    shop.call("POST", "/v1/rulesets", {"publish": published, "note": "all"})
    train(shop)
    ask(shop, 0)
    change(shop)
    ask(shop, 20)
    rules = {"first": rule(priority=9, action={"type": "percent", "amount": "12.5"})}
    published = shop.define("cart-rules", rules, again=True)
    shop.call("POST", "/v1/rulesets", {"publish": published, "note": "dearer"})
    ask(shop, 40)
    shop.call("POST", "/v1/rulesets", {"pause": [{"kind": "cart-rules", "id": "vips"}]})
    shop.settle(time_zone="America/New_York", history_days=30, out_of_stock_last=True)
    train(shop)
    ask(shop, 60)
    use(shop)
    who = shop.services.keys.find(shop.site, "customer", "gone")
    assert who is not None
    shop.services.keys.destroy(shop.site, [who], shop.services.clock.now())


def talk(shop: Client) -> None:
    """What shoppers did: traits, views, links, orders, refunds."""
    for number, name in enumerate(CUSTOMERS):
        who = {"userId": name}
        shop.say("identify", who, traits={"vip": number % 2 == 0, "address": {"country": "FR"}})
        shop.say("identify", {**who, "anonymousId": f"anon-{name}"}, traits={})
        for view in range(3 + number):
            sku = f"p{(number + view) % 12}"
            shop.say("Product Viewed", {"anonymousId": f"anon-{name}"}, properties={"sku": sku})
        shop.say("Size Chosen", who, properties={"size": "L" if number else "S"})
        order = {"order_id": f"o{number}", "currency": "USD", "total": 25.5 + number}
        order["products"] = [{"sku": "p4", "price": 10, "quantity": 2}, {"sku": "p8", "price": 5.5}]
        shop.say("Order Completed", who, properties=order)
    shop.say("Order Refunded", {"userId": "bob"}, properties={"order_id": "o1", "total": 5})
    shop.say("Order Cancelled", {"userId": "cyd"}, properties={"order_id": "o2"})


def change(shop: Client) -> None:
    """What the projections do not know yet when it is decided: links, views, products."""
    shop.say("identify", {"userId": "bob", "anonymousId": "anon-ada"}, traits={"vip": True})
    shop.say("Product Viewed", {"userId": "cyd"}, properties={"sku": "p2"})
    shop.say("Size Chosen", {"userId": "ada"}, properties={"size": "L"})
    changed = {**products()[5], "price": "1.25", "minimum_price": "1.00"}
    shop.call("PUT", "/v1/catalog/products", {"products": [changed]})
    shop.call("DELETE", "/v1/catalog/products/p7")


def ask(shop: Client, start: int) -> None:
    """Every kind of question, for customers, browsers and nobody."""
    people: list[Body] = [{"customer_id": name} for name in CUSTOMERS]
    people += [{"anonymous_id": "anon-ada"}, {"anonymous_id": "new"}, {}]
    people.append({"customer_id": "cyd", "anonymous_id": "anon-ada"})
    for number, who in list(enumerate(people, start))[:: 1 if start == 20 else 3]:
        request = cart(number, who, *(("SAVE",), (), ("NOPE", "save"))[number % 3])
        shop.decide("cart", request)
        asked = {"shopper": who, "context": {"store_view": "en"}}
        for slot in list(SLOTS)[number % 2 :: 2]:
            of_cart = {name: request[name] for name in ("cart_id", "currency", "lines", "coupons")}
            shop.decide("content", {"slot": slot, **asked, "cart": of_cart})
        for category in CATEGORIES[number % 2 :: 2]:
            shop.decide("category", {"category": category, **asked})
        shop.decide("recommendations", {"page_type": "product", "sku": "p4", **asked})
        shop.decide("recommendations", {"page_type": "home", **asked})


def train(shop: Client) -> None:
    """Models, where this version has some."""
    if not Path("app/training").exists():
        return
    training = importlib.import_module("app.training.train")
    training.train(shop.services, shop.site, (), lambda what, done, total: None)


def use(shop: Client) -> None:
    """Limits, campaigns and generated codes, and orders that use them."""
    published = shop.define("cart-rules", LATER_RULES)
    shop.call("POST", "/v1/rulesets", {"publish": published, "note": "later"})
    asked = {"quantity": 3, "length": 12, "format": "alphanumeric"}
    shop.call("POST", "/v1/cart-rules/many/coupons/generate", asked)
    codes = generated(shop)
    for number in range(8):
        coupons = ("ONCE", *codes[number % 3 : number % 3 + 1])
        decision = shop.decide("cart", cart(number, {"customer_id": "ada"}, *coupons))
        if number % 3 == 0:
            shop.call("POST", "/v1/reservations", {"decision_id": decision, "ttl_s": 60})
        elif number % 3 == 1:
            order = {"decision_id": decision, "order_id": f"r{number}"}
            shop.call("POST", "/v1/redemptions", order)
    shop.call("POST", "/v1/redemptions/r1/partial", {"amount": "1.00"})
    shop.call("DELETE", "/v1/redemptions/r4")
    for code in codes[:1]:
        shop.call("DELETE", f"/v1/coupons/{code}")
    for number in range(4):
        shop.decide("cart", cart(number, {"customer_id": "bob"}, "ONCE", *codes))


def generated(shop: Client) -> list[str]:
    """Codes of the one batch, filled now."""
    if not Path("app/coupons").exists():
        return []
    filling = importlib.import_module("app.coupons.filling").Filling(shop.services, shop.site)
    while (batch := filling.next()) is not None:
        filling.step(batch)
    found = shop.call("GET", "/v1/cart-rules/many/coupons")
    return [one["code"] for one in found["items"]]


def pack(folder: Path, destination: Path) -> None:
    """The log and its keys in one packed file; what is followed is made anew from them."""
    with tarfile.open(destination, "w:xz") as packed:
        for name in ("rationale.db", "rationale-keys.db"):
            with sqlite3.connect(folder / name) as connection:
                connection.execute("PRAGMA journal_mode = DELETE")
                connection.execute("VACUUM")
            packed.add(folder / name, name)


def main(version: str, every: int) -> None:
    """Writes VERSION.tar.xz beside this file, and says what it holds."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = {"RATIONALE_DATA_DIR": name, "RATIONALE_SECRET_KEY": SECRET}
        settings = Settings.from_environment(environment)
        stores = open_stores(settings.database_url, settings.keys_url, settings.data_dir)
        migrate(stores)
        stores.close()
        services = build(settings, Clock())
        client = create_app(services).test_client()
        sites = [Client(services, client, SITE)]
        scenario(sites[0])
        sites += decide_cases(services, client, every)
        services.close()
        for site in sites:
            for refused in site.refused:
                print(f"{site.site}: {refused}")  # noqa: T201
        print(f"{len(sites)} sites, {sum(site.decisions for site in sites)} decisions")  # noqa: T201
        pack(folder, DESTINATION / f"{version}.tar.xz")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5)

"""A page of a category of 20,000 products, recorded durably, against the empty route."""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import orjson

from tests.bench import loads
from tests.bench.ratio import against_livez
from tests.bench.report import Row
from tests.bench.server import Server
from tests.bench.server import serving

PRODUCTS = 20_000
ORDERS = 3_000
AT_MOST = 12
_PAGE = 1_000


def run() -> list[Row]:
    """One row for pages as they are, one for pages that the shopper narrows."""
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as server:
        fill(server)
        plain = against_livez(server, "/v1/decisions/category", _bodies({}))
        narrow = {
            "filter": [
                {"attribute": "attributes.colour", "in": ["red", "blue"]},
                {"attribute": "price", "range": {"from": "5.00", "to": "60.00"}},
            ]
        }
        filtered = against_livez(server, "/v1/decisions/category", _bodies(narrow))
    what = f"category page, {PRODUCTS:,} products in it, ranked by sales, 10 moved by hand"
    return [
        plain.row(what, AT_MOST, plain.note),
        filtered.row(f"{what}, two filters", AT_MOST, filtered.note),
    ]


def fill(server: Server, **kinds: dict[str, dict[str, Any]]) -> None:
    """Catalogue, segments, 100 cart rules and rankings, orders, a model, the shoppers' history."""
    client, chance = server.client, random.Random(13)
    for start in range(0, PRODUCTS, _PAGE):
        products = [product(number) for number in range(start, start + _PAGE)]
        client.call("PUT", "/v1/catalog/products", {"products": products})
    loads.publish(server, 100, 5, category_rankings={"all": _ranking()}, **kinds)
    for start in range(0, ORDERS, 100):
        orders = [_order(chance, number) for number in range(start, start + 100)]
        client.call("POST", "/v1/batch", {"batch": orders})
    loads.history(server)
    client.connection.close()  # idle for so long that the server let go of it
    subprocess.run(
        [sys.executable, "-m", "app", "train", "--json"],
        env=server.environment,
        check=True,
        stdout=subprocess.DEVNULL,
    )


def product(number: int) -> dict[str, Any]:
    """One product of the catalogue; all are in `all`."""
    return {
        "sku": f"p-{number}",
        "name": f"Product {number} in a colour and a size",
        "categories": [f"all/c{number % 40}/s{number % 7}"],
        "price": f"{5 + number % 90}.90",
        "currency": "USD",
        "attributes": {
            "colour": ("red", "blue", "green", "black")[number % 4],
            "brand": f"brand {number % 200}",
            "size": number % 12,
        },
        "stock": {"status": "in_stock" if number % 9 else "out_of_stock", "quantity": number % 50},
    }


def _ranking() -> dict[str, Any]:
    effects = ("boost", "bury", "hide")
    events = [{"effect": effects[n % 3], "sku": f"p-{n * 997}"} for n in range(9)]
    pin = {"effect": "pin", "sku": "p-77", "position": 3, "segments": ["segment-1"]}
    return {
        "category": "all",
        "ranking": {"strategy": "most-purchased"},
        "events": [pin, *events],
    }


def _order(chance: random.Random, number: int) -> dict[str, Any]:
    skus = [int(PRODUCTS * chance.random() ** 2) for _ in range(4)]
    return {
        "type": "track",
        "event": "Order Completed",
        "messageId": f"order-{number}",
        "userId": f"buyer-{number % 900}",
        "properties": {
            "order_id": f"o-{number}",
            "currency": "USD",
            "products": [{"sku": f"p-{sku}", "quantity": 1, "price": "9.90"} for sku in skus],
        },
    }


def _bodies(more: dict[str, Any]) -> list[bytes]:
    """Pages 1 to 4 for different shoppers."""
    return [
        orjson.dumps(
            {
                "category": "all",
                "shopper": {"customer_id": f"customer-{number % loads.SHOPPERS}"},
                "context": {"store_view": "en", "channel": "web", "country": "US"},
                "page": 1 + number % 4,
                "page_size": 24,
                **more,
            }
        )
        for number in range(64)
    ]

"""A generated browsing log: the data set has purchases only, so what was looked at is made up.

The seed is fixed, so the same orders give the same sessions. They belong to real customers and to
visitors nobody knows, and are drawn around what was really bought together.
"""

from __future__ import annotations

import random
from collections import Counter
from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from itertools import accumulate
from typing import Any

SEED = 20111209
VIEWS = 15_000
DAYS = 8
"""A day more than the longest window that trends are taken from."""
_VIEWS_PER_SESSION = (2, 8)
_SECONDS_BETWEEN = (8, 150)
_MARGIN = timedelta(minutes=30)  # no session is longer: all of it lies before now
_ANONYMOUS = 0.3
_SEARCHES = 0.15
_SAME_ORDER = 0.65
_SAME_CATEGORY = 0.25  # the rest is whatever sells


@dataclass(frozen=True, slots=True)
class _Popular:
    """Products to draw from, the often sold more often."""

    skus: list[str]
    weights: list[int]

    @classmethod
    def of(cls, counts: Counter[str]) -> _Popular:
        return cls(list(counts), list(accumulate(counts.values())))

    def draw(self, rng: random.Random) -> str:
        return rng.choices(self.skus, cum_weights=self.weights)[0]


@dataclass(frozen=True, slots=True)
class _Shop:
    """What the generator knows of the shop."""

    orders: list[tuple[str | None, list[str]]]
    categories: dict[str, _Popular]
    popular: _Popular
    products: dict[str, dict[str, Any]]


def browsing(
    messages: Iterable[dict[str, Any]],
    products: Iterable[dict[str, Any]],
    now: datetime,
    views: int = VIEWS,
) -> list[dict[str, Any]]:
    """At least so many generated `Product Viewed`, with some `Products Searched` among them, over
    the last days before now, in time order."""
    rng = random.Random(SEED)  # noqa: S311  made-up sessions, no secret
    shop = _shop(messages, products)
    made: list[dict[str, Any]] = []
    seen = number = 0
    while shop.orders and seen < views:
        session = list(_session(rng, shop, number, now))
        seen += sum(message["event"] == "Product Viewed" for message in session)
        made.extend(session)
        number += 1
    return sorted(made, key=lambda message: (message["timestamp"], message["messageId"]))


def _session(
    rng: random.Random, shop: _Shop, number: int, now: datetime
) -> Iterator[dict[str, Any]]:
    """One visit: it starts at a product of a real order and stays near it."""
    customer, bought = rng.choice(shop.orders)
    known = customer is not None and rng.random() >= _ANONYMOUS
    shopper = {"userId": customer} if known else {"anonymousId": f"generated-{number}"}
    span_s = (timedelta(days=DAYS) - _MARGIN).total_seconds()
    at = now - _MARGIN - timedelta(seconds=rng.random() * span_s)
    sku = rng.choice(bought)
    searched = rng.random() < _SEARCHES
    for step in range(rng.randint(*_VIEWS_PER_SESSION)):
        message = {"type": "track", "messageId": f"generated-{number}-{step}", **shopper}
        if searched and not step:
            words = shop.products[sku]["name"].lower().split()
            query = {"query": " ".join(words[-2:])}
            told = {"event": "Products Searched", "properties": query}
        else:
            told = {"event": "Product Viewed", "properties": {"sku": sku}}
            sku = _next(rng, shop, sku, bought)
        yield {**message, **told, "timestamp": at.isoformat()}
        at += timedelta(seconds=rng.randint(*_SECONDS_BETWEEN))


def _next(rng: random.Random, shop: _Shop, sku: str, bought: list[str]) -> str:
    """Of the same order, else of the same category, else anything that sells."""
    drawn = rng.random()
    if drawn < _SAME_ORDER:
        return rng.choice(bought)
    if drawn < _SAME_ORDER + _SAME_CATEGORY:
        return shop.categories[shop.products[sku]["categories"][0]].draw(rng)
    return shop.popular.draw(rng)


def _shop(messages: Iterable[dict[str, Any]], products: Iterable[dict[str, Any]]) -> _Shop:
    listed = {product["sku"]: product for product in products}
    orders: list[tuple[str | None, list[str]]] = []
    sold: Counter[str] = Counter()
    by_category: dict[str, Counter[str]] = defaultdict(Counter)
    for message in messages:
        if message["event"] == "Order Completed":
            skus = [line["sku"] for line in message["properties"]["products"]]
            orders.append((message.get("userId"), skus))
            sold.update(skus)
    for sku, count in sold.items():
        by_category[listed[sku]["categories"][0]][sku] = count
    categories = {name: _Popular.of(counts) for name, counts in by_category.items()}
    return _Shop(orders, categories, _Popular.of(sold), listed)

"""Chooses real customers out of the history, and the carts they might come back with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from typing import Any

CART_LINES = 5
_BESIDE = frozenset({"shopper", "context"})


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer of the data set; `cart` is of the last order with so many lines."""

    customer_id: str
    orders: int
    spent: Decimal
    last: datetime
    country: str
    cart: list[dict[str, Any]]

    @property
    def skus(self) -> set[str]:
        """What is in the cart."""
        return {line["sku"] for line in self.cart}

    def cart_request(self, cart_id: str, coupons: tuple[str, ...] = ()) -> dict[str, Any]:
        """The body of `POST /v1/decisions/cart` for this customer's cart."""
        return {
            "cart_id": cart_id,
            "currency": "GBP",
            "shopper": {"customer_id": self.customer_id},
            "context": {"store_view": "en", "channel": "web"},
            "lines": self.cart,
            "shipping": {"method": "standard", "amount": "4.95", "country": "GB"},
            "coupons": list(coupons),
        }

    @staticmethod
    def cart_of(request: dict[str, Any]) -> dict[str, Any]:
        """The same cart as a question about content carries it: the shopper stands beside it."""
        return {name: value for name, value in request.items() if name not in _BESIDE}


def customers(messages: Iterable[dict[str, Any]]) -> list[Customer]:
    """Every customer with an order, by what was spent, most first."""
    orders: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for message in messages:
        if message["event"] == "Order Completed" and "userId" in message:
            orders[message["userId"]].append(message)
    found = [_customer(customer, own) for customer, own in orders.items()]
    return sorted(found, key=lambda customer: (-customer.spent, customer.customer_id))


def handful(everybody: list[Customer], tea: set[str], now: datetime) -> list[tuple[str, Customer]]:
    """One customer for each kind of answer, each with a word on why."""
    away_since = now - timedelta(days=120)
    usual = [one for one in everybody if one.spent < 5_000 and len(one.cart) == CART_LINES]
    loyal = [one for one in usual if one.orders >= 12 and tea & one.skus]
    few = [one for one in usual if one.orders in (2, 3)]
    occasional = next(one for one in few if one.last >= away_since)
    new = Customer("new-customer", 0, Decimal(0), now, "United Kingdom", occasional.cart)
    return [
        ("the best customer of the year", everybody[0]),
        ("loyal, with something for tea in the cart", loyal[0]),
        ("a good customer who stayed away", next(one for one in few if one.last < away_since)),
        ("who buys now and then", occasional),
        ("new, with the code WELCOME10", new),
    ]


def _customer(customer_id: str, orders: list[dict[str, Any]]) -> Customer:
    last = orders[-1]
    full = [order for order in orders if len(order["properties"]["products"]) >= CART_LINES]
    reordered = full[-1] if full else last
    return Customer(
        customer_id,
        len(orders),
        sum((Decimal(order["properties"]["total"]) for order in orders), Decimal(0)),
        datetime.fromisoformat(last["timestamp"]),
        last["context"]["location"]["country"],
        [
            {
                "line_id": str(number),
                "sku": product["sku"],
                "quantity": product["quantity"],
                "unit_price": product["price"],
            }
            for number, product in enumerate(reordered["properties"]["products"][:CART_LINES], 1)
        ],
    )

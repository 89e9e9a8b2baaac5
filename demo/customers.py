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


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer of the data set; `cart` is made of the last order, at its prices."""

    customer_id: str
    orders: int
    spent: Decimal
    last: datetime
    country: str
    cart: list[dict[str, Any]]

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


def customers(messages: Iterable[dict[str, Any]]) -> list[Customer]:
    """Every customer with an order, by what was spent, most first."""
    orders: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for message in messages:
        if message["event"] == "Order Completed" and "userId" in message:
            orders[message["userId"]].append(message)
    found = [_customer(customer, own) for customer, own in orders.items()]
    return sorted(found, key=lambda customer: (-customer.spent, customer.customer_id))


def handful(all_of_them: list[Customer], now: datetime) -> list[tuple[str, Customer]]:
    """One customer for each kind of answer, each with a word on why."""
    lapsed_since = now - timedelta(days=120)
    middle = [customer for customer in all_of_them if customer.orders in (2, 3)]
    new = Customer("new-customer", 0, Decimal(0), now, "United Kingdom", middle[0].cart)
    return [
        ("the best customer of the year", all_of_them[0]),
        ("a loyal customer", next(c for c in all_of_them if 10 <= c.orders <= 15)),
        ("a good customer who stayed away", next(c for c in middle if c.last < lapsed_since)),
        ("an occasional customer", next(c for c in middle if c.last >= lapsed_since)),
        ("a new customer with the code WELCOME10", new),
    ]


def _customer(customer_id: str, orders: list[dict[str, Any]]) -> Customer:
    last = orders[-1]
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
            for number, product in enumerate(last["properties"]["products"][:CART_LINES], 1)
        ],
    )

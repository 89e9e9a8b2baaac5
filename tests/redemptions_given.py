"""Given: carts, rules with limits, and orders that redeem them over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aggregates.kernel.ids import SiteId
from app.wiring import Services

SITE = SiteId("shop")
RULE: dict[str, Any] = {
    "name": "Rule",
    "priority": 1,
    "stop_further": False,
    "coupon": {"type": "none"},
    "conditions": {"all": []},
    "action": {"type": "percent", "amount": "10"},
}
COUPON = {**RULE, "coupon": {"type": "specific", "code": "SAVE", "uses_per_coupon": 2}}
Ask = Callable[..., Any]


def cart(customer: str = "ada", **more: Any) -> dict[str, Any]:
    """A cart of 20.00."""
    return {
        "cart_id": "c",
        "currency": "USD",
        "shopper": {"customer_id": customer},
        "lines": [{"line_id": "1", "sku": "A", "quantity": 2, "unit_price": "10.00"}],
        **more,
    }


def redeemed(ask: Ask, decision: str, order: str) -> tuple[int, Any]:
    """Status and answer of a redemption."""
    found = ask("POST", "/v1/redemptions", {"decision_id": decision, "order_id": order})
    return found[0], found[1]


def counters(services: Services) -> dict[str, int]:
    """Every counter that is not 0, by its last name."""
    with services.stores.log.connect() as connection:
        rows = connection.exec_driver_sql("SELECT key, used FROM counters ORDER BY key").fetchall()
    return {key: used for key, used in rows if used}

"""Processes that redeem at once: buyers of the same few uses, and actors who do anything."""

from __future__ import annotations

import random
from typing import Any

from aggregates.kernel.errors import DomainError
from aggregates.kernel.errors import Unavailable
from aggregates.kernel.ids import SiteId
from app.config import Settings
from app.wiring import Services
from app.wiring import build
from decisions.cart import decide_cart
from decisions.redemptions import redeem
from decisions.redemptions import reduce
from decisions.redemptions import release
from decisions.reservations import release_expired
from decisions.reserving import let_go
from decisions.reserving import reserve

SITE = SiteId("shop")
ORDERS = 12


def opened(url: str, folder: str) -> Services:
    """The services of a process."""
    environment = {"RATIONALE_DATA_DIR": folder, "RATIONALE_DATABASE_URL": url}
    return build(Settings.from_environment(environment))


def decided(
    services: Services, customer: str, code: str | None = None, edited: str | None = None
) -> str:
    """The id of a decision about a cart of 20.00, as one that an order was edited to."""
    cart: dict[str, Any] = {
        "cart_id": "c",
        "currency": "USD",
        "shopper": {"customer_id": customer},
        "lines": [{"line_id": "1", "sku": "A", "quantity": 2, "unit_price": "10.00"}],
        "coupons": [code] if code else [],
        **({"replaces_order": edited} if edited else {}),
    }
    return decide_cart(services.means, SITE, cart, lambda _: None).record.decision_id


def buy(store: tuple[str, str], name: str, buyers: list[str], gate: Any, sold: Any) -> None:
    """Decides a cart for each buyer, then redeems all of them as fast as it can."""
    services = opened(*store)
    means = services.means
    decisions = [decided(services, buyer, "SAVE") for buyer in buyers]
    gate.wait()
    for number, decision in enumerate(decisions):
        asked = {"decision_id": decision, "order_id": f"{name}-{number}"}
        try:
            answer = redeem(means, SITE, asked, lambda status, body: None)
            sold.put((asked["order_id"], [use["amount"] for use in answer.body["uses"]]))
        except DomainError as refused:
            sold.put((asked["order_id"], refused.code))
    services.close()


def edit(store: tuple[str, str], order: str, times: int, gate: Any, told: Any) -> None:
    """Edits an order that holds a use again and again; what each exchange was answered."""
    services = opened(*store)
    gate.wait()
    for _ in range(times):
        decision = decided(services, order, "SAVE", order)
        asked = {"decision_id": decision, "order_id": order}
        try:
            answer = redeem(services.means, SITE, asked, _no_key, edited=True)
            told.put((order, [use["amount"] for use in answer.body["uses"]]))
        except DomainError as refused:
            told.put((order, refused.code))
    services.close()


def act(url: str, folder: str, seed: int, count: int, gate: Any) -> None:
    """Reserves, redeems, refunds, releases and lets go, in any order, on orders that all share."""
    services = opened(url, folder)
    chance = random.Random(seed)
    gate.wait()
    for _ in range(count):
        try:
            _anything(services, chance)
        except Unavailable:
            continue
        except DomainError:
            continue  # refused, which is an answer too
    services.close()


def _anything(services: Services, chance: random.Random) -> None:
    means, order = services.means, f"order-{chance.randrange(ORDERS)}"
    decision = decided(services, f"customer-{chance.randrange(3)}", chance.choice(["SAVE", None]))
    what = chance.randrange(8)
    if what == 7:
        decision = decided(services, "customer-0", "SAVE", order)
        asked = {"decision_id": decision, "order_id": order}
        redeem(means, SITE, asked, _no_key, edited=True)
    elif what in {0, 1}:
        redeem(means, SITE, {"decision_id": decision, "order_id": order}, _no_key)
    elif what == 2:
        release(means, SITE, order, _no_key)
    elif what == 3:
        reduce(means, SITE, order, "3.00", _no_key)
    else:
        held = reserve(means, SITE, decision, chance.choice([0, 1, 60]), _no_key)
        if what == 4:
            let_go(means, SITE, held.body["reservation_id"], _no_key)
        elif what == 5:
            redeem(means, SITE, {"decision_id": decision, "order_id": order}, _no_key)
        else:
            release_expired(means, SITE)


def _no_key(status: int, body: dict[str, Any]) -> None:
    """No Idempotency-Key was sent."""

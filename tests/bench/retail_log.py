"""Online Retail as a log to train from: every order inside the window, and views beside them.

The history is a year long, the window of what goes together half of it: the dates are pressed
together so that all order lines are in it. The data has no views; those here are generated, one
before each of the first products of an order: the real browsing of nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any
from uuid import uuid5

from aggregates.kernel.clock import SECOND
from aggregates.kernel.clock import from_datetime
from aggregates.kernel.ids import STREAMS
from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.ids import SiteId
from aggregates.log import Append
from aggregates.log import EventLog
from aggregates.log import NewEvent
from demo.online_retail import Retail

VIEWS_OF_ORDER = 12
HISTORY_DAYS = 180
UNIT_EVENTS = 250


def fill(log: EventLog, site: SiteId) -> dict[str, int]:
    """Writes the events; how many orders, order lines and views they are."""
    counts = {"orders": 0, "lines": 0, "views": 0}
    unit: list[NewEvent] = []
    for event in _events(datetime.now(UTC)):
        products = len(event.data.get("products", ()))
        if event.topic == "OrderCompleted":
            counts["orders"] += 1
            counts["lines"] += products
        else:
            counts["views"] += products
        unit.append(event)
        if len(unit) == UNIT_EVENTS:
            log.append(Append(site, tuple(unit)))
            unit = []
    log.append(Append(site, tuple(unit)))
    return counts


def _events(now: datetime) -> Iterator[NewEvent]:
    orders = [one for one in Retail(now).messages() if one["event"] == "Order Completed"]
    first = datetime.fromisoformat(orders[0]["timestamp"])
    last = datetime.fromisoformat(orders[-1]["timestamp"])
    pressed = timedelta(days=HISTORY_DAYS) / (last - first)
    for number, order in enumerate(orders):
        moment = now - (last - datetime.fromisoformat(order["timestamp"])) * pressed
        at = from_datetime(moment) - SECOND
        who = order.get("userId") or order["anonymousId"]
        shopper = Pseudonym(uuid5(STREAMS, who).hex)
        skus = [product["sku"] for product in order["properties"]["products"]]
        for place, sku in enumerate(skus[:VIEWS_OF_ORDER]):
            yield _viewed(f"{number}/{place}", sku, shopper, at - (VIEWS_OF_ORDER - place) * SECOND)
        yield _ordered(number, order["properties"], shopper, at)


def _viewed(name: str, sku: str, shopper: Pseudonym, at: int) -> NewEvent:
    data = {"kind": "track", "event": "Product Viewed", "trust": "client"}
    data = {**data, "products": [{"sku": sku}]}
    return NewEvent(uuid5(STREAMS, name), 1, "InteractionRecorded", data, shopper, at)


def _ordered(number: int, properties: dict[str, Any], shopper: Pseudonym, at: int) -> NewEvent:
    lines = [
        {"sku": one["sku"], "quantity": one["quantity"], "price_minor": 100}
        for one in properties["products"]
    ]
    data = {
        "order": f"{number:064x}",
        "currency": "GBP",
        "total_minor": 100 * len(lines),
        "products": lines,
        "trust": "server",
    }
    return NewEvent(uuid5(STREAMS, f"order {number}"), 1, "OrderCompleted", data, shopper, at)

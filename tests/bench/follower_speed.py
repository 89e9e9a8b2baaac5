"""How many events a follower folds in a second, all followed projections, on SQLite files.

    python -m tests.bench.follower_speed [events [large]]

The log is filled first and is not measured: two thirds product views, the rest searches, pages,
orders of one to five lines, refunds and identifies whose traits are unsealed; customers come back
as often as a Pareto distribution makes them, 5,000 of them. `large`: the history of a wholesaler
instead, nothing but orders of 5 to 35 lines and some refunds, like the demo's.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import click

from aggregates.kernel.clock import DAY
from aggregates.kernel.clock import SystemClock
from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.ids import SiteId
from aggregates.log import Append
from aggregates.log import NewEvent
from app.collector import set_for_folding
from app.database import Stores
from app.database import migrate
from app.database import open_stores
from app.eventlog.keys import KeyStore
from app.eventlog.log import SqlEventLog
from projections.followed import followed
from projections.follower import Follower

SITE = SiteId("bench")
SHOPPERS = 5_000
UNIT_EVENTS = 250
Said = Callable[[Random, int], tuple[str, dict[str, Any]]]
"""Topic and data of the event of a number."""


@dataclass(frozen=True, slots=True)
class FollowerSpeed:
    """What was measured."""

    events: int
    events_per_s: float
    cpu_us_per_event: float


def measure(folder: Path, events: int, said: Said) -> FollowerSpeed:
    """Fills a log in `folder` with so many events and follows it from zero, in a process set up
    like `rationale follow`."""
    stores = open_stores(f"sqlite:///{folder / 'rationale.db'}")
    migrate(stores)
    keys = KeyStore(stores.keys, b"pepper of the benchmark, 32 bytes")
    log = SqlEventLog(stores, keys, SystemClock())
    try:
        fill(log, keys, events, said)
        set_for_folding()
        return _followed(stores, log, events)
    finally:
        log.close()
        stores.close()


def fill(log: SqlEventLog, keys: KeyStore, events: int, said: Said) -> None:
    """Appends what is said in units of a batch."""
    random = Random(1)
    shoppers = [keys.of(SITE, "customer", f"customer-{number}") for number in range(SHOPPERS)]
    made = _made(random, shoppers, events, said)
    while unit := tuple(event for event, _ in zip(made, range(UNIT_EVENTS), strict=False)):
        log.append(Append(SITE, unit))


def _followed(stores: Stores, log: SqlEventLog, events: int) -> FollowerSpeed:
    follower = Follower(stores, log, followed(), SystemClock())
    cpu, wall = time.process_time(), time.perf_counter()
    follower.catch_up(SITE)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    assert follower.lag(SITE) == 0
    return FollowerSpeed(events, events / wall, cpu / events * 1e6)


def _made(random: Random, shoppers: list[Pseudonym], events: int, said: Said) -> Iterator[NewEvent]:
    start = 20_000 * DAY
    for number in range(1, events + 1):
        shopper = shoppers[int(random.paretovariate(0.6) * 10) % SHOPPERS]
        topic, data = said(random, number)
        at = start + number * (60 * DAY // events)
        given = {**data, "trust": "server", "message_id": f"m{number}", "context": _CONTEXT}
        yield NewEvent(UUID(int=number), 1, topic, given, shopper, at)


_CONTEXT = {"ip": "192.0.2.7", "userAgent": "Mozilla/5.0 (X11; Linux x86_64)", "locale": "de-DE"}


def wholesale(random: Random, number: int) -> tuple[str, dict[str, Any]]:
    """Orders of 5 to 35 lines; one event in eight gives some of an order back."""
    if random.random() < 0.875:
        return "OrderCompleted", _sale(random, number, random.randrange(5, 36))
    refund = {"currency": "EUR", "products": [_product(random)]}
    return "OrderRefunded", {"order": f"{random.randrange(1, number + 1):064x}", **refund}


def shop(random: Random, number: int) -> tuple[str, dict[str, Any]]:
    """What the shoppers of a shop do."""
    kind = random.random()
    if kind < 0.67:
        product = _product(random)
        value = {"currency": "EUR", "value_minor": product["price_minor"]}
        return "InteractionRecorded", _tracked("Product Viewed", products=[product], **value)
    if kind < 0.77:
        phrase = random.choice(("boots", "red shoes", "jacket"))
        return "InteractionRecorded", _tracked("Products Searched", search_phrase=phrase)
    if kind < 0.86:
        return "InteractionRecorded", {"kind": "page", "event": "Home"}
    if kind < 0.90:
        traits = {"email": f"anna{number}@example.com", "city": "Kiel", "vip": number % 7 == 0}
        return "ShopperIdentified", {"traits": traits, "user_id": f"u{number}"}
    if kind < 0.98:
        return "OrderCompleted", _sale(random, number, random.randrange(1, 6))
    refund = {"currency": "EUR", "total_minor": 500}
    return "OrderRefunded", {"order": f"{random.randrange(1, number + 1):064x}", **refund}


def _sale(random: Random, number: int, lines: int) -> dict[str, Any]:
    products = [_product(random) for _ in range(lines)]
    total = sum(p["price_minor"] * p["quantity"] for p in products)
    sale = {"currency": "EUR", "total_minor": total, "products": products, "country": "DE"}
    return {"order": f"{number:064x}", "order_id": f"O-{number}", **sale}


def _tracked(event: str, **data: Any) -> dict[str, Any]:
    return {"kind": "track", "event": event, **data}


def _product(random: Random) -> dict[str, Any]:
    number = int(random.paretovariate(0.8)) % 3_000
    return {
        "sku": f"sku-{number}",
        "quantity": random.randrange(1, 4),
        "price_minor": 499 + number,
        "categories": [f"men/shoes/{number % 10}"],
    }


def main() -> None:
    """Prints the figures."""
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        said = wholesale if sys.argv[2:] == ["large"] else shop
        speed = measure(Path(folder), events, said)
    click.echo(f"{speed.events} events: {speed.events_per_s:,.0f} a second")
    click.echo(f"{speed.cpu_us_per_event:.1f} us CPU for each")


if __name__ == "__main__":
    main()

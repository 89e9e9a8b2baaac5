"""Activity: how often a pseudonym did something on a day, by what it was about.

One row for each (shopper, event name, day, facets); an event adds one to exactly one row, however
many products it names, so counts are of events. Facets are the canonical JSON of what a `where`
may ask: `products [{sku, quantity?, categories?}], search_phrase, unit, value_minor, currency,
counted`. The id of a search is none: every search has its own, and rows would not add up.
Open fields only: a rebuild after an erasure gives the same rows. Days are the site's own, so a
change of its time zone rebuilds the rows (`zoned`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import Column
from sqlalchemy import Connection
from sqlalchemy import Integer
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import Text
from sqlalchemy import select

from aggregates.kernel.canonical import canonical
from aggregates.kernel.canonical import revive
from aggregates.kernel.ids import SiteId
from aggregates.log import RecordedEvent
from projections.categories import with_ancestors
from projections.days import local_day
from projections.days import zone_named
from projections.forgetting import rows_of
from projections.positions import places
from projections.projection import Write
from projections.schema import read_store
from projections.upserts import insert_or_add
from rulesets.facts import Scope

ORDER_EVENTS = {
    "OrderCompleted": "Order Completed",
    "OrderUpdated": "Order Updated",
    "OrderRefunded": "Order Refunded",
    "OrderCancelled": "Order Cancelled",
}
TOPICS = frozenset({"InteractionRecorded", *ORDER_EVENTS})
NAME_BYTES_MAX = 1_024  # PostgreSQL refuses index entries of more than 2,704 bytes
_PRODUCT_FACETS = ("sku", "quantity", "categories")
_EVENT_FACETS = ("search_phrase", "unit", "value_minor", "currency", "counted")

activity = Table(
    "activity",
    read_store,
    Column("site", String(64), primary_key=True),
    Column("shopper_id", String(32), primary_key=True),
    Column("event", String(1_024), primary_key=True),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("digest", String(32), primary_key=True),
    Column("facets", Text, nullable=False),
    Column("count", Integer, nullable=False),
    sqlite_with_rowid=False,
)


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """`count` events of one name and day that were about the same. The fields are the columns."""

    shopper_id: str
    event: str
    day: int
    facets: str
    count: int


def rows(event: RecordedEvent, zone: ZoneInfo) -> list[ActivityRow]:
    """What one event adds: one row with count 1, or none if it is not to be counted."""
    name = counted_as(event)
    if name is None:
        return []
    assert event.shopper_id is not None
    day = local_day(event.occurred_at, zone)
    return [ActivityRow(event.shopper_id, name, day, _facets(event.data).decode(), 1)]


def counted_as(event: RecordedEvent) -> str | None:
    """The name to count an event under; None: not counted. ValueError if it is too long a key."""
    if event.shopper_id is None:
        return None
    if event.topic == "InteractionRecorded":
        name: str | None = event.data.get("event")
        if name is not None and len(name.encode()) > NAME_BYTES_MAX:
            msg = f"an event name of more than {NAME_BYTES_MAX} bytes"
            raise ValueError(msg)
        return name
    return ORDER_EVENTS.get(event.topic) if event.data.get("trust") == "server" else None


def summed(parts: Iterable[ActivityRow]) -> list[ActivityRow]:
    """Rows of the same shopper, event, day and facets as one; in a fixed order."""
    counts: dict[tuple[str, str, int, str], int] = {}
    for row in parts:
        key = (row.shopper_id, row.event, row.day, row.facets)
        counts[key] = counts.get(key, 0) + row.count
    return [ActivityRow(*key, count) for key, count in sorted(counts.items())]


def scopes(facets: str, currency: str) -> list[Scope]:
    """What `where` of a history condition is evaluated on: a row matches if any of these does.

    One scope for each product and each of its category paths (with ancestors). The value is there
    only if it is in the asked currency. `product.*` is the caller's to add, by `event.sku`.
    """
    about = revive(orjson.loads(facets))
    common: Scope = {
        f"event.properties.{name}": value
        for name, value in about.get("counted", {}).items()
        if value not in (None, "")
    }
    for name in ("search_phrase", "unit"):
        if about.get(name):
            common[f"event.{name}"] = about[name]
    if "value_minor" in about and about.get("currency") == currency:
        common["event.value"] = about["value_minor"]
    return [
        scope
        for product in about.get("products") or [{}]
        for scope in _product_scopes(common, product)
    ]


def of_shoppers(
    connection: Connection, site: SiteId, shoppers: Sequence[str], first_day: int | None = None
) -> list[ActivityRow]:
    """The rows of these pseudonyms, from a day on."""
    c = activity.c
    query = select(c.shopper_id, c.event, c.day, c.facets, c["count"]).where(
        c.site == site, c.shopper_id.in_(shoppers)
    )
    if first_day is not None:
        query = query.where(c.day >= first_day)
    return [ActivityRow(*row) for row in connection.execute(query)]


class Activity:
    """The followed projection. It only adds, so it reads nothing but the zone of its rows."""

    name = "activity"
    version = 1
    topics = TOPICS
    unseals: frozenset[str] = frozenset()
    tables = (activity,)
    forgets = (rows_of(activity.c.shopper_id),)
    zoned = True

    def fold(
        self, connection: Connection, site: SiteId, events: Sequence[RecordedEvent]
    ) -> list[Write]:
        """Counts to add, already summed over these events."""
        place = places(connection, site).get(self.name)
        zone = zone_named(place.zone if place is not None else "UTC")
        added = summed(row for event in events for row in rows(event, zone))
        if not added:
            return []
        statement = insert_or_add(connection.dialect.name, activity, "count")
        return [Write(statement, [_row(site, row) for row in added])]


def _facets(data: dict[str, Any]) -> bytes:
    facets = {name: data[name] for name in _EVENT_FACETS if data.get(name) not in (None, "", {})}
    if "total_minor" in data:
        facets["value_minor"] = data["total_minor"]
    products = data.get("products")
    if products:
        facets["products"] = [
            {name: product[name] for name in _PRODUCT_FACETS if name in product}
            for product in products
        ]
    return canonical(facets)


def _product_scopes(common: Scope, product: dict[str, Any]) -> list[Scope]:
    scope = dict(common)
    if "sku" in product:
        scope["event.sku"] = product["sku"]
    if product.get("quantity") is not None:
        scope["event.quantity"] = product["quantity"]
    paths = sorted(with_ancestors(product.get("categories") or ()))
    return [{**scope, "event.category": path} for path in paths] or [scope]


def _row(site: SiteId, row: ActivityRow) -> dict[str, Any]:
    return {
        "site": site,
        "shopper_id": row.shopper_id,
        "event": row.event,
        "day": row.day,
        "digest": hashlib.sha256(row.facets.encode()).hexdigest()[:32],
        "facets": row.facets,
        "count": row.count,
    }

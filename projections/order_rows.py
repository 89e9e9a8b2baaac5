"""The table of orders: an Order (projections/orders.py) as a row, queries, the projection."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import Connection
from sqlalchemy import Index
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import Text
from sqlalchemy import select

from aggregates.kernel.canonical import canonical
from aggregates.kernel.canonical import revive
from aggregates.kernel.ids import SiteId
from aggregates.log import RecordedEvent
from projections.forgetting import rows_of
from projections.orders import TOPICS
from projections.orders import Line
from projections.orders import Order
from projections.orders import Refund
from projections.orders import fold
from projections.projection import Write
from projections.schema import read_store
from projections.upserts import insert_or_replace

orders = Table(
    "orders",
    read_store,
    Column("site", String(64), primary_key=True),
    Column("shopper_id", String(32), primary_key=True),
    Column("order", String(64), primary_key=True),
    Column("status", String(16), nullable=False),
    Column("completed_at", BigInteger),
    Column("content_at", BigInteger),
    Column("currency", String(3)),
    Column("total_minor", BigInteger, nullable=False),
    Column("refunded_minor", BigInteger, nullable=False),
    Column("lines", Text, nullable=False),
    Column("coupons", Text, nullable=False),
    Column("country", Text),
    Column("refunds", Text, nullable=False),
    Index(None, "site", "order"),  # a page of events finds its orders by it
    sqlite_with_rowid=False,
)
COLUMNS = (
    orders.c.shopper_id,
    orders.c.order,
    orders.c.status,
    orders.c.completed_at,
    orders.c.content_at,
    orders.c.currency,
    orders.c.total_minor,
    orders.c.lines,
    orders.c.coupons,
    orders.c.country,
    orders.c.refunds,
)
"""What `from_row` takes, in its order."""


def from_row(*row: Any) -> Order:
    """The order of a row of COLUMNS."""
    shopper_id, order, status, completed_at, content_at, currency, total_minor = row[:7]
    lines, coupons, country, refunds = row[7:]
    return Order(
        shopper_id,
        order,
        status,
        completed_at,
        content_at,
        currency,
        total_minor,
        _read_lines(orjson.loads(lines)),
        tuple(orjson.loads(coupons)),
        country,
        tuple(Refund(t, _read_lines(parts), unit) for t, parts, unit in orjson.loads(refunds)),
    )


def of_shoppers(connection: Connection, site: SiteId, shoppers: Sequence[str]) -> list[Order]:
    """All orders of these pseudonyms, also those that still wait for their completion."""
    rows = connection.execute(
        select(*COLUMNS).where(orders.c.site == site, orders.c.shopper_id.in_(shoppers))
    )
    return [from_row(*row) for row in rows]


class Orders:
    """The followed projection."""

    name = "orders"
    version = 1
    topics = TOPICS
    unseals: frozenset[str] = frozenset()
    tables = (orders,)
    forgets = (rows_of(orders.c.shopper_id),)
    zoned = False

    def fold(
        self, connection: Connection, site: SiteId, events: Sequence[RecordedEvent]
    ) -> list[Write]:
        """Rows of the orders that these events change."""
        keys = {(e.shopper_id, e.data["order"]) for e in events if e.shopper_id is not None}
        before = _rows_of(connection, site, keys)
        after: dict[tuple[str | None, str], Order | None] = dict(before)
        for event in events:
            key = (event.shopper_id, event.data["order"])
            after[key] = fold(after.get(key), event)
        rows = [
            _row(site, order)
            for key, order in after.items()
            if order is not None and order is not before.get(key)
        ]
        return [Write(insert_or_replace(connection.dialect.name, orders), rows)] if rows else []


def _rows_of(
    connection: Connection, site: SiteId, keys: Iterable[tuple[str | None, str]]
) -> dict[tuple[str | None, str], Order]:
    names = sorted({order for _, order in keys})
    rows = connection.execute(
        select(*COLUMNS).where(orders.c.site == site, orders.c.order.in_(names))
    )
    return {(row[0], row[1]): from_row(*row) for row in rows}


def _row(site: SiteId, order: Order) -> dict[str, Any]:
    refunds = [[r.total_minor, _write_lines(r.lines), r.currency] for r in order.refunds]
    return {
        "site": site,
        "shopper_id": order.shopper_id,
        "order": order.order,
        "status": order.status,
        "completed_at": order.completed_at,
        "content_at": order.content_at,
        "currency": order.currency,
        "total_minor": order.total_minor,
        "refunded_minor": order.refunded_minor,
        "lines": canonical(_write_lines(order.lines)).decode(),
        "coupons": canonical(list(order.coupons)).decode(),
        "country": order.country,
        "refunds": canonical(refunds).decode(),
    }


def _write_lines(lines: Iterable[Line]) -> list[tuple[Any, ...]]:
    """Plain tuples, which the encoder takes for lists; it does not know named ones."""
    return [*map(tuple, lines)]


def _read_lines(lines: list[list[Any]]) -> tuple[Line, ...]:
    return tuple(
        Line(sku, revive(quantity), price_minor, tuple(categories))
        for sku, quantity, price_minor, categories in lines
    )

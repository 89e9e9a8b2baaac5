"""Where the trusted events of each order stand: what settlement looks at, in the log's order.

`settled_upto` is how far the job `settle` has come. It belongs to no projection and is only a
shortcut: were it lost, the job would look at every event again and change nothing, because an
order's own stream of redemptions says what was done.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Boolean
from sqlalchemy import Column
from sqlalchemy import Connection
from sqlalchemy import Index
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import select

from aggregates.kernel.ids import SiteId
from aggregates.log import RecordedEvent
from projections.orders import TOPICS
from projections.projection import Write
from projections.schema import read_store
from projections.upserts import insert_or_replace

order_events = Table(
    "order_events",
    read_store,
    Column("site", String(64), primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("order", String(64), nullable=False),
    Column("topic", String(64), nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Column("has_coupons", Boolean, nullable=False),
    Index(None, "site", "order", "position"),
    sqlite_with_rowid=False,
)
settled_upto = Table(
    "settled_upto",
    read_store,
    Column("site", String(64), primary_key=True),
    Column("position", BigInteger, nullable=False),
)


@dataclass(frozen=True, slots=True)
class OrderEvent:
    """One trusted event of an order. The fields are the columns."""

    position: int
    order: str
    topic: str
    recorded_at: int
    has_coupons: bool


_COLUMNS = [order_events.c[name] for name in OrderEvent.__slots__]


def waiting(
    connection: Connection, site: SiteId, recorded_upto: int, limit: int
) -> list[OrderEvent]:
    """The first events that settlement has not come to, of those recorded up to a moment."""
    c = order_events.c
    query = select(*_COLUMNS).where(c.site == site, c.position > settled(connection, site))
    rows = connection.execute(query.order_by(c.position).limit(limit))
    found = [OrderEvent(*row) for row in rows]
    return list(takewhile(lambda event: event.recorded_at <= recorded_upto, found))


def of_order(connection: Connection, site: SiteId, order: str, upto: int) -> list[OrderEvent]:
    """The events of one order up to a position."""
    c = order_events.c
    query = select(*_COLUMNS).where(c.site == site, c.order == order, c.position <= upto)
    return [OrderEvent(*row) for row in connection.execute(query.order_by(c.position))]


def settled(connection: Connection, site: SiteId) -> int:
    """How far settlement has come; 0 if it never began."""
    done = select(settled_upto.c.position).where(settled_upto.c.site == site)
    return connection.execute(done).scalar() or 0


def settle_upto(connection: Connection, site: SiteId, position: int) -> None:
    """Notes how far settlement has come."""
    statement = insert_or_replace(connection.dialect.name, settled_upto)
    connection.execute(statement, {"site": site, "position": position})


class OrderEvents:
    """The followed projection."""

    name = "order_events"
    version = 1
    topics = TOPICS
    unseals: frozenset[str] = frozenset()
    tables = (order_events,)
    forgets = ()
    zoned = False

    def fold(
        self, connection: Connection, site: SiteId, events: Sequence[RecordedEvent]
    ) -> list[Write]:
        """A row for each trusted event."""
        rows = [_row(site, event) for event in events if event.data.get("trust") == "server"]
        if not rows:
            return []
        return [Write(insert_or_replace(connection.dialect.name, order_events), rows)]


def _row(site: SiteId, event: RecordedEvent) -> dict[str, Any]:
    return {
        "site": site,
        "position": event.position,
        "order": event.data["order"],
        "topic": event.topic,
        "recorded_at": event.recorded_at,
        "has_coupons": bool(event.data.get("coupons")),
    }

"""Whose an order is: the pseudonym of its first trusted `Order Completed`. Written with the event.

Intake asks before it records a later event of the order (a refund from the back office names no
shopper) and records it under the owner, so that a shopper's orders are in the shopper's own tail.
An order whose owner was forgotten has none any more, and gets none.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence

from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import Connection
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import bindparam
from sqlalchemy import select
from sqlalchemy import update

from aggregates import erasure
from aggregates.erasure import OWNER_ERASED
from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.ids import SiteId
from aggregates.log import RecordedEvent
from projections.projection import Write
from projections.schema import log_store
from projections.upserts import insert_or_keep

order_owners = Table(
    "order_owners",
    log_store,
    Column("site", String(64), primary_key=True),
    Column("order", String(64), primary_key=True),
    Column("shopper_id", String(32), nullable=False),
    Column("position", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)


class OrderOwners:
    """The immediate projection: the first one stays until it is forgotten."""

    name = "order_owners"
    topics = frozenset({"OrderCompleted"}) | erasure.TOPICS
    unseals: frozenset[str] = frozenset()

    def fold(
        self, connection: Connection, site: SiteId, events: Sequence[RecordedEvent]
    ) -> list[Write]:
        """Owners of orders that have none; then those who are forgotten."""
        first: dict[str, dict[str, object]] = {}
        for event in events:
            if event.topic == "OrderCompleted" and _owned(event):
                row = {
                    "site": site,
                    "order": event.data["order"],
                    "shopper_id": event.shopper_id,
                    "position": event.position,
                }
                first.setdefault(event.data["order"], row)
        gone = [
            {"of_site": site, "of_shopper": name} for name in sorted(erasure.names_erased(events))
        ]
        keeping = insert_or_keep(connection.dialect.name, order_owners)
        writes = (Write(keeping, list(first.values())), Write(_FORGET, gone))
        return [write for write in writes if write.rows]


_FORGET = (
    update(order_owners)
    .where(
        order_owners.c.site == bindparam("of_site"),
        order_owners.c.shopper_id == bindparam("of_shopper"),
    )
    .values(shopper_id=OWNER_ERASED)
)


def _owned(event: RecordedEvent) -> bool:
    return event.data.get("trust") == "server" and event.shopper_id is not None


def of_orders(connection: Connection, site: SiteId, orders: Iterable[str]) -> dict[str, Pseudonym]:
    """The owner of each of these orders that has one."""
    rows = connection.execute(
        select(order_owners.c.order, order_owners.c.shopper_id).where(
            order_owners.c.site == site, order_owners.c.order.in_(list(orders))
        )
    )
    return {row[0]: Pseudonym(row[1]) for row in rows}

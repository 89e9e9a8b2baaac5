"""Orders whose events settlement could not act on: tried again with each run of the job, then set
aside until somebody asks for it.

A row belongs to no projection. It is written before `settled_upto` passes the event, so that the
order's later events wait for the first that failed, and those of other orders do not. Were it lost
together with `settled_upto`, the job would look at every event again and find the same orders.
"""

from __future__ import annotations

from dataclasses import asdict
from dataclasses import dataclass

from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import Connection
from sqlalchemy import Integer
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import delete
from sqlalchemy import select
from sqlalchemy import update

from aggregates.kernel.ids import SiteId
from projections.schema import read_store
from projections.upserts import insert_or_replace

TRIES_MAX = 10
"""With a run of the job a minute, ten minutes: what still fails then fails by itself."""

unsettled_orders = Table(
    "unsettled_orders",
    read_store,
    Column("site", String(64), primary_key=True),
    Column("order", String(64), primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("error", String(64), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("failed_at", BigInteger, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Unsettled:
    """An order, the position of its event that failed, and the code of the last error. The fields
    are the columns."""

    order: str
    position: int
    error: str
    tries: int
    failed_at: int

    @property
    def is_aside(self) -> bool:
        """Whether it was tried often enough."""
        return self.tries >= TRIES_MAX


_COLUMNS = [unsettled_orders.c[name] for name in Unsettled.__slots__]


def of_site(connection: Connection, site: SiteId) -> list[Unsettled]:
    """All of a site, in the order of their events."""
    c = unsettled_orders.c
    rows = connection.execute(select(*_COLUMNS).where(c.site == site).order_by(c.position))
    return [Unsettled(*row) for row in rows]


def note(connection: Connection, site: SiteId, failed: Unsettled) -> None:
    """Notes a failure in place of what was known of the order."""
    statement = insert_or_replace(connection.dialect.name, unsettled_orders)
    connection.execute(statement, {"site": site, **asdict(failed)})


def settled(connection: Connection, site: SiteId, order: str) -> None:
    """Forgets an order whose events were acted on."""
    c = unsettled_orders.c
    connection.execute(delete(unsettled_orders).where(c.site == site, c.order == order))


def try_again(connection: Connection, site: SiteId) -> int:
    """Lets the next runs of the job try all that are set aside; how many those are."""
    c = unsettled_orders.c
    again = update(unsettled_orders).where(c.site == site, c.tries >= TRIES_MAX)
    return connection.execute(again.values(tries=0)).rowcount

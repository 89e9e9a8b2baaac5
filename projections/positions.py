"""How far each followed projection has come, the fence between followers, and what was set aside.

A row says: the projection's rows hold the events up to `position`, folded by code of `version`
with days of `zone`. Moving it is a compare-and-set in the transaction of the rows themselves, so of
two followers that folded the same page one commits and the other rolls back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import Connection
from sqlalchemy import Integer
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import Text
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update

from aggregates.kernel.ids import SiteId
from projections.schema import read_store
from projections.upserts import insert_or_keep

projection_positions = Table(
    "projection_positions",
    read_store,
    Column("site", String(64), primary_key=True),
    Column("projection", String(64), primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("zone", String(64), nullable=False),
)

set_aside = Table(
    "set_aside",
    read_store,
    Column("site", String(64), primary_key=True),
    Column("projection", String(64), primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("error", Text, nullable=False),
    Column("set_aside_at", BigInteger, nullable=False),
)


class Overtaken(Exception):
    """Another follower moved the projection first; nothing of this one's page was written."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a projection stands, and what its rows were folded under."""

    position: int
    version: int
    zone: str

    def same_rows(self, other: Place) -> bool:
        """Whether rows of the one may be continued under the other."""
        return (self.version, self.zone) == (other.version, other.zone)


def places(connection: Connection, site: SiteId) -> dict[str, Place]:
    """Where each projection of a site stands; one that never began is absent (position 0)."""
    table = projection_positions
    rows = connection.execute(
        select(table.c.projection, table.c.position, table.c.version, table.c.zone).where(
            table.c.site == site
        )
    )
    return {row[0]: Place(row[1], row[2], row[3]) for row in rows}


def begin(connection: Connection, site: SiteId, projection: str, place: Place) -> None:
    """Makes the row of a projection that has none; the one that is there stays."""
    connection.execute(
        insert_or_keep(connection.dialect.name, projection_positions),
        _row(site, projection, place),
    )


def end(connection: Connection, site: SiteId, projection: str) -> None:
    """Takes the row of a projection away, if there is one."""
    table = projection_positions
    connection.execute(delete(table).where(table.c.site == site, table.c.projection == projection))


def move(
    connection: Connection, site: SiteId, projection: str, before: Place, after: Place
) -> None:
    """The fence: compare-and-set of the place; Overtaken if it is not `before` any more."""
    table = projection_positions
    result = connection.execute(
        update(table)
        .where(
            table.c.site == site,
            table.c.projection == projection,
            table.c.position == before.position,
            table.c.version == before.version,
            table.c.zone == before.zone,
        )
        .values(position=after.position, version=after.version, zone=after.zone)
    )
    if result.rowcount != 1:
        raise Overtaken(projection)


def put_aside(
    connection: Connection, site: SiteId, projection: str, position: int, **why: Any
) -> None:
    """Notes an event that a projection could not fold; it goes on without it."""
    row = {"site": site, "projection": projection, "position": position, **why}
    connection.execute(insert(set_aside), row)


def forget_aside(connection: Connection, site: SiteId, projection: str) -> None:
    """Forgets what a projection set aside, for it folds everything anew."""
    table = set_aside
    connection.execute(delete(table).where(table.c.site == site, table.c.projection == projection))


def rename_aside(connection: Connection, before: SiteId, after: SiteId, projection: str) -> None:
    """What was set aside under one site's name goes to another's."""
    table = set_aside
    connection.execute(
        update(table)
        .where(table.c.site == before, table.c.projection == projection)
        .values(site=after)
    )


def counted_aside(connection: Connection) -> dict[str, int]:
    """How many events were set aside, by site; a site without any is absent."""
    site = set_aside.c.site
    rows = connection.execute(select(site, func.count()).group_by(site))
    return {row[0]: row[1] for row in rows}


def listed_aside(connection: Connection, site: SiteId, limit: int) -> list[dict[str, Any]]:
    """The newest events set aside, each with projection, position, error and moment."""
    table = set_aside
    rows = connection.execute(
        select(table.c.projection, table.c.position, table.c.error, table.c.set_aside_at)
        .where(table.c.site == site)
        .order_by(table.c.position.desc(), table.c.projection)
        .limit(limit)
    )
    return [dict(row._mapping) for row in rows]


def _row(site: SiteId, projection: str, place: Place) -> dict[str, Any]:
    return {
        "site": site,
        "projection": projection,
        "position": place.position,
        "version": place.version,
        "zone": place.zone,
    }

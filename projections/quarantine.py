"""Quarantine: where the messages stand that were refused. The messages stay sealed in the log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import Connection
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import Text
from sqlalchemy import select

from aggregates.kernel.ids import SiteId
from aggregates.log import RecordedEvent
from projections.projection import Write
from projections.schema import read_store
from projections.upserts import insert_or_replace

quarantine = Table(
    "quarantine",
    read_store,
    Column("site", String(64), primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("code", String(64), nullable=False),
    Column("detail", Text, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One refused message. The fields are the columns; the message is the event at `position`."""

    position: int
    code: str
    detail: str
    recorded_at: int


def listed(
    connection: Connection, site: SiteId, limit: int, before: int | None = None
) -> list[Quarantined]:
    """The newest refused messages, or those before a position."""
    c = quarantine.c
    query = select(c.position, c.code, c.detail, c.recorded_at).where(c.site == site)
    if before is not None:
        query = query.where(c.position < before)
    rows = connection.execute(query.order_by(c.position.desc()).limit(limit))
    return [Quarantined(*row) for row in rows]


class Quarantine:
    """The followed projection."""

    name = "quarantine"
    version = 1
    topics = frozenset({"MessageQuarantined"})
    unseals: frozenset[str] = frozenset()
    tables = (quarantine,)
    zoned = False

    def fold(
        self, connection: Connection, site: SiteId, events: Sequence[RecordedEvent]
    ) -> list[Write]:
        """One row for each event."""
        rows = [
            {
                "site": site,
                "position": event.position,
                "code": event.data["code"],
                "detail": event.data.get("detail", ""),
                "recorded_at": event.recorded_at,
            }
            for event in events
        ]
        return [Write(insert_or_replace(connection.dialect.name, quarantine), rows)] if rows else []

"""Quarantine: where the messages stand that were refused, and which of them were resubmitted since.

The messages themselves stay sealed in the log.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import fields
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import Connection
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import Text
from sqlalchemy import bindparam
from sqlalchemy import select
from sqlalchemy import update

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
    Column("trust", String(8), nullable=False, server_default="client"),
    Column("resubmitted_position", BigInteger),
    sqlite_with_rowid=False,
)


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One refused message. The fields are the columns; the message is the event at `position`."""

    position: int
    code: str
    detail: str
    recorded_at: int
    trust: str
    resubmitted_position: int | None


def listed(
    connection: Connection,
    site: SiteId,
    limit: int,
    before: int | None = None,
    resubmitted: bool | None = False,
) -> list[Quarantined]:
    """The newest refused messages, or those before a position: those that nobody resubmitted, those
    that somebody did, or (None) all."""
    c = quarantine.c
    query = select(*(c[field.name] for field in fields(Quarantined))).where(c.site == site)
    if resubmitted is not None:
        at = c.resubmitted_position
        query = query.where(at.is_not(None) if resubmitted else at.is_(None))
    if before is not None:
        query = query.where(c.position < before)
    rows = connection.execute(query.order_by(c.position.desc()).limit(limit))
    return [Quarantined(*row) for row in rows]


class Quarantine:
    """The followed projection."""

    name = "quarantine"
    version = 1
    topics = frozenset({"MessageQuarantined", "MessageResubmitted"})
    unseals: frozenset[str] = frozenset()
    tables = (quarantine,)
    forgets = ()
    zoned = False

    def fold(
        self, connection: Connection, site: SiteId, events: Sequence[RecordedEvent]
    ) -> list[Write]:
        """One row for each message; then what took messages out, for it always came later."""
        kept = [_row(site, event) for event in events if event.topic == "MessageQuarantined"]
        out = [
            {"of_site": site, "at": event.data["quarantined"], "by": event.position}
            for event in events
            if event.topic == "MessageResubmitted"
        ]
        writes = (
            Write(insert_or_replace(connection.dialect.name, quarantine), kept),
            Write(_OUT, out),
        )
        return [write for write in writes if write.rows]


_OUT = (
    update(quarantine)
    .where(quarantine.c.site == bindparam("of_site"), quarantine.c.position == bindparam("at"))
    .values(resubmitted_position=bindparam("by"))
)


def _row(site: SiteId, event: RecordedEvent) -> dict[str, Any]:
    """An event from before trust was recorded counts as a client's."""
    return {
        "site": site,
        "position": event.position,
        "code": event.data["code"],
        "detail": event.data.get("detail", ""),
        "recorded_at": event.recorded_at,
        "trust": event.data.get("trust", "client"),
        "resubmitted_position": None,
    }

"""Open reservations: what is held for checkouts that have not ended, and until when.

Written with the event. A row goes when its reservation is redeemed or released, so the table is as
small as the shop's open checkouts; it is asked for those whose time is over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import orjson
from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import Connection
from sqlalchemy import Index
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import Text
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import insert
from sqlalchemy import select

from aggregates.kernel.ids import SiteId
from aggregates.log import RecordedEvent
from aggregates.redemption import RESERVATION_REDEEMED
from aggregates.redemption import RESERVATION_RELEASED
from aggregates.redemption import RESERVED
from projections.projection import Write
from projections.schema import log_store

reservations = Table(
    "reservations",
    log_store,
    Column("site", String(64), primary_key=True),
    Column("decision_id", String(64), primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("moves", Text, nullable=False),
    Index(None, "site", "expires_at"),
)
_OPEN = insert(reservations)
_CLOSE = delete(reservations).where(
    reservations.c.site == bindparam("of_site"),
    reservations.c.decision_id == bindparam("of_decision"),
)


@dataclass(frozen=True, slots=True)
class OpenReservation:
    """One that nobody redeemed or released yet."""

    decision_id: str
    version: int
    expires_at: int
    moves: dict[str, int]


class Reservations:
    """The immediate projection."""

    name = "reservations"
    topics = frozenset({RESERVED, RESERVATION_REDEEMED, RESERVATION_RELEASED})
    unseals: frozenset[str] = frozenset()

    def fold(
        self, connection: Connection, site: SiteId, events: Sequence[RecordedEvent]
    ) -> list[Write]:
        """Rows to open and to close, in the events' order."""
        return [_write(site, event) for event in events]


def expired(connection: Connection, site: SiteId, now: int, most: int) -> list[OpenReservation]:
    """Those whose time was over at a moment, the oldest first."""
    c = reservations.c
    query = select(c.decision_id, c.version, c.expires_at, c.moves)
    rows = connection.execute(
        query.where(c.site == site, c.expires_at <= now).order_by(c.expires_at).limit(most)
    )
    return [OpenReservation(*row[:3], orjson.loads(row[3])) for row in rows]


def _write(site: SiteId, event: RecordedEvent) -> Write:
    data = event.data
    if event.topic != RESERVED:
        return Write(_CLOSE, [{"of_site": site, "of_decision": data["decision_id"]}])
    row = {
        "site": site,
        "decision_id": data["decision_id"],
        "version": event.version,
        "expires_at": data["expires_at"],
        "moves": orjson.dumps(data["moves"]).decode(),
    }
    return Write(_OPEN, [row])

"""Open reservations: what is held for checkouts that have not ended, and until when.

Written with the event. A row goes when its reservation is redeemed or released, so the table is as
small as the shop's open checkouts; it is asked for those whose time is over.
"""

from __future__ import annotations

from collections.abc import Sequence

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
    Column("expires_at", BigInteger, nullable=False),
    Column("moves", Text, nullable=False),
    Index(None, "site", "expires_at"),
)
_OPEN = insert(reservations)
_CLOSE = delete(reservations).where(
    reservations.c.site == bindparam("of_site"),
    reservations.c.decision_id == bindparam("of_decision"),
)


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


def _write(site: SiteId, event: RecordedEvent) -> Write:
    data = event.data
    if event.topic != RESERVED:
        return Write(_CLOSE, [{"of_site": site, "of_decision": data["decision_id"]}])
    row = {
        "site": site,
        "decision_id": data["decision_id"],
        "expires_at": data["expires_at"],
        "moves": orjson.dumps(data["moves"]).decode(),
    }
    return Write(_OPEN, [row])

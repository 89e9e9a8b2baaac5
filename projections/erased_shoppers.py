"""Who was forgotten: the pseudonyms of every erasure, and whether all of it is done.

Written with the event, so that the erasure and the duty to finish it become durable together.
`finished_at` is null until every copy is gone (app/erasure); it is no fold of the log. The head of
the log notes the position of the last erasure: writers look here only when it moved.
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import Connection
from sqlalchemy import Index
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update

from aggregates.erasure import TOPICS
from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.ids import SiteId
from aggregates.log import RecordedEvent
from projections.projection import Write
from projections.schema import log_store

erased_shoppers = Table(
    "erased_shoppers",
    log_store,
    Column("site", String(64), primary_key=True),
    Column("pseudonym", String(32), primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("erased_at", BigInteger, nullable=False),
    Column("finished_at", BigInteger),
    Index(None, "site", "position"),
    Index(None, "site", "finished_at"),
    sqlite_with_rowid=False,
)
_C = erased_shoppers.c


@dataclass(frozen=True, slots=True)
class Erased:
    """One erasure: its event's position and moment, and the pseudonyms it named."""

    position: int
    erased_at: int
    finished_at: int | None
    pseudonyms: frozenset[Pseudonym]


class ErasedShoppers:
    """The immediate projection."""

    name = "erased_shoppers"
    topics = TOPICS
    unseals: frozenset[str] = frozenset()

    def fold(
        self, connection: Connection, site: SiteId, events: Sequence[RecordedEvent]
    ) -> list[Write]:
        """A row for each pseudonym; the head says where they are from."""
        rows = [
            {
                "site": site,
                "pseudonym": name,
                "position": event.position,
                "erased_at": event.recorded_at,
                "finished_at": None,
            }
            for event in events
            for name in event.data["pseudonyms"]
        ]
        return [Write(insert(erased_shoppers), rows)]


def find(connection: Connection, site: SiteId, pseudonym: str) -> Erased | None:
    """The erasure that forgot a pseudonym, if any did."""
    at = select(_C.position).where(_C.site == site, _C.pseudonym == pseudonym)
    found = _listed(connection, site, _C.position.in_(at))
    return found[0] if found else None


def unfinished(connection: Connection, site: SiteId) -> list[Erased]:
    """The erasures of which something may still be left, oldest first."""
    return _listed(connection, site, _C.finished_at.is_(None))


def since(connection: Connection, site: SiteId, position: int) -> list[Erased]:
    """The erasures after a position."""
    return _listed(connection, site, _C.position > position)


def among(connection: Connection, site: SiteId, names: Collection[str]) -> frozenset[Pseudonym]:
    """Those of these pseudonyms that were forgotten."""
    query = select(_C.pseudonym).where(_C.site == site, _C.pseudonym.in_(sorted(names)))
    return frozenset(Pseudonym(name) for name in connection.scalars(query))


def finish(connection: Connection, site: SiteId, position: int, at: int) -> None:
    """Notes that nothing is left of an erasure."""
    connection.execute(
        update(erased_shoppers)
        .where(_C.site == site, _C.position == position)
        .values(finished_at=at)
    )


def _listed(connection: Connection, site: SiteId, which: Any) -> list[Erased]:
    query = select(_C.position, _C.erased_at, _C.finished_at, _C.pseudonym)
    rows = connection.execute(query.where(_C.site == site, which).order_by(_C.position))
    found: dict[tuple[int, int, int | None], set[Pseudonym]] = {}
    for position, erased_at, finished_at, name in rows:
        found.setdefault((position, erased_at, finished_at), set()).add(Pseudonym(name))
    return [Erased(*of, frozenset(names)) for of, names in found.items()]

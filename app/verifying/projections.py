"""Holds the tables that decisions read against the log: folds it afresh beside and compares.

Each store is compared within one snapshot of it, at the position that the snapshot has. What was
written meanwhile is folded first, so the service need not stand still.
"""

from __future__ import annotations

import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection
from sqlalchemy import select

from aggregates.kernel.errors import TamperedLog
from aggregates.kernel.ids import SiteId
from app.authoring.drafts import key_counter
from app.engines import reading
from app.eventlog.sealing import RowSeals
from app.eventlog.tables import counters
from app.eventlog.tables import log_heads
from app.verifying.afresh import Afresh
from app.verifying.comparing import compare
from app.verifying.tables import FOLDED
from decisions.uses_of_log import UsesOfLog
from projections import positions
from projections.definition_tables import definitions
from projections.followed import followed
from projections.schema import log_store

if TYPE_CHECKING:
    from app.wiring import Services


def compare_all(services: Services, site: SiteId) -> int:
    """How many rows agree; TamperedLog `projection_differs` with table and key at the first that
    does not."""
    with (
        tempfile.TemporaryDirectory(prefix="rationale-verifying-") as folder,
        closing(Afresh(services, site, Path(folder))) as afresh,
    ):
        return _immediate(services, site, afresh) + _followed(services, site, afresh)


def _immediate(services: Services, site: SiteId, afresh: Afresh) -> int:
    uses = UsesOfLog(services.log, site)
    head = services.log.head(site).position
    afresh.fold(head)
    uses.at(head, 0)
    count = 0
    with reading(services.stores.log) as live:
        head = live.scalar(select(log_heads.c.position).where(log_heads.c.site == site)) or 0
        afresh.fold(head)
        with afresh.log.connect() as made:
            for name in sorted(FOLDED):
                count += compare(live, made, site, log_store.tables[name])
            count += _counters(live, made, site, uses.at(head, 0))
    return count


def _counters(live: Connection, made: Connection, site: SiteId, moved: dict[str, int]) -> int:
    """What events moved, and the keys of definitions that are taken."""
    c, d = counters.c, definitions.c
    keyed = made.execute(select(d.kind, d.key).where(d.site == site, d.key.is_not(None)))
    wanted = {**moved, **{key_counter(kind, key): 1 for kind, key in keyed}}
    found = {
        row[0]: row[1]
        for row in live.execute(select(c.key, c.used).where(c.site == site, c.used != 0))
    }
    for key in sorted(wanted.keys() | found.keys()):
        if wanted.get(key) != found.get(key):
            told = f"is {found.get(key, 0)}, not {wanted.get(key, 0)} as the log says"
            detail = f"counters ({site}, {key}) {told}"
            raise TamperedLog("projection_differs", detail, table="counters")
    return len(found)


def _followed(services: Services, site: SiteId, afresh: Afresh) -> int:
    with services.stores.read.connect() as connection:
        afresh.follow(positions.places(connection, site))
    count = 0
    with reading(services.stores.read) as live, afresh.read.connect() as made:
        places = positions.places(live, site)
        erased = _erased(services, site)  # rows go before their follower comes to the erasure
        places = {name: place for name, place in places.items() if place.position >= erased}
        comparable = afresh.follow(places)
        seals = RowSeals(services.keys)
        for projection in followed():
            if projection.name in comparable:
                for table in projection.tables:
                    count += compare(live, made, site, table, seals)
    return count


def _erased(services: Services, site: SiteId) -> int:
    """The position of the last erasure."""
    c = log_heads.c
    with services.stores.log.connect() as connection:
        return connection.scalar(select(c.erased_position).where(c.site == site)) or 0

"""What verification finds, as it is answered and printed: a broken log is an answer too."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine
from sqlalchemy import select

from aggregates.kernel.errors import TamperedLog
from aggregates.kernel.ids import SiteId
from app.checkpoints.exported import Exported
from app.checkpoints.exported import sites_in
from app.checkpoints.stored import all_signed
from app.checkpoints.tables import checkpoints
from app.eventlog.tables import event_keys
from app.eventlog.tables import events
from app.eventlog.tables import log_heads
from app.verifying.log import Progress
from app.verifying.log import verify
from app.verifying.projections import compare_all
from app.verifying.tables import FOLDED
from app.wiring import Services
from projections.schema import log_store


def verdict(
    services: Services,
    site: SiteId,
    progress: Progress | None = None,
    *,
    processes: int = 1,
    projections: bool = False,
) -> dict[str, Any]:
    """`intact`, with how much was proven, or with code, detail and position of the first fault.
    With `projections` also whether the tables beside the log are what it makes."""
    engine = services.stores.log
    exported = Exported(services.settings.checkpoint_dir, site)
    try:
        signed = all_signed(engine, site, exported, services.signing)
        treed = max((each.position for each in signed), default=0)
        found = verify(engine, site, progress, checkpoints=signed, treed=treed, processes=processes)
        rows = compare_all(services, site) if projections else None
    except TamperedLog as error:
        return {"intact": False, **error.data, "code": error.code, "detail": error.detail}
    return {
        "intact": True,
        "events": found.events,
        "head": found.head.hash.hex(),
        "checkpoints": found.checkpoints,
        "checkpoint": treed or None,
        **({} if rows is None else {"projection_rows": rows}),
    }


def sites_with_traces(services: Services) -> list[SiteId]:
    """Every site that has, or had, a log: a deleted head row must not hide its events."""
    found = sites_in(services.settings.checkpoint_dir)
    folded = [log_store.tables[name] for name in sorted(FOLDED)]
    for table in (log_heads, events, event_keys, checkpoints, *folded):
        found |= _sites(services.stores.log, table.c.site)
    return [SiteId(site) for site in sorted(found)]


def _sites(engine: Engine, column: Any) -> set[str]:
    """The values of the first column of a primary key, one look-up for each."""
    found: list[str] = []
    with engine.connect() as connection:
        while True:
            query = select(column).order_by(column).limit(1)
            later = query.where(column > found[-1]) if found else query
            site = connection.scalar(later)
            if site is None:
                return set(found)
            found.append(site)

"""The job `checkpoint`: signs the log each hour, and sooner when much happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aggregates.kernel.clock import SECOND
from aggregates.kernel.errors import TamperedLog
from aggregates.kernel.ids import SiteId
from app.checkpoints import stored
from app.checkpoints.exported import Exported
from app.checkpoints.making import Maker
from app.checkpoints.note import read_note
from app.jobs.run import Run

if TYPE_CHECKING:
    from app.wiring import Services

EVERY_S = 3600
"""What was not signed yet can be cut off without a trace: an hour of the log at most."""
EVERY_EVENTS = 100_000
"""Or as many events, so that one checkpoint is about a second's work."""


def maker(services: Services, site: SiteId) -> Maker:
    """The maker of a site's checkpoints."""
    exported = Exported(services.settings.checkpoint_dir, site)
    return Maker(services.stores.log, services.signing, exported, services.clock, site)


def is_due(services: Services, site: SiteId) -> bool:
    """Whether something came, and an hour or many events ago the last was made."""
    with services.stores.log.connect() as connection:
        newest = stored.newest(connection, site)
    head = services.log.head(site).position
    if newest is None:
        return head > 0
    if head - newest[0] >= EVERY_EVENTS:
        return True
    try:
        made_at = read_note(newest[1]).made_at
    except TamperedLog:
        return True  # the run will say so
    return head != newest[0] and services.clock.now() - made_at >= EVERY_S * SECOND


def checkpoint(services: Services, site: SiteId, run: Run) -> str:
    """One checkpoint. A log that is not what was signed fails the run."""
    made = maker(services, site).make(lambda done, total: run.progress("events", done, total))
    return "nothing to sign" if made is None else f"{made.position} events, root {made.root.hex()}"

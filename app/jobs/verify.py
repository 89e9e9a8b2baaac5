"""The job `verify`: holds the whole log against its hashes and checkpoints, daily or when asked."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from aggregates.kernel.clock import DAY
from aggregates.kernel.ids import SiteId
from app.jobs.job import JobFailed
from app.jobs.run import Run
from app.verifying import verifications
from app.verifying.verdict import verdict

if TYPE_CHECKING:
    from app.wiring import Services


def is_due(services: Services, site: SiteId) -> bool:
    """Whether somebody asked, or nobody did for a day."""
    newest = verifications.newest(services.stores.log, site)
    if newest is None:
        return True
    return newest.ended_at is None or services.clock.now() - newest.ended_at >= DAY


def verify(services: Services, site: SiteId, run: Run) -> str:
    """One verdict for all who asked; JobFailed if the log does not hold."""

    log, now = services.stores.log, services.clock.now
    number = verifications.ask(log, site, now())
    found = verdict(
        services,
        site,
        lambda done, total: run.progress("events", done, total),
        processes=os.cpu_count() or 1,
    )
    verifications.end(log, site, number, now(), found)
    if not found["intact"]:
        msg = f"{found['detail']} ({found['code']})"
        raise JobFailed(msg)
    return f"{found['events']} events and {found['checkpoints']} checkpoints hold"

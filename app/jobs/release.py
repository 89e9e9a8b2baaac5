"""The job `release`: reservations whose time is over give back what they held."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aggregates.kernel.ids import SiteId
from app.jobs.run import Run
from decisions.reservations import release_expired

if TYPE_CHECKING:
    from app.wiring import Services


def release(services: Services, site: SiteId, run: Run) -> str:
    """All of them; decisions and redemptions do not count them even before."""
    done = 0
    while True:
        run.check()
        released = release_expired(services.means, site)
        done += released
        if not released:
            return f"{done} reservations were over"

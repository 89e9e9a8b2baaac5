"""The job `backup_keys`: a copy of a site's names and keys for each day, kept for a week."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aggregates.kernel.clock import format_moment
from aggregates.kernel.ids import SiteId
from app.erasure.key_backups import KEPT_DAYS
from app.erasure.key_backups import back_up
from app.erasure.key_backups import destroy_again
from app.jobs.run import Run

if TYPE_CHECKING:
    from app.wiring import Services


def backup_keys(services: Services, site: SiteId, run: Run) -> str:
    """Destroys first what somebody may have restored of those who were forgotten."""
    again = destroy_again(services, site)
    path = back_up(services, site, format_moment(services.clock.now())[:10])
    back = f"; {again} keys of forgotten persons had come back" if again else ""
    return f"{path.name} is kept for {KEPT_DAYS} days{back}"

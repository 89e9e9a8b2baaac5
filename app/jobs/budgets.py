"""The job `budgets`: thresholds of budgets that were passed become events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aggregates.kernel.ids import SiteId
from app.jobs.run import Run
from decisions.budgets import note_thresholds

if TYPE_CHECKING:
    from app.wiring import Services


def budgets(services: Services, site: SiteId, run: Run) -> str:
    """Each threshold once in the life of a budget."""
    run.check()
    return f"{note_thresholds(services.means, site)} thresholds were reached"

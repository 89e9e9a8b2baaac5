"""The job `erase`: finishes erasures that were begun, whoever died in their midst."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aggregates.kernel.ids import SiteId
from app.erasure.erase import finish
from app.jobs.run import Run
from projections import erased_shoppers

if TYPE_CHECKING:
    from app.wiring import Services


def is_due(services: Services, site: SiteId) -> bool:
    """Whether anything may be left of anybody who was erased."""
    with services.stores.log.connect() as connection:
        return bool(erased_shoppers.unfinished(connection, site))


def erase(services: Services, site: SiteId, run: Run) -> str:
    """All of them, oldest first; one that was found on the way waits for the next run."""
    with services.stores.log.connect() as connection:
        begun = erased_shoppers.unfinished(connection, site)
    for number, erasure in enumerate(begun):
        run.progress("erasures", number, len(begun))
        finish(services, site, erasure)
    return f"{len(begun)} erasures are finished"

"""The job `coupons`: fills the batches of codes that were asked for and not ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aggregates.kernel.ids import SiteId
from app.coupons.filling import Filling
from app.jobs.run import Run
from projections.coupons import noticed

if TYPE_CHECKING:
    from app.wiring import Services


def is_due(services: Services, site: SiteId) -> bool:
    """Whether any batch is open."""
    return Filling(services, site).next() is not None


def coupons(services: Services, site: SiteId, run: Run) -> str:
    """All open batches, chunk by chunk. Whatever kills it, the next run goes on after the last
    chunk that is in the log. Half of a chunk's time is drawing codes and looking them up, when
    others may write."""
    filling = Filling(services, site)
    filled: set[str] = set()
    while (batch := filling.next()) is not None:
        filled.add(batch.id)
        run.progress(batch.id, batch.added, batch.quantity)
        filling.step(batch)
    noticed(services.stores.log)
    return f"{', '.join(sorted(filled)) or 'no batch'}: all codes are there"

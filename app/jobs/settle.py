"""The job `settle`: coupons of orders that the shop did not redeem count by the orders' events."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import structlog

from aggregates.kernel.clock import SECOND
from aggregates.kernel.ids import SiteId
from app.jobs.run import Run
from decisions.settlement import GRACE_S
from decisions.settlement import settle as settle_event
from projections import order_events

if TYPE_CHECKING:
    from app.wiring import Services

_PAGE = 200  # events between two notes of how far it is

_logger = structlog.get_logger()


def settle(services: Services, site: SiteId, run: Run) -> str:
    """All events whose time of grace is over, in the order of the log."""
    writing = services.stores.read.execution_options(writing=True)
    done: Counter[str] = Counter()
    while True:
        before = services.clock.now() - GRACE_S * SECOND
        with services.stores.read.connect() as connection:
            waiting = order_events.waiting(connection, site, before, _PAGE)
        for event in waiting:
            run.check()
            with services.stores.read.connect() as connection:
                history = order_events.of_order(connection, site, event.order, event.position)
            acted = settle_event(services.means, site, history)
            if acted is not None:
                done[acted.what] += 1
            if acted is not None and acted.over_limit:
                done["over a limit"] += 1
                _logger.warning("order_over_limit", site=site, position=event.position)
        if not waiting:
            told = ", ".join(f"{count} {what}" for what, count in sorted(done.items()))
            return f"orders: {told}" if told else "no order had anything to settle"
        with writing.begin() as connection:
            order_events.settle_upto(connection, site, waiting[-1].position)

"""The job `settle`: coupons of orders that the shop did not redeem count by the orders' events."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import structlog

from aggregates.kernel.clock import SECOND
from aggregates.kernel.errors import DomainError
from aggregates.kernel.ids import SiteId
from app.edge import logging
from app.jobs.run import Run
from decisions.settlement import BUSY
from decisions.settlement import GRACE_S
from decisions.settlement import settle as settle_event
from projections import order_events
from projections import unsettled_orders
from projections.order_events import OrderEvent
from projections.page_folds import is_passing
from projections.unsettled_orders import Unsettled

if TYPE_CHECKING:
    from app.wiring import Services

_PAGE = 200  # events between two notes of how far it is
_AGAIN = "tried again in the next run"
_ASIDE = "set aside (rationale unsettled)"

_logger = structlog.get_logger()


def settle(services: Services, site: SiteId, run: Run) -> str:
    """All events whose time of grace is over, in the order of the log; first those of orders that
    failed before. An order that fails holds up nobody else."""
    settling = _Settling(services, site, run)
    settling.try_again()
    while events := settling.waiting():
        for event in events:
            if event.order not in settling.stuck:
                settling.act(event)
        with services.stores.read.execution_options(writing=True).begin() as connection:
            order_events.settle_upto(connection, site, events[-1].position)
    return settling.told()


class _Settling:
    """One run for a site: what was done, and by order what could not be."""

    def __init__(self, services: Services, site: SiteId, run: Run) -> None:
        self._services = services
        self._site = site
        self._run = run
        self._done: Counter[str] = Counter()
        self._writing = services.stores.read.execution_options(writing=True)
        with services.stores.read.connect() as connection:
            found = unsettled_orders.of_site(connection, site)
        self.stuck = {one.order: one for one in found}

    def waiting(self) -> list[OrderEvent]:
        """The next events that no run has come to."""
        before = self._services.clock.now() - GRACE_S * SECOND
        with self._services.stores.read.connect() as connection:
            return order_events.waiting(connection, self._site, before, _PAGE)

    def try_again(self) -> None:
        """Orders that failed and are not set aside: from that event on as far as earlier runs came,
        in its order, because settling an event counts on those before it."""
        for failed in [one for one in self.stuck.values() if not one.is_aside]:
            with self._services.stores.read.connect() as connection:
                upto = max(order_events.settled(connection, self._site), failed.position)
                events = order_events.of_order(connection, self._site, failed.order, upto)
            left = [event for event in events if event.position >= failed.position]
            if left and left[0].position == failed.position and all(map(self.act, left)):
                with self._writing.begin() as connection:
                    unsettled_orders.settled(connection, self._site, failed.order)
                del self.stuck[failed.order]

    def act(self, event: OrderEvent) -> bool:
        """Settles one event; false if that failed and was noted."""
        self._run.check()
        with self._services.stores.read.connect() as connection:
            history = order_events.of_order(connection, self._site, event.order, event.position)
        try:
            acted = settle_event(self._services.means, self._site, history)
        except Exception as error:
            if is_passing(error) and _code(error) != BUSY:
                raise
            self._note(event, error)
            return False
        if acted is not None:
            self._done[acted.what] += 1
            if acted.over_limit:
                self._done["over a limit"] += 1
                _logger.warning("order_over_limit", site=self._site, position=event.position)
        return True

    def told(self) -> str:
        """The run in a sentence."""
        aside = sum(one.is_aside for one in self.stuck.values())
        for name, count in ((_AGAIN, len(self.stuck) - aside), (_ASIDE, aside)):
            self._done[name] += count
        told = ", ".join(f"{count} {what}" for what, count in sorted(self._done.items()) if count)
        return f"orders: {told}" if told else "no order had anything to settle"

    def _note(self, event: OrderEvent, error: Exception) -> None:
        before = self.stuck.get(event.order)
        tries = 1 + (before.tries if before and before.position == event.position else 0)
        now = self._services.clock.now()
        failed = Unsettled(event.order, event.position, _code(error), tries, now)
        with self._writing.begin() as connection:
            unsettled_orders.note(connection, self._site, failed)
        self.stuck[event.order] = failed
        named = {"site": self._site, "position": event.position, "tries": tries}
        logging.failure("order_not_settled", error, **named, set_aside=failed.is_aside)


def _code(error: Exception) -> str:
    return error.code if isinstance(error, DomainError) else type(error).__name__

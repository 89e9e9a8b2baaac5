"""What training reads: views in sessions and bought products, as ibis tables up to one moment.

The expressions here turn the flat rows of the log into both, so that any engine of ibis can do it.
A window reaches back from `now`, the moment of the training, never from the last event: "in the
last 7 days" stays true, and a shop whose history is older than a window trains nothing from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aggregates.kernel.clock import DAY
from aggregates.kernel.clock import SECOND

if TYPE_CHECKING:
    from ibis.expr.types import Table

SESSION_GAP = 30 * 60 * SECOND
"""Half an hour without a view ends a session, as it is counted everywhere in the field."""
WEEK_DAYS = 7
"""Window of the rankings."""
HALF_YEAR_DAYS = 183
"""Window of what goes together: six months."""
COMPLETED = "OrderCompleted"
UPDATED = "OrderUpdated"
CANCELLED = "OrderCancelled"


@dataclass(frozen=True, slots=True)
class History:
    """`views`: (session, sku, occurred_at), one row a view. `purchases`: (order, shopper_id, sku,
    quantity, occurred_at), one row a line of an order. Moments are microseconds."""

    views: Table
    purchases: Table
    now: int

    def views_within(self, days: int) -> Table:
        """Views of the last days."""
        return within(self.views, self.now - days * DAY, self.now)

    def purchases_within(self, days: int) -> Table:
        """Order lines of the last days, by the moment at which the order was completed."""
        return within(self.purchases, self.now - days * DAY, self.now)


def within(rows: Table, after: int, upto: int) -> Table:
    """Rows that occurred after a moment and not after another."""
    return rows.filter(rows.occurred_at > after, rows.occurred_at <= upto)


def sessions(views: Table) -> Table:
    """Views (browser, sku, occurred_at, position) with the session that each belongs to: a new one
    begins where a browser's former view is more than half an hour old."""
    by_browser = {"group_by": views.browser, "order_by": [views.occurred_at, views.position]}
    former = views.occurred_at.lag().over(**by_browser)
    marked = views.mutate(
        begins=(views.occurred_at - former > SESSION_GAP).fill_null(True).cast("int64")
    )
    so_far = marked.begins.sum().over(
        order_by=[marked.browser, marked.occurred_at, marked.position], rows=(None, 0)
    )
    return marked.select("sku", "occurred_at", session=so_far)


def purchases(order_events: Table, order_lines: Table) -> Table:
    """The lines of every order that exists and is not cancelled, as projections/orders.py folds it:
    those of its newest content by (occurred_at, position), at the moment of its first completion.

    `order_events`: (order, shopper_id, topic, occurred_at, position), trusted ones only.
    `order_lines`: (position, sku, quantity). A refund changes nothing: what went back was wanted.
    A line of nothing is none.
    """
    import ibis

    completed = order_events.topic == COMPLETED
    orders = order_events.group_by("order").agg(
        occurred_at=order_events.occurred_at.min(where=completed),
        cancelled=(order_events.topic == CANCELLED).any(),
    )
    orders = orders.filter(orders.occurred_at.notnull(), ~orders.cancelled)
    newest_first = [order_events.occurred_at.desc(), order_events.position.desc()]
    contents = order_events.filter(completed | (order_events.topic == UPDATED)).mutate(
        age=ibis.row_number().over(group_by="order", order_by=newest_first)
    )
    contents = contents.filter(contents.age == 0).select("order", "shopper_id", "position")
    return (
        contents.join(orders, "order")
        .join(order_lines.filter(order_lines.quantity > 0), "position")
        .select("order", "shopper_id", "sku", "quantity", "occurred_at")
    )

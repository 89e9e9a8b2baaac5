"""Orders: one row for an order of a pseudonym, whatever sequence its events arrive in.

Only trusted events count. The content is that of the newest `Order Completed` or `Order Updated` by
(occurred_at, position); an order exists from its first `Order Completed` on (`completed_at`).
Refunds and a cancellation that come before it wait in the row. Refunds are kept as they were told
and valued against the content, at most the whole order:
an order of 30.00 with refunds of 12.00 and 25.00 is worth 0.00, not -7.00.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import replace
from decimal import Decimal
from typing import Any
from typing import NamedTuple

from aggregates.kernel.canonical import Number
from aggregates.log import RecordedEvent
from projections.categories import with_ancestors
from rulesets.facts import Scope

TOPICS = frozenset({"OrderCompleted", "OrderUpdated", "OrderRefunded", "OrderCancelled"})
COMPLETED = "completed"
CANCELLED = "cancelled"
_HALF = Decimal("0.5")


class Line(NamedTuple):
    """One product of an order; `price_minor` is that of one unit. A tuple, because a wholesale
    order has dozens and a frozen dataclass takes four times as long to make."""

    sku: str
    quantity: Number
    price_minor: int | None = None
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refund:
    """A refund as it was told: an amount, else products, else the whole order."""

    total_minor: int | None
    lines: tuple[Line, ...]
    currency: str | None


@dataclass(frozen=True, slots=True)
class Order:
    """One order as its pseudonym's events tell it; none yet while `completed_at` is None."""

    shopper_id: str
    order: str
    status: str = COMPLETED
    completed_at: int | None = None
    content_at: int | None = None
    currency: str | None = None
    total_minor: int = 0
    lines: tuple[Line, ...] = ()
    coupons: tuple[str, ...] = ()
    country: str | None = None
    refunds: tuple[Refund, ...] = ()

    @property
    def refunded_minor(self) -> int:
        """What was given back: at most the order."""
        return min(self.total_minor, sum(self._value(refund) for refund in self.refunds))

    @property
    def net_minor(self) -> int:
        """What the order is worth after its refunds."""
        return self.total_minor - self.refunded_minor

    @property
    def net_quantity(self) -> Number:
        """The units that were not refunded by naming them (or by refunding everything)."""
        left: dict[str, Number] = {}
        for line in self.lines:
            left[line.sku] = left.get(line.sku, 0) + line.quantity
        for refund in self.refunds:
            if refund.total_minor is None and not refund.lines:
                return 0
            for line in refund.lines:
                left[line.sku] = max(0, left.get(line.sku, 0) - line.quantity)
        return sum(left.values())

    def _value(self, refund: Refund) -> int:
        if refund.currency is not None and refund.currency != self.currency:
            return 0
        if refund.total_minor is not None:
            return refund.total_minor
        if not refund.lines:
            return self.total_minor
        prices = {line.sku: line.price_minor for line in self.lines}
        worth = 0
        for line in refund.lines:
            price = line.price_minor if line.price_minor is not None else prices.get(line.sku)
            worth += int((price or 0) * line.quantity + _HALF)  # rounded half up
        return worth


def fold(order: Order | None, event: RecordedEvent) -> Order | None:
    """The order after one event of it; unchanged by one that only a client claims, or of others
    than TOPICS."""
    data = event.data
    if event.topic not in TOPICS or data.get("trust") != "server" or event.shopper_id is None:
        return order
    if order is None:
        order = Order(event.shopper_id, data["order"])
    if event.topic == "OrderRefunded":
        refund = Refund(data.get("total_minor"), _lines(data), data.get("currency"))
        return replace(order, refunds=(*order.refunds, refund))
    if event.topic == "OrderCancelled":
        return replace(order, status=CANCELLED)
    completed_at = order.completed_at
    if event.topic == "OrderCompleted":
        at = event.occurred_at
        completed_at = at if completed_at is None else min(completed_at, at)
    if order.content_at is None or event.occurred_at >= order.content_at:
        return _with_content(order, event, completed_at)
    return replace(order, completed_at=completed_at)


def of_person(orders: Iterable[Order]) -> list[Order]:
    """The orders that exist among those of a person's pseudonyms, oldest first.

    An order told under two pseudonyms at the same instant, before its owner was known, counts once.
    """
    first: dict[str, Order] = {}
    for order in sorted(orders, key=lambda o: (o.completed_at or 0, o.order, o.shopper_id)):
        if order.completed_at is not None:
            first.setdefault(order.order, order)
    return list(first.values())


def scopes(order: Order, currency: str) -> list[Scope]:
    """What `where` of an orders condition is evaluated on: an order matches if any of these does.

    One scope for each coupon. The total is there only if it is in the asked currency.
    """
    scope: Scope = {"order.status": order.status}
    if order.currency is not None:
        scope["order.currency"] = order.currency
    if order.currency == currency:
        scope["order.total"] = order.net_minor
    if order.country:
        scope["order.country"] = order.country
    skus = frozenset(line.sku for line in order.lines)
    if skus:
        scope["order.skus"] = skus
    categories = with_ancestors(path for line in order.lines for path in line.categories)
    if categories:
        scope["order.categories"] = categories
    return [{**scope, "order.coupon": coupon} for coupon in order.coupons] or [scope]


def _with_content(order: Order, event: RecordedEvent, completed_at: int | None) -> Order:
    data = event.data
    return Order(
        order.shopper_id,
        order.order,
        order.status,
        completed_at,
        event.occurred_at,
        data.get("currency"),
        data.get("total_minor") or 0,
        _lines(data),
        tuple(data.get("coupons") or ()),
        data.get("country"),
        order.refunds,
    )


def _lines(data: dict[str, Any]) -> tuple[Line, ...]:
    return tuple(
        [
            Line(
                product["sku"],
                product.get("quantity", 1),
                product.get("price_minor"),
                tuple(product.get("categories") or ()),
            )
            for product in data.get("products") or ()
        ]
    )

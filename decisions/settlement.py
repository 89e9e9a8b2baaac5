"""Settlement: what an order's own trusted events say of coupons counts, if the shop did not redeem.

Each event is looked at once its time of grace is over, in the order of the log, against the order
as its events up to there tell it. What is done stands in the order's stream of redemptions with the
event's position (`by`), so that looking at an event again changes nothing, whoever died meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from typing import Any

from aggregates import redemption
from aggregates.kernel.clock import SECOND
from aggregates.kernel.errors import DuplicateEvent
from aggregates.kernel.errors import LimitReached
from aggregates.kernel.errors import Unavailable
from aggregates.kernel.errors import VersionConflict
from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.ids import SiteId
from aggregates.kernel.ids import redemption_id
from aggregates.log import Append
from aggregates.log import Counter
from aggregates.log import NewEvent
from aggregates.log import RecordedEvent
from decisions.acts import attempts
from decisions.anew import anew
from decisions.counting import in_place_of
from decisions.means import Means
from decisions.order import Order
from decisions.order import order_by_key
from decisions.reservations import back
from decisions.reservations import release_expired
from decisions.told_codes import ToldCodes
from decisions.told_codes import told_codes
from projections import orders
from projections.order_events import OrderEvent
from rulesets.cart_rules import coupon_key

GRACE_S = 600
"""Checkouts redeem within seconds, their retries within minutes: this long the shop goes first."""
HISTORY_S = 7 * 86_400
"""What is told later than that is history that is imported, not an order whose message was late."""

BUSY = "busy_order"
_MANY = "this order is changed by several at once"


@dataclass(frozen=True, slots=True)
class Acted:
    """What became of an event: `settled`, `cancelled`, `refunded` or `edited`."""

    what: str
    over_limit: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """An order by its events up to the one that is looked at, which is `events[-1]`."""

    events: Sequence[RecordedEvent]
    order: orders.Order

    @property
    def last(self) -> RecordedEvent:
        """The event that is looked at."""
        return self.events[-1]

    @property
    def counts(self) -> bool:
        """Whether its coupons may be used by it."""
        return self.order.completed_at is not None and self.order.status == orders.COMPLETED

    @property
    def is_history(self) -> bool:
        """Whether it was told long after it happened."""
        return self.last.recorded_at - self.last.occurred_at > HISTORY_S * SECOND


@anew
def settle(means: Means, site: SiteId, history: Sequence[OrderEvent]) -> Acted | None:
    """Acts on the last of an order's trusted events; None if there is nothing to do."""
    event = history[-1]
    for _ in attempts():
        order = order_by_key(means, site, event.order)
        if event.position <= order.uses.settled_upto:
            return None
        try:
            if event.topic == "OrderCancelled":
                return _cancel(means, order, event.position)
            if event.topic == "OrderRefunded":
                return _refund(means, order, history)
            return _content(means, order, history)
        except (DuplicateEvent, VersionConflict):
            continue
    raise Unavailable(BUSY, _MANY)


def _cancel(means: Means, order: Order, by: int) -> Acted | None:
    """Gives back what the order held when it was cancelled; what it redeems later stays."""
    if order.uses.redemption is None or order.uses.since >= by:
        return None
    data = {**order.uses.release(redemption.CANCELLED), "by": by}
    event = order.next(redemption.RELEASED, data)
    _append(means, order, (event,), back(order.uses.moves))
    return Acted("cancelled")


def _refund(means: Means, order: Order, history: Sequence[OrderEvent]) -> Acted | None:
    """Refunds of the redemption's currency, in all and at most its total."""
    held, since = order.uses.redemption, order.uses.since
    if held is None or since >= history[-1].position:
        return None
    told = _told(means, order.site, [one for one in history if _is_told(one, since)])
    worth = replace(told.order, currency=held["currency"], total_minor=held["total_minor"])
    if worth.refunded_minor == order.uses.told_minor:
        return None
    data = order.uses.reduction(told_minor=worth.refunded_minor)
    event = order.next(redemption.REDUCED, {**data, "by": history[-1].position})
    _append(means, order, (event,), in_place_of({}, _counters(data["moves"])))
    return Acted("refunded")


def _is_told(event: OrderEvent, since: int) -> bool:
    return event.topic != "OrderRefunded" or event.position > since


def _content(means: Means, order: Order, history: Sequence[OrderEvent]) -> Acted | None:
    """Settles the coupons of a new or edited order. An order that the shop redeems it redeems anew
    itself when it is edited."""
    uses = order.uses
    if uses.is_the_shops or not (uses.version or any(one.has_coupons for one in history)):
        return None
    told = _told(means, order.site, history)
    before = uses.redemption["coupons"] if uses.redemption is not None else []
    keys = {coupon_key(code) for code in told.order.coupons}
    if not told.counts or keys == {coupon_key(code) for code in before}:
        return None
    if told.is_history and uses.redemption is None:
        return None
    over: tuple[NewEvent, ...] = ()
    if uses.redemption is not None:
        data = {**uses.release(redemption.EDITED), "by": told.last.position}
        over = (order.next(redemption.RELEASED, data),)
    if not keys:
        _append(means, order, over, back(uses.moves))
        return Acted("edited")
    codes = told_codes(means, order.site, told.order, _customer(means, order.site, told.events))
    exceeded = _take(means, order, over, told, codes)
    return Acted("edited" if over else "settled", over_limit=exceeded)


def _take(
    means: Means, order: Order, over: tuple[NewEvent, ...], told: Told, codes: ToldCodes
) -> bool:
    """Takes the uses, and those of a limit that is reached without it: the order was made, and what
    it used is used. Whether any was."""
    exceeded: dict[str, LimitReached] = {}
    while True:
        data = _settled(means, order, told, codes, exceeded)
        event = order.next(redemption.SETTLED, data, after=len(over))
        event = replace(event, occurred_at=told.last.occurred_at)
        counters = in_place_of(order.uses.moves, codes.without(exceeded))
        try:
            _append(means, order, (*over, event), counters)
        except LimitReached as reached:
            if release_expired(means, order.site):
                continue
            counter = reached.data["counter"]
            if counter in exceeded or "used" not in reached.data:
                raise
            exceeded[counter] = reached
        else:
            return bool(exceeded)


def _settled(
    means: Means, order: Order, told: Told, codes: ToldCodes, exceeded: dict[str, LimitReached]
) -> dict[str, Any]:
    now = means.clock.now()
    return {
        "redemption_id": redemption_id(now, means.random.bits(80)),
        "order": order.key,
        "currency": codes.currency,
        "coupons": list(told.order.coupons),
        "unknown": list(codes.unknown),
        "uses": [use.to_json() for use in codes.uses],
        "moves": codes.moves,
        "holds": codes.moves,
        "spent": {},  # what the coupons took off the price the order does not say
        "total_minor": told.order.total_minor,
        "customer": codes.customer,
        "over_limit": [codes.told_over(reached) for reached in exceeded.values()],
        "by": told.last.position,
    }


def _told(means: Means, site: SiteId, history: Sequence[OrderEvent]) -> Told:
    events = []
    order = None
    for one in history:
        event = means.log.read_position(site, one.position, unseal=True)
        assert event is not None
        events.append(event)
        named = replace(event, shopper_id=event.shopper_id or Pseudonym("nobody"))
        order = orders.fold(order, named)
    assert order is not None
    return Told(events, order)


def _customer(means: Means, site: SiteId, events: Sequence[RecordedEvent]) -> Pseudonym | None:
    """The customer whose order it is: the first that its events name, as with its owner."""
    for event in events:
        if event.data.get("user_id") is not None:
            return means.pseudonyms.find(site, "customer", event.data["user_id"])
    return None


def _append(
    means: Means, order: Order, events: tuple[NewEvent, ...], counters: tuple[Counter, ...]
) -> None:
    expect = {order.stream: order.uses.version}
    means.log.append(Append(order.site, events, expect, counters, refuse_duplicates=True))


def _counters(moves: dict[str, int]) -> tuple[Counter, ...]:
    return tuple(Counter(key, by) for key, by in sorted(moves.items()))

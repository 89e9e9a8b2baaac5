"""Redeeming a decision for an order, and giving back: all of it or nothing, never over a limit.

Each act is one unit of the log: its events and the counters that they move, judged under the
site's lock. Whoever comes second finds the stream's version moved, looks again and answers what is
so then.
"""

from __future__ import annotations

from dataclasses import replace

from aggregates import redemption
from aggregates.kernel.clock import format_moment
from aggregates.kernel.errors import Conflict
from aggregates.kernel.errors import DuplicateEvent
from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import InvalidValue
from aggregates.kernel.errors import LimitReached
from aggregates.kernel.errors import NotFound
from aggregates.kernel.errors import Problem
from aggregates.kernel.errors import Unavailable
from aggregates.kernel.errors import VersionConflict
from aggregates.kernel.ids import SiteId
from aggregates.kernel.ids import redemption_id
from aggregates.kernel.money import format_money
from aggregates.kernel.money import parse_money
from aggregates.log import Append
from aggregates.log import Counter
from aggregates.log import IdempotencyRow
from aggregates.log import NewEvent
from decisions.acts import Answered
from decisions.acts import Json
from decisions.acts import Once
from decisions.acts import attempts
from decisions.acts import told_uses
from decisions.anew import anew
from decisions.budgets import note_thresholds
from decisions.claims import Claim
from decisions.claims import claim
from decisions.counting import in_place_of
from decisions.fresh import refusal
from decisions.means import Means
from decisions.order import Order
from decisions.order import order_of
from decisions.reservations import release_expired
from decisions.reservations import reservation


@anew
def redeem(
    means: Means, site: SiteId, asked: Json, once: Once, *, edited: bool = False
) -> Answered:
    """One use of every applied rule that has a limit or a coupon, for one order; if it was `edited`
    in exchange for what it holds, which it keeps if this is refused.

    The same order and decision get the first answer again. Conflict `order_already_redeemed`,
    `limit_reached`, `decision_too_old`, `rule_not_live`, with a fresh decision of the same cart.
    """
    order_id, decision_id = asked["order_id"], asked["decision_id"]
    for _ in attempts():
        order = order_of(means, site, order_id)
        if order.is_redeemed and (again := _again(means, order, decision_id, edited=edited)):
            return again
        now = {name: asked[name] for name in ("shopper",) if name in asked}
        if order.uses.redemption is not None:
            now["replaces_order"] = order_id
        try:
            found = claim(means, site, decision_id, asked.get("shopper"))
            _refuse_another(found, order_id)
            answered = _redeem(means, order, found, once)
        except (VersionConflict, DuplicateEvent):
            continue
        except LimitReached as reached:
            if not release_expired(means, site):
                named = found.refusal(reached)
                raise refusal(means, site, decision_id, named, now) from reached
        except Conflict as conflict:
            raise refusal(means, site, decision_id, conflict, now) from conflict
        else:
            note_thresholds(means, site, found.budgeted)
            return answered
    raise Unavailable("busy_order", "this order is redeemed by several at once")


def release(means: Means, site: SiteId, order_id: str, once: Once) -> Answered:
    """Gives back all that an order still holds, as when it is cancelled; the same again after."""
    for _ in attempts():
        order = order_of(means, site, order_id)
        redeemed = order.uses.redemption
        if redeemed is None:
            if order.uses.given_back is None:
                raise NotFound("redemption_unknown", "nothing was redeemed for this order")
            body = _given_back(order_id, order.uses.given_back)
            return Answered(200, body, means.log.head(site).position)
        data = order.uses.release(redemption.BY_SHOP)
        body = _given_back(order_id, data)
        event = order.next(redemption.RELEASED, data)
        position = _append(means, site, [event], data["moves"], once(200, body))
        if position is not None:
            return Answered(200, body, position)
    raise Unavailable("busy_order", "this order is changed by several at once")


def reduce(means: Means, site: SiteId, order_id: str, amount: str, once: Once) -> Answered:
    """A partial refund: budgets of money get their share back, uses stay used."""
    for _ in attempts():
        order = order_of(means, site, order_id)
        redeemed = order.uses.redemption
        if redeemed is None:
            raise NotFound("redemption_unknown", "nothing is redeemed for this order")
        currency = redeemed["currency"]
        data = _reduction(order, _refund(amount, currency))
        moves = data["moves"]
        body = {
            "order_id": order_id,
            "redemption_id": redeemed["redemption_id"],
            "refunded": format_money(data["refunded_minor"], currency),
            "given_back": format_money(-sum(moves.values()), currency),
        }
        event = order.next(redemption.REDUCED, data)
        position = _append(means, site, [event], moves, once(200, body))
        if position is not None:
            return Answered(200, body, position)
    raise Unavailable("busy_order", "this order is changed by several at once")


def _refund(amount: str, currency: str) -> int:
    try:
        minor = parse_money(amount, currency)
        if not minor:
            raise InvalidValue("nothing_refunded", "more than nothing is refunded")
    except InvalidValue as error:
        raise InvalidInput([error.at("/amount")]) from None
    return minor


def _reduction(order: Order, called_minor: int) -> Json:
    try:
        return order.uses.reduction(called_minor=called_minor)
    except InvalidValue as error:
        raise InvalidInput([error.at("/amount")]) from None


def _redeem(means: Means, order: Order, found: Claim, once: Once) -> Answered:
    now = means.clock.now()
    held = reservation(means, order.site, found.record.decision_id)
    taken = held.taken_over(now, order.key)
    moved = in_place_of(taken.holds, found.counters)
    over: tuple[NewEvent, ...] = ()
    if order.uses.redemption is not None:  # the redemption takes the place of what it holds
        reason = redemption.EDITED if order.is_redeemed else redemption.REPLACED
        over = (order.next(redemption.RELEASED, order.uses.release(reason)),)
    data = {
        "redemption_id": redemption_id(now, means.random.bits(80)),
        "order": order.key,
        "decision_id": found.record.decision_id,
        "currency": found.currency,
        "uses": [use.to_json() for use in found.uses],
        "moves": {counter.key: counter.by for counter in moved},
        "holds": found.moves,
        "spent": found.spent,
        **found.amounts,
        "customer": found.customer,
        "order_id": order.id,
    }
    event = order.next(redemption.REDEEMED, data, after=len(over))
    event = replace(event, occurred_at=now, sealed_for=found.owner)
    status, body = 200 if order.is_redeemed else 201, _redeemed(data, order.id, now)
    unit = Append(
        order.site,
        (*taken.events, *over, event),
        {order.stream: order.uses.version, **taken.expect},
        (*taken.moves, *in_place_of(order.uses.moves, moved)),
        once(status, body),
        refuse_duplicates=True,
    )
    return Answered(status, body, means.log.append(unit).log_position)


def _refuse_another(found: Claim, order_id: str) -> None:
    """A decision that left out what one order holds is that order's alone."""
    if found.replaces_order not in {None, order_id}:
        detail = "the decision replaces another order"
        raise InvalidInput([Problem("/decision_id", "replaces_another_order", detail)])


def _again(means: Means, order: Order, decision_id: str, *, edited: bool) -> Answered | None:
    """The first answer; None if it is `edited` by another decision now."""
    redeemed = order.uses.redemption
    assert redeemed is not None
    if redeemed["decision_id"] != decision_id:
        if edited:
            return None
        detail = "the order was redeemed by another decision"
        by = {name: redeemed[name] for name in ("decision_id", "redemption_id")}
        raise Conflict("order_already_redeemed", detail, **by)
    body = _redeemed(redeemed, order.id, order.uses.redeemed_at)
    return Answered(200, body, means.log.head(order.site).position)


def _append(
    means: Means, site: SiteId, events: list[NewEvent], moves: Json, row: IdempotencyRow | None
) -> int | None:
    """The position of a unit that gives back; None if the order moved on meanwhile."""
    counters = tuple(Counter(key, by) for key, by in sorted(moves.items()))
    unit = Append(site, tuple(events), {}, counters, row, refuse_duplicates=True)
    try:
        return means.log.append(unit).log_position
    except DuplicateEvent:
        return None


def _redeemed(data: Json, order_id: str, at: int) -> Json:
    return {
        "redemption_id": data["redemption_id"],
        "order_id": order_id,
        "decision_id": data["decision_id"],
        "uses": told_uses(data),
        "redeemed_at": format_moment(at),
    }


def _given_back(order_id: str, data: Json) -> Json:
    return {
        "order_id": order_id,
        "redemption_id": data["redemption_id"],
        "given_back": told_uses(data),
    }

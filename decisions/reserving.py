"""Reserving what a decision uses, and letting go."""

from __future__ import annotations

from aggregates import redemption
from aggregates.kernel.clock import SECOND
from aggregates.kernel.clock import format_moment
from aggregates.kernel.errors import Conflict
from aggregates.kernel.errors import DuplicateEvent
from aggregates.kernel.errors import LimitReached
from aggregates.kernel.errors import NotFound
from aggregates.kernel.errors import Unavailable
from aggregates.kernel.errors import VersionConflict
from aggregates.kernel.ids import SiteId
from aggregates.kernel.ids import decision_reserved
from aggregates.kernel.ids import reservation_of
from aggregates.log import Append
from aggregates.log import Counter
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
from decisions.order import order_of
from decisions.reservations import Held
from decisions.reservations import back
from decisions.reservations import release_expired
from decisions.reservations import release_one
from decisions.reservations import reservation


@anew
def reserve(means: Means, site: SiteId, decision_id: str, ttl_s: int, once: Once) -> Answered:
    """Holds the uses of a decision for so many seconds; an open reservation is answered again.

    Conflicts are those of redeeming, with a fresh decision of the same cart.
    """
    for _ in attempts():
        held = reservation(means, site, decision_id)
        if held.state.is_open(means.clock.now()):
            assert held.state.held is not None
            return Answered(200, _reserved(held.state.held), means.log.head(site).position)
        try:
            found = claim(means, site, decision_id)
            data, unit = _unit(means, held, found, ttl_s, once)
            position = means.log.append(unit).log_position
        except (VersionConflict, DuplicateEvent):
            continue
        except LimitReached as reached:
            if not release_expired(means, site):
                raise refusal(means, site, decision_id, found.refusal(reached)) from reached
        except Conflict as conflict:
            raise refusal(means, site, decision_id, conflict) from conflict
        else:
            note_thresholds(means, site, found.budgeted)
            return Answered(201, _reserved(data), position)
    raise Unavailable("busy_decision", "this decision is reserved by several at once")


def let_go(means: Means, site: SiteId, reservation_id: str, once: Once) -> Answered:
    """Releases a reservation; the same again after. One that was redeemed is `redeemed`, and its
    order keeps the uses. NotFound if there never was one."""
    body: Json = {"reservation_id": reservation_id, "status": "released"}
    for _ in attempts():
        held = reservation(means, site, decision_reserved(reservation_id))
        if held.state.version == 0:
            raise NotFound("reservation_unknown", "no reservation by that id")
        if held.state.held is None:
            status = "redeemed" if held.state.was_redeemed else "released"
            return Answered(200, {**body, "status": status}, means.log.head(site).position)
        position = release_one(means, held, "released", once(200, body))
        if position is not None:
            return Answered(200, body, position)
    raise Unavailable("busy_decision", "this decision is reserved by several at once")


def _unit(means: Means, held: Held, found: Claim, ttl_s: int, once: Once) -> tuple[Json, Append]:
    """What is reserved, and the unit that holds it. A reservation that is over gives its uses back
    in the same unit."""
    now, before = means.clock.now(), held.state.held
    over: tuple[NewEvent, ...] = ()
    moves: tuple[Counter, ...] = ()
    if before is not None:
        over, moves = (held.released("expired"),), back(before["moves"])
    counters = _more(means, held.site, found)
    data: Json = {
        "reservation_id": reservation_of(held.decision_id),
        "decision_id": held.decision_id,
        "uses": [use.to_json() for use in found.uses],
        "currency": found.currency,
        "moves": {counter.key: counter.by for counter in counters},
        "customer": found.customer,
        "expires_at": now + ttl_s * SECOND,
    }
    version = held.state.version + len(over) + 1
    event = NewEvent(held.stream, version, redemption.RESERVED, data, occurred_at=now)
    unit = Append(
        held.site,
        (*over, event),
        {held.stream: held.state.version},
        (*moves, *counters),
        once(201, _reserved(data)),
        refuse_duplicates=True,
    )
    return data, unit


def _more(means: Means, site: SiteId, found: Claim) -> tuple[Counter, ...]:
    """What it needs beyond that which the order holds that it replaces: when the order is redeemed
    by it, it brings that along."""
    if found.replaces_order is None:
        return found.counters
    held = order_of(means, site, found.replaces_order).uses.moves
    return tuple(counter for counter in in_place_of(held, found.counters) if counter.by > 0)


def _reserved(data: Json) -> Json:
    return {
        "reservation_id": data["reservation_id"],
        "decision_id": data["decision_id"],
        "expires_at": format_moment(data["expires_at"]),
        "uses": told_uses(data),
    }

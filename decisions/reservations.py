"""Reservations: a checkout holds what its decision uses, until it redeems, lets go, or is late."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from uuid import UUID

from aggregates import redemption
from aggregates.kernel.errors import DuplicateEvent
from aggregates.kernel.ids import SiteId
from aggregates.kernel.ids import stream_id
from aggregates.log import Append
from aggregates.log import Counter
from aggregates.log import IdempotencyRow
from aggregates.log import NewEvent
from aggregates.redemption import Moves
from aggregates.redemption import Reservation
from decisions.means import Means

RELEASED_AT_ONCE = 100
"""Expired reservations that one call lets go; the job goes on until none is left."""


@dataclass(frozen=True, slots=True)
class TakenOver:
    """What becomes of a reservation when its decision is redeemed. `holds`: what the order has of
    it from then on, so that these counters stay."""

    holds: Moves = field(default_factory=dict)
    events: tuple[NewEvent, ...] = ()
    moves: tuple[Counter, ...] = ()
    expect: dict[UUID, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Held:
    """The reservation of a decision, with its stream."""

    site: SiteId
    decision_id: str
    stream: UUID
    state: Reservation

    def taken_over(self, now: int, order: str) -> TakenOver:
        """By the redemption of an order. One that is over gives its uses back in the same unit, and
        the redemption asks for them like everybody else."""
        held = self.state.held
        if held is None:
            return TakenOver(expect=self._expect)
        if not self.state.is_open(now):
            over, moves = self.released("expired"), back(held["moves"])
            return TakenOver(events=(over,), moves=moves, expect=self._expect)
        data = {
            "reservation_id": held["reservation_id"],
            "decision_id": self.decision_id,
            "order": order,
            "moves": {},
        }
        event = NewEvent(self.stream, self._next, redemption.RESERVATION_REDEEMED, data)
        return TakenOver(held["moves"], (event,), expect=self._expect)

    def released(self, reason: str) -> NewEvent:
        """The event that lets it go."""
        held = self.state.held
        assert held is not None
        data = {
            "reservation_id": held["reservation_id"],
            "decision_id": self.decision_id,
            "moves": redemption.opposite(held["moves"]),
            "reason": reason,
        }
        return NewEvent(self.stream, self._next, redemption.RESERVATION_RELEASED, data)

    @property
    def _next(self) -> int:
        return self.state.version + 1

    @property
    def _expect(self) -> dict[UUID, int]:
        return {self.stream: self.state.version}


def reservation(means: Means, site: SiteId, decision_id: str) -> Held:
    """The reservation of a decision as it is now."""
    stream = stream_id(site, "reservation", decision_id)
    state = Reservation.restored(means.log.read_stream(site, stream))
    return Held(site, decision_id, stream, state)


def release_one(
    means: Means, held: Held, reason: str, once: IdempotencyRow | None = None
) -> int | None:
    """Lets it go; the log position after, None if somebody was faster."""
    before = held.state.held
    assert before is not None
    unit = Append(
        held.site,
        (held.released(reason),),
        move=back(before["moves"]),
        once=once,
        refuse_duplicates=True,
    )
    try:
        return means.log.append(unit).log_position
    except DuplicateEvent:
        return None


def release_expired(means: Means, site: SiteId, most: int = RELEASED_AT_ONCE) -> int:
    """Lets go the reservations whose time is over; how many this call did."""
    now = means.clock.now()
    done = 0
    for decision_id in means.reads.expired_reservations(site, now, most):
        held = reservation(means, site, decision_id)
        if held.state.held is not None and not held.state.is_open(now):
            done += release_one(means, held, "expired") is not None
    return done


def back(moves: dict[str, int]) -> tuple[Counter, ...]:
    """What gives moves back."""
    return tuple(Counter(key, -by) for key, by in sorted(moves.items()))

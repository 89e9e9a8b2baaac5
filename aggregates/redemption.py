"""Redemptions: what an order used of the limits of rules and coupons, and what it gave back.

Two streams guard it. That of an order has one redemption at a time: redeemed, reduced by refunds,
released. That of a decision has one reservation at a time: reserved, then redeemed or released.
Every event carries `moves`, what it moves the counters by, so that the counters are a sum over the
log. State here is restored from the events of one stream; who appends expects its version, so that
of two who come at once one is told to look again.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from aggregates.kernel.errors import InvalidValue
from aggregates.log import RecordedEvent

RESERVED = "UsesReserved"
RESERVATION_REDEEMED = "ReservationRedeemed"
RESERVATION_RELEASED = "ReservationReleased"
REDEEMED = "OrderRedeemed"
REDUCED = "RedemptionReduced"
RELEASED = "RedemptionReleased"
TOPICS = frozenset(
    {RESERVED, RESERVATION_REDEEMED, RESERVATION_RELEASED, REDEEMED, REDUCED, RELEASED}
)

Moves = Mapping[str, int]
"""Counter -> by how much it moves."""


@dataclass(frozen=True, slots=True)
class Use:
    """One use: of a rule, by a coupon if it needed one, for so much discount."""

    rule_id: str
    coupon: str | None
    amount_minor: int

    def to_json(self) -> dict[str, Any]:
        """As recorded."""
        return {"rule_id": self.rule_id, "coupon": self.coupon, "amount_minor": self.amount_minor}


@dataclass(slots=True)
class OrderUses:
    """What one order has redeemed. `refunded_minor` of `total_minor` was paid back so far."""

    version: int = 0
    redemption: dict[str, Any] | None = None
    redeemed_at: int = 0
    refunded_minor: int = 0
    moves: dict[str, int] = field(default_factory=dict)
    """What the order still holds of each counter."""
    given_back: dict[str, Any] | None = None
    """The last release, for whoever asks for it again."""

    @classmethod
    def restored(cls, events: Iterable[RecordedEvent]) -> OrderUses:
        """From the events of the order's stream."""
        order = cls()
        for event in events:
            order.version = event.version
            if event.topic == REDEEMED:
                order.redemption, order.redeemed_at = event.data, event.occurred_at
                order.moves, order.refunded_minor = dict(event.data["holds"]), 0
            elif event.topic == REDUCED:
                order.refunded_minor = event.data["refunded_minor"]
                _apply(order.moves, event.data["moves"])
            elif event.topic == RELEASED:
                order.redemption, order.given_back, order.moves = None, event.data, {}
        return order

    def reduction(self, amount_minor: int) -> tuple[int, dict[str, int]]:
        """A partial refund: what is refunded in all then, and what goes back to money budgets.

        A budget gets back its share of what was paid back: `round_half_up(A x R / T)` in all after
        R of the total T, A the discount that it paid for. A use is not given back (FEATURES R11).
        """
        assert self.redemption is not None
        total, spent = self.redemption["total_minor"], self.redemption["spent"]
        refunded = self.refunded_minor + amount_minor
        if refunded > total:
            raise InvalidValue("over_refund", "more than the order's total would be refunded")
        moves = {
            key: _share(amount, self.refunded_minor, total) - _share(amount, refunded, total)
            for key, amount in spent.items()
        }
        return refunded, {key: by for key, by in moves.items() if by}


@dataclass(slots=True)
class Reservation:
    """The reservation of one decision, open or none."""

    version: int = 0
    held: dict[str, Any] | None = None

    @classmethod
    def restored(cls, events: Iterable[RecordedEvent]) -> Reservation:
        """From the events of the decision's stream of reservations."""
        reservation = cls()
        for event in events:
            reservation.version = event.version
            reservation.held = event.data if event.topic == RESERVED else None
        return reservation

    def is_open(self, at: int) -> bool:
        """Whether it holds its uses at that moment."""
        return self.held is not None and at < self.held["expires_at"]


def opposite(moves: Moves) -> dict[str, int]:
    """What takes moves back."""
    return {key: -by for key, by in moves.items()}


def _apply(held: dict[str, int], moves: Moves) -> None:
    for key, by in moves.items():
        held[key] = held.get(key, 0) + by


def _share(amount: int, refunded: int, total: int) -> int:
    return (2 * amount * refunded + total) // (2 * total) if total else 0

"""Redemptions: what an order used of the limits of rules and coupons, and what it gave back.

Two streams guard it. That of an order has one redemption at a time: redeemed by the shop, or
settled from the order's own events where the shop did not; then reduced by refunds, released. That
of a decision has one reservation at a time: reserved, then redeemed or released.
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
SETTLED = "OrderSettled"
REDUCED = "RedemptionReduced"
RELEASED = "RedemptionReleased"
TOPICS = frozenset(
    {RESERVED, RESERVATION_REDEEMED, RESERVATION_RELEASED, REDEEMED, SETTLED, REDUCED, RELEASED}
)

BY_SHOP = "released"
"""Why it was released; then the others."""
CANCELLED = "cancelled"
EDITED = "edited"
REPLACED = "redeemed"

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
    """What one order has redeemed, or was settled with."""

    version: int = 0
    redemption: dict[str, Any] | None = None
    is_settled: bool = False
    """Whether what it holds was settled from its own events, without a decision."""
    redeemed_at: int = 0
    since: int = 0
    """The position that what it holds speaks of: a redemption's own, or a settled event's. What the
    order said up to there changes it no more."""
    called_minor: int = 0
    """What the shop called refunded, and below what the order's events told."""
    told_minor: int = 0
    moves: dict[str, int] = field(default_factory=dict)
    """What the order still holds of each counter."""
    given_back: dict[str, Any] | None = None
    """The last release, for whoever asks for it again."""
    is_the_shops: bool = False
    """Whether the shop redeemed or released it once: then its own events settle nothing."""
    settled_upto: int = 0
    """The position of the last event of the order that settlement acted on."""

    @classmethod
    def restored(cls, events: Iterable[RecordedEvent]) -> OrderUses:
        """From the events of the order's stream."""
        order = cls()
        for event in events:
            order.version = event.version
            order.settled_upto = max(order.settled_upto, event.data.get("by", 0))
            if event.topic in {REDEEMED, SETTLED}:
                order._hold(event)
            elif event.topic == REDUCED:
                order.called_minor = event.data["called_minor"]
                order.told_minor = event.data["told_minor"]
                _apply(order.moves, event.data["moves"])
            elif event.topic == RELEASED:
                order.redemption, order.given_back, order.moves = None, event.data, {}
                order.is_the_shops |= event.data["reason"] == BY_SHOP
        return order

    @property
    def refunded_minor(self) -> int:
        """What was paid back. A refund that is both called and told is one refund."""
        return max(self.called_minor, self.told_minor)

    def reduction(self, *, called_minor: int = 0, told_minor: int | None = None) -> dict[str, Any]:
        """A partial refund, as what the event says of it: one more that the shop calls, or all that
        the order's events told. `moves`: what goes back to money budgets.

        A budget gets back its share of what was paid back: `round_half_up(A x R / T)` in all after
        R of the total T, A the discount that it paid for. A use is not given back (FEATURES R11).
        """
        assert self.redemption is not None
        total, spent = self.redemption["total_minor"], self.redemption["spent"]
        called = self.called_minor + called_minor
        told = self.told_minor if told_minor is None else told_minor
        if called > total:
            raise InvalidValue("over_refund", "more than the order's total would be refunded")
        before, refunded = self.refunded_minor, max(called, told)
        moves = {
            key: _share(amount, before, total) - _share(amount, refunded, total)
            for key, amount in spent.items()
        }
        return {
            "redemption_id": self.redemption["redemption_id"],
            "order": self.redemption["order"],
            "refunded_minor": refunded,
            "called_minor": called,
            "told_minor": told,
            "moves": {key: by for key, by in moves.items() if by},
        }

    def release(self, reason: str) -> dict[str, Any]:
        """What the event says that gives back all that is held."""
        assert self.redemption is not None
        return {
            "redemption_id": self.redemption["redemption_id"],
            "order": self.redemption["order"],
            "uses": self.redemption["uses"],
            "currency": self.redemption["currency"],
            "moves": opposite(self.moves),
            "reason": reason,
        }

    def _hold(self, event: RecordedEvent) -> None:
        self.redemption, self.redeemed_at = event.data, event.occurred_at
        self.moves, self.called_minor, self.told_minor = dict(event.data["holds"]), 0, 0
        self.is_settled = event.topic == SETTLED
        self.since = event.data["by"] if self.is_settled else event.position
        self.is_the_shops |= not self.is_settled


@dataclass(slots=True)
class Reservation:
    """The reservation of one decision, open or none."""

    version: int = 0
    held: dict[str, Any] | None = None
    was_redeemed: bool = False
    """Whether the last one ended as a redemption, which holds its uses now."""

    @classmethod
    def restored(cls, events: Iterable[RecordedEvent]) -> Reservation:
        """From the events of the decision's stream of reservations."""
        reservation = cls()
        for event in events:
            reservation.version = event.version
            reservation.held = event.data if event.topic == RESERVED else None
            reservation.was_redeemed = event.topic == RESERVATION_REDEEMED
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

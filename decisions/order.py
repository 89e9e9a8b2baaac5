"""An order by its id, and what it holds of the limits of rules and coupons."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from aggregates.kernel.ids import SiteId
from aggregates.kernel.ids import stream_id
from aggregates.log import NewEvent
from aggregates.redemption import Moves
from aggregates.redemption import OrderUses
from decisions.acts import Json
from decisions.means import Means


@dataclass(frozen=True, slots=True)
class Order:
    """An order by its id, and what it holds. `key` stands for the id in what everybody may read."""

    site: SiteId
    id: str
    key: str
    uses: OrderUses

    @property
    def stream(self) -> UUID:
        """Of its redemptions."""
        return stream_id(self.site, "redemption", self.key)

    @property
    def is_redeemed(self) -> bool:
        """Whether it holds what the shop redeemed, not what its own events settled."""
        return self.uses.redemption is not None and not self.uses.is_settled

    def next(self, topic: str, data: Json, after: int = 0) -> NewEvent:
        """The next event of its stream, or one `after` others of the same unit."""
        return NewEvent(self.stream, self.uses.version + 1 + after, topic, data)


def order_of(means: Means, site: SiteId, order_id: str) -> Order:
    """An order as it is now."""
    return order_by_key(means, site, means.pseudonyms.digest(site, "order", order_id), order_id)


def order_by_key(means: Means, site: SiteId, key: str, order_id: str = "") -> Order:
    """The same by what stands for its id, as in its own events."""
    stream = stream_id(site, "redemption", key)
    return Order(site, order_id, key, OrderUses.restored(means.log.read_stream(site, stream)))


def held_at(means: Means, site: SiteId, order_id: str, position: int) -> Moves:
    """What an order held of each counter at a position of the log; nothing if it was unknown."""
    key = means.pseudonyms.digest(site, "order", order_id)
    stream = stream_id(site, "redemption", key)
    return OrderUses.restored(means.log.read_stream(site, stream, upto=position)).moves

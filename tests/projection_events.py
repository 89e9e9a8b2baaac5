"""Recorded events as the folds see them, and a log of them in memory."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from aggregates.kernel.clock import DAY
from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.ids import SiteId
from aggregates.log import Head
from aggregates.log import RecordedEvent

SITE = SiteId("shop")
ANNA = Pseudonym("a" * 32)
BEN = Pseudonym("b" * 32)
NOON = 20_000 * DAY + DAY // 2
"""Noon UTC of day 20,000."""


def recorded(
    topic: str,
    position: int,
    shopper: Pseudonym | None = ANNA,
    at: int = NOON,
    **data: Any,
) -> RecordedEvent:
    """One event, trusted unless it says otherwise."""
    data.setdefault("trust", "server")
    return RecordedEvent(SITE, position, UUID(int=position), 1, topic, shopper, at, at, data)


def viewed(position: int, sku: str, at: int = NOON, **data: Any) -> RecordedEvent:
    """A product page was looked at."""
    shopper = data.pop("shopper", ANNA)
    products = [{"sku": sku, **data.pop("product", {})}]
    given = {"kind": "track", "event": "Product Viewed", "products": products, **data}
    return recorded("InteractionRecorded", position, shopper, at, **given)


def ordered(position: int, order: str, total_minor: int, at: int = NOON, **data: Any) -> Any:
    """An order of one line of SKU `x` unless `products` says otherwise."""
    shopper = data.pop("shopper", ANNA)
    topic = data.pop("topic", "OrderCompleted")
    one = [{"sku": "x", "quantity": 1, "price_minor": total_minor}]
    given = {"order": order, "currency": "USD", "total_minor": total_minor, "products": one}
    return recorded(topic, position, shopper, at, **{**given, **data})


def refunded(position: int, order: str, **data: Any) -> RecordedEvent:
    """A refund: by `total_minor`, by `products`, else of everything."""
    shopper, at = data.pop("shopper", ANNA), data.pop("at", NOON)
    return recorded("OrderRefunded", position, shopper, at, order=order, **data)


def cancelled(position: int, order: str, **data: Any) -> RecordedEvent:
    """A cancellation."""
    shopper, at = data.pop("shopper", ANNA), data.pop("at", NOON)
    return recorded("OrderCancelled", position, shopper, at, order=order, **data)


def mixture(count: int) -> list[RecordedEvent]:
    """A mixture, some late, some repeated, of two shoppers."""
    events: list[RecordedEvent] = []
    for position in range(1, count + 1):
        shopper = (ANNA, BEN)[position % 2]
        at = NOON + (position * 7919 % 5_000) * DAY // 1_000
        match position % 6:
            case 0:
                events.append(ordered(position, f"o{position % 30}", position, at, shopper=shopper))
            case 1:
                traits = {"city": f"c{position % 5}"}
                events.append(recorded("ShopperIdentified", position, shopper, at, traits=traits))
            case 2:
                events.append(refunded(position, f"o{position % 30}", shopper=shopper, at=at))
            case 3 if position % 5 == 0:
                events.append(cancelled(position, f"o{position % 30}", shopper=shopper, at=at))
            case _:
                events.append(viewed(position, f"s{position % 7}", at, shopper=shopper))
    return events


class MemoryLog:
    """Those parts of the EventLog protocol that a follower uses, over a list."""

    def __init__(self, events: Iterable[RecordedEvent] = ()) -> None:
        self.events = list(events)

    def head(self, site: SiteId) -> Head:
        last = self.events[-1] if self.events else None
        return Head(last.position if last else 0, b"", last.recorded_at if last else 0)

    def read(
        self,
        site: SiteId,
        after: int,
        limit: int,
        *,
        upto: int | None = None,
        topics: Collection[str] | None = None,
        unseal: bool | Collection[str] = False,
    ) -> list[RecordedEvent]:
        stop = self.head(site).position if upto is None else upto
        found = self.events[after:stop]
        return [event for event in found if topics is None or event.topic in topics][:limit]

    def sites(self) -> Sequence[SiteId]:
        return [SITE]

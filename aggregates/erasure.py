"""Erasure: a person is forgotten, by an event that says which pseudonyms mean nothing any more.

From its position on no event may be of one of them, and everything that was folded of them goes.
Their keys are destroyed after it; the event itself holds no personal data and stays.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.ids import SiteId
from aggregates.kernel.ids import stream_id
from aggregates.log import NewEvent
from aggregates.log import RecordedEvent

ERASED = "ShopperErased"
TOPICS = frozenset({ERASED})
OWNER_ERASED = Pseudonym("")
"""Stands in the place of an order's owner who was forgotten: what comes of the order later is
counted, and names and says nothing more."""


def erasures(site: SiteId) -> UUID:
    """The stream of a site's erasures: of two at once, one looks again."""
    return stream_id(site, "erasures", "")


def erased(
    site: SiteId,
    number: int,
    pseudonyms: Iterable[Pseudonym],
    followed_to: int,
    why: tuple[str, str],
) -> NewEvent:
    """The event of the erasure of that number; `why` is (actor, reason), a reason a code and never
    a sentence. Links were followed up to the position `followed_to`."""
    actor, reason = why
    data = {
        "pseudonyms": sorted(pseudonyms),
        "followed_to": followed_to,
        "actor": actor,
        "reason": reason,
    }
    return NewEvent(erasures(site), number, ERASED, data)


def names_erased(events: Iterable[RecordedEvent]) -> frozenset[Pseudonym]:
    """The pseudonyms that these events say are forgotten."""
    return frozenset(
        Pseudonym(name)
        for event in events
        if event.topic == ERASED
        for name in event.data["pseudonyms"]
    )

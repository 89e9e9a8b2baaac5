"""The events of a person out of the log, however many they are: memory holds positions and a page.

Positions come from the index of (site, shopper, position) alone, so what others did costs nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from itertools import islice

from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.ids import SiteId
from aggregates.kernel.ids import stream_id
from aggregates.log import EventLog
from aggregates.log import RecordedEvent
from decisions.means import Means
from decisions.persons import Person

PAGE_EVENTS = 500
_POSITIONS_AT_ONCE = 100_000


def positions(
    log: EventLog, site: SiteId, shoppers: Sequence[Pseudonym], after: int, upto: int
) -> Iterator[int]:
    """Where the events of these pseudonyms stand, in order."""
    while True:
        found = log.positions_of(site, shoppers, after, _POSITIONS_AT_ONCE, upto=upto)
        yield from found
        if len(found) < _POSITIONS_AT_ONCE:
            return
        after = found[-1]


def read(
    log: EventLog,
    site: SiteId,
    wanted: Iterable[int],
    *,
    topics: Collection[str] | None = None,
    unseal: bool | Collection[str] = False,
    first: int = PAGE_EVENTS,
) -> Iterator[RecordedEvent]:
    """The events at positions, page by page; `first`: as many as the first page has at most."""
    iterator, size = iter(wanted), first
    while page := list(islice(iterator, size)):
        yield from log.read_at(site, page, topics=topics, unseal=unseal)
        size = PAGE_EVENTS


def link_events(means: Means, site: SiteId, person: Person, upto: int) -> list[RecordedEvent]:
    """What joined a pseudonym of the person to another, or parted them, in order."""
    names = set(person.pseudonyms)
    streams = names.union(means.reads.ever_linked(site, person.id))
    found = [
        event
        for anonymous in sorted(streams)
        for event in means.log.read_stream(site, stream_id(site, "link", anonymous), upto=upto)
        if names & {event.data["anonymous"], event.data["customer"]}
    ]
    return sorted(found, key=lambda event: event.position)

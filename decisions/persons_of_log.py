"""What persons did up to a position, as their events tell it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.ids import SiteId
from aggregates.log import EventLog
from aggregates.log import RecordedEvent
from decisions.shopper import TOPICS
from projections.profiles import UNSEALS

EVENTS_MAX = 20_000
"""Events of all persons that are kept: some ten megabytes, whatever the length of the range."""


@dataclass(slots=True)
class _Read:
    events: list[RecordedEvent]
    upto: int


class PersonsOfLog:
    """A shopper decides again and again while shopping: only what came since is read then."""

    def __init__(self, log: EventLog, site: SiteId) -> None:
        self._log = log
        self._site = site
        self._kept: OrderedDict[tuple[tuple[Pseudonym, ...], bool], _Read] = OrderedDict()
        self._count = 0

    def events(
        self, person: Sequence[Pseudonym], position: int, *, unseal: bool
    ) -> Sequence[RecordedEvent]:
        """All events of these pseudonyms up to a position, in order; with traits if unsealed."""
        key = (tuple(person), unseal)
        kept = self._kept.pop(key, None) or _Read([], 0)
        if kept.upto < position:
            new = self._log.read_shopper(
                self._site,
                person,
                kept.upto,
                upto=position,
                topics=TOPICS,
                unseal=UNSEALS if unseal else False,
            )
            kept.events += new
            kept.upto = position
            self._count += len(new)
        self._kept[key] = kept
        while self._count > EVENTS_MAX and len(self._kept) > 1:
            self._count -= len(self._kept.popitem(last=False)[1].events)
        if kept.upto == position:
            return kept.events
        return [event for event in kept.events if event.position <= position]

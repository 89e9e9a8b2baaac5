"""Who was joined to whom at a log position, told by the link events alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.ids import SiteId
from aggregates.log import EventLog
from aggregates.log import RecordedEvent

TOPICS = frozenset({"IdentitiesLinked", "IdentitiesUnlinked"})
_PAGE = 5_000


@dataclass(slots=True)
class _Link:
    """One link of an anonymous pseudonym; open while `until` is None."""

    anonymous: Pseudonym
    customer: Pseudonym
    trusted: bool
    since: int
    until: int | None = None

    def open_at(self, position: int) -> bool:
        """Whether it joined the two at that position."""
        return (
            self.trusted
            and self.since <= position
            and (self.until is None or self.until > position)
        )


class LinksOfLog:
    """Reads a site's link events once, as far as it is asked for; many replays share it."""

    def __init__(self, log: EventLog, site: SiteId) -> None:
        self._log = log
        self._site = site
        self._read_upto = 0
        self._by_anonymous: dict[str, list[_Link]] = defaultdict(list)
        self._by_customer: dict[str, list[_Link]] = defaultdict(list)

    def person(self, pseudonym: Pseudonym, position: int) -> frozenset[Pseudonym]:
        """The pseudonym, its customer, and all that is joined to that customer."""
        self._read(position)
        up = [link.customer for link in self._by_anonymous[pseudonym] if link.open_at(position)]
        customer = up[0] if up else pseudonym
        down = _anonymous(self._by_customer[customer], position)
        return frozenset({pseudonym, customer, *down})

    def _read(self, position: int) -> None:
        while self._read_upto < position:
            page = self._log.read(self._site, self._read_upto, _PAGE, upto=position, topics=TOPICS)
            for event in page:
                self._fold(event)
            full = len(page) == _PAGE
            self._read_upto = page[-1].position if full else position

    def _fold(self, event: RecordedEvent) -> None:
        anonymous = Pseudonym(event.data["anonymous"])
        for link in self._by_anonymous[anonymous]:
            if link.until is None:
                link.until = event.position
        if event.topic == "IdentitiesLinked":
            customer = Pseudonym(event.data["customer"])
            trusted = event.data["trust"] == "server"
            link = _Link(anonymous, customer, trusted, event.position)
            self._by_anonymous[anonymous].append(link)
            self._by_customer[customer].append(link)


def _anonymous(links: Iterable[_Link], position: int) -> list[Pseudonym]:
    return [link.anonymous for link in links if link.open_at(position)]

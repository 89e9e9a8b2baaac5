"""The timeline of a person: every event and every decision, in the order of the log.

An event names its shopper. A decision does not, nor do its reservation and its redemption: they are
found by the decision index, so a timeline ends where that index has come to. However long it is,
memory holds positions and one page.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import merge
from itertools import groupby
from typing import Any

from aggregates import redemption
from aggregates.kernel.clock import format_moment
from aggregates.kernel.ids import SiteId
from aggregates.log import RecordedEvent
from decisions import links
from decisions import person_events
from decisions.explain import readable
from decisions.means import Means
from decisions.person_events import PAGE_EVENTS
from decisions.person_events import link_events
from decisions.persons import Person
from decisions.turns import TOPIC as TURNED
from projections.activity import ORDER_EVENTS

Json = dict[str, Any]
DECIDED = "DecisionRecorded"
_RESERVATIONS = frozenset(
    {redemption.RESERVED, redemption.RESERVATION_REDEEMED, redemption.RESERVATION_RELEASED}
)
KINDS: dict[str, frozenset[str]] = {
    "interaction": frozenset({"InteractionRecorded"}),
    "profile": frozenset({"ShopperIdentified", "ShopperGrouped"}),
    "order": frozenset(ORDER_EVENTS),
    "link": links.TOPICS,
    "decision": frozenset({DECIDED}),
    "turn": frozenset({TURNED}),
    "reservation": _RESERVATIONS,
    "redemption": redemption.TOPICS - _RESERVATIONS,
}
"""What an item is, by the topics of its event."""
OTHER = "other"
_KIND_OF = {topic: kind for kind, topics in KINDS.items() for topic in topics}
_OF_DECISION = ("decision_id", "kind", "revision", "decided_at", "engine", "outcome", "request")
_MENTIONS_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which items: all that is given must hold. Moments are those of occurring, the last excluded.

    `event` is the name of an event; `decision_kind` is cart, content, category, recommendations.
    """

    kind: str | None = None
    event: str | None = None
    decision_kind: str | None = None
    from_at: int | None = None
    to_at: int | None = None

    @property
    def topics(self) -> frozenset[str] | None:
        """The topics that can hold; None for all."""
        if self.decision_kind is not None:
            return KINDS["decision"] & KINDS.get(self.kind or "decision", frozenset())
        return None if self.kind is None else KINDS[self.kind]

    def holds(self, event: RecordedEvent) -> bool:
        """Whether an event of these topics is one of them."""
        return (
            (self.event is None or self.event == event_name(event))
            and (self.decision_kind is None or self.decision_kind == event.data.get("kind"))
            and (self.from_at is None or event.occurred_at >= self.from_at)
            and (self.to_at is None or event.occurred_at < self.to_at)
        )


@dataclass(frozen=True, slots=True)
class Span:
    """Positions > after and <= upto; `first`: as many as are read at first, before whole pages."""

    after: int
    upto: int
    first: int = PAGE_EVENTS


def timeline(
    means: Means, site: SiteId, person: Person, wanted: Wanted, span: Span
) -> Iterator[RecordedEvent]:
    """The person's events of that span, in order."""
    log, after, upto = means.log, span.after, span.upto
    sources = (
        person_events.positions(log, site, person.pseudonyms, after, upto),
        _mentioned(means, site, person, span),
        _of_uses_and_links(means, site, person, span),
    )
    where = (position for position, _ in groupby(merge(*sources)))
    events = person_events.read(
        log, site, where, topics=wanted.topics, unseal=True, first=span.first
    )
    return (event for event in events if wanted.holds(event))


def event_name(event: RecordedEvent) -> str | None:
    """The name that a shop knows an event by; None for what the service itself wrote."""
    if event.topic in ORDER_EVENTS:
        return ORDER_EVENTS[event.topic]
    name: str | None = event.data.get("event")
    return name


def item(event: RecordedEvent) -> Json:
    """An event as an auditor reads it. Of a decision what it was asked and what came out; the rest
    stands in its record. `erased`: its sealed part cannot be read any more."""
    data = event.data
    if event.topic == DECIDED:
        data = {name: data[name] for name in _OF_DECISION if name in data}
        data["decided_at"] = format_moment(data["decided_at"])
    return {
        "log_position": event.position,
        "kind": _KIND_OF.get(event.topic, OTHER),
        "topic": event.topic,
        "event": event_name(event),
        "occurred_at": format_moment(event.occurred_at),
        "recorded_at": format_moment(event.recorded_at),
        "shopper": event.shopper_id,
        "erased": event.erased,
        "data": readable(data),
    }


def _mentioned(means: Means, site: SiteId, person: Person, span: Span) -> Iterator[int]:
    """Decisions for the person, turns that they took, uses that name the customer."""
    mentions, after = means.reads.mentions, span.after
    while True:
        found = mentions.of_person(site, person.pseudonyms, after, span.upto, _MENTIONS_AT_ONCE)
        yield from found
        if len(found) < _MENTIONS_AT_ONCE:
            return
        after = found[-1]


def _of_uses_and_links(means: Means, site: SiteId, person: Person, span: Span) -> Iterable[int]:
    """What became of the uses of the person's decisions and orders, and their links: few, and only
    to be found all at once."""
    mentions, upto = means.reads.mentions, span.upto
    found = mentions.of_decisions(site, person.pseudonyms, upto)
    found |= mentions.uses_of(site, person.pseudonyms, upto)
    orders, decided = mentions.orders(site, person.pseudonyms), set[str]()
    for event in person_events.read(means.log, site, sorted(found), topics=redemption.TOPICS):
        orders.update(name for name in [event.data.get("order")] if name)
        decided.update(name for name in [event.data.get("decision_id")] if name)
    found |= mentions.decided(site, decided, upto)  # also carts of nobody, redeemed for the person
    found |= mentions.of_orders(site, orders, upto)
    found |= {event.position for event in link_events(means, site, person, upto)}
    return sorted(position for position in found if position > span.after)

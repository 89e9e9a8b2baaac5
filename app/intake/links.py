"""Links: identify and alias say that an anonymous id is a customer's.

An anonymous id has at most one current customer. Another customer closes the former link at the
moment of the message that says so; a message older than the current link changes nothing; what a
client linked, a server confirms by linking again. Whatever is linked, a link that only a client
made joins nothing to a known profile (projections/identities.py).

Every change expects the link's stream at the version that was read, so two processes never both
link: the second one's unit is refused, and it reads again.
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from uuid import UUID

from sqlalchemy import Connection
from sqlalchemy import func
from sqlalchemy import select

from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.ids import SiteId
from aggregates.kernel.ids import stream_id
from aggregates.log import NewEvent
from app.eventlog.tables import event_keys
from projections.identities import SERVER
from projections.identities import identity_links


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one message wants linked; `message` is its stream, `at` its moment."""

    message: UUID
    anonymous: Pseudonym
    customer: Pseudonym
    trust: str
    at: int
    occurred_at: int | None


@dataclass(slots=True)
class LinkChanges:
    """The events after each message, by its place in `wanted`, and what they expect."""

    events: dict[int, list[NewEvent]] = field(default_factory=dict)
    expect: dict[UUID, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Open:
    customer: str
    trust: str
    linked_at: int


def changes(connection: Connection, site: SiteId, wanted: Sequence[Wanted]) -> LinkChanges:
    """The link events that these messages cause, in their order."""
    links = _open_links(connection, site, {want.anonymous for want in wanted})
    streams = {
        want.anonymous: link_stream(site, want.anonymous)
        for want in wanted
        if _moves(links.get(want.anonymous), want)
    }
    if not streams:
        return LinkChanges()
    known = _versions(
        connection,
        site,
        [*streams.values(), *(want.message for want in wanted if want.anonymous in streams)],
    )
    seen: set[UUID] = set()
    found = LinkChanges()
    for index, want in enumerate(wanted):
        current = links.get(want.anonymous)
        if want.message in seen or want.message in known or not _moves(current, want):
            continue
        seen.add(want.message)
        stream = streams[want.anonymous]
        version = known.get(stream, 0)
        found.expect.setdefault(stream, version)
        events = found.events.setdefault(index, [])
        if current is not None:
            version += 1
            events.append(_event(stream, version, "IdentitiesUnlinked", want, current.customer))
        version += 1
        events.append(_event(stream, version, "IdentitiesLinked", want, want.customer))
        known[stream] = version
        links[want.anonymous] = _Open(want.customer, want.trust, want.at)
    return found


def link_stream(site: SiteId, anonymous: str) -> UUID:
    """The stream of an anonymous pseudonym's links."""
    return stream_id(site, "link", anonymous)


def _moves(current: _Open | None, want: Wanted) -> bool:
    if current is None:
        return True
    if current.customer == want.customer:
        return want.trust == SERVER != current.trust
    return want.at >= current.linked_at


def _event(stream: UUID, version: int, topic: str, want: Wanted, customer: str) -> NewEvent:
    data = {"anonymous": want.anonymous, "customer": customer, "trust": want.trust}
    return NewEvent(stream, version, topic, data, occurred_at=want.occurred_at)


def _open_links(
    connection: Connection, site: SiteId, anonymous: Collection[str]
) -> dict[str, _Open]:
    c = identity_links.c
    rows = connection.execute(
        select(c.anonymous, c.customer, c.trust, c.linked_at).where(
            c.site == site, c.anonymous.in_(sorted(anonymous)), c.unlinked_position.is_(None)
        )
    )
    return {row[0]: _Open(*row[1:]) for row in rows}


def _versions(connection: Connection, site: SiteId, streams: Collection[UUID]) -> dict[UUID, int]:
    """The version of each of these streams that exists."""
    c = event_keys.c
    rows = connection.execute(
        select(c.stream_id, func.max(c.version))
        .where(c.site == site, c.stream_id.in_([stream.bytes for stream in streams]))
        .group_by(c.stream_id)
    )
    return {UUID(bytes=bytes(row[0])): row[1] for row in rows}

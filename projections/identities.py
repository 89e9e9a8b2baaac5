"""Identities: which anonymous pseudonym belonged to which customer, from when to when.

Written with the event. A link is open while `unlinked_position` is null; an anonymous pseudonym has
at most one open link. A person is a set of pseudonyms joined by open links that a server made: a
link that only a client made joins nothing, so that nobody reads a profile by naming its id. The
links of a forgotten pseudonym go, whoever they joined it to.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import ColumnElement
from sqlalchemy import Connection
from sqlalchemy import Index
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import insert
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update

from aggregates import erasure
from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.ids import SiteId
from aggregates.log import RecordedEvent
from projections.forgetting import forgotten
from projections.forgetting import rows_of
from projections.projection import Write
from projections.schema import log_store

SERVER = "server"

identity_links = Table(
    "identity_links",
    log_store,
    Column("site", String(64), primary_key=True),
    Column("anonymous", String(32), primary_key=True),
    Column("linked_position", BigInteger, primary_key=True, autoincrement=False),
    Column("customer", String(32), nullable=False),
    Column("trust", String(8), nullable=False),
    Column("linked_at", BigInteger, nullable=False),
    Column("unlinked_position", BigInteger),
    Column("unlinked_at", BigInteger),
    Index(None, "site", "customer"),
)
_LINK = insert(identity_links)
_UNLINK = (
    update(identity_links)
    .where(
        identity_links.c.site == bindparam("of_site"),
        identity_links.c.anonymous == bindparam("of_anonymous"),
        identity_links.c.unlinked_position.is_(None),
    )
    .values(unlinked_position=bindparam("by_position"), unlinked_at=bindparam("at_moment"))
)

_FORGET = (rows_of(identity_links.c.anonymous), rows_of(identity_links.c.customer))


class Identities:
    """The immediate projection. A new link closes the open one of its anonymous pseudonym."""

    name = "identities"
    topics = frozenset({"IdentitiesLinked", "IdentitiesUnlinked"}) | erasure.TOPICS
    unseals: frozenset[str] = frozenset()

    def fold(
        self, connection: Connection, site: SiteId, events: Sequence[RecordedEvent]
    ) -> list[Write]:
        """Links to close, to open and to forget, in the events' order."""
        writes: list[Write] = []
        for event in events:
            if event.topic == erasure.ERASED:
                writes += forgotten(_FORGET, site, erasure.names_erased([event]))
                continue
            closed = {
                "of_site": site,
                "of_anonymous": event.data["anonymous"],
                "by_position": event.position,
                "at_moment": event.occurred_at,
            }
            writes.append(Write(_UNLINK, [closed]))
            if event.topic == "IdentitiesLinked":
                writes.append(Write(_LINK, [_row(site, event)]))
        return writes


def person(
    connection: Connection, site: SiteId, pseudonyms: Iterable[str], *, at: int | None = None
) -> frozenset[Pseudonym]:
    """These pseudonyms and all that open server links join to them, now or at a log position."""
    c = identity_links.c
    given = {Pseudonym(name) for name in pseudonyms}
    given |= {customer for _, customer in _links(connection, site, c.anonymous.in_(given), at)}
    return frozenset(
        given | {anonymous for anonymous, _ in _links(connection, site, c.customer.in_(given), at)}
    )


def _links(
    connection: Connection, site: SiteId, which: ColumnElement[bool], at: int | None
) -> list[tuple[Pseudonym, Pseudonym]]:
    """(anonymous, customer) of the server links that are open, or were at a position."""
    c = identity_links.c
    is_open: ColumnElement[bool] = c.unlinked_position.is_(None)
    if at is not None:
        is_open = and_(c.linked_position <= at, or_(is_open, c.unlinked_position > at))
    query = select(c.anonymous, c.customer)
    rows = connection.execute(query.where(c.site == site, c.trust == SERVER, which, is_open))
    return [(Pseudonym(anonymous), Pseudonym(customer)) for anonymous, customer in rows]


def _row(site: SiteId, event: RecordedEvent) -> dict[str, Any]:
    return {
        "site": site,
        "anonymous": event.data["anonymous"],
        "linked_position": event.position,
        "customer": event.data["customer"],
        "trust": event.data["trust"],
        "linked_at": event.occurred_at,
        "unlinked_position": None,
        "unlinked_at": None,
    }

"""Queries of revisions: which is current, and what a revision, new or old, holds."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection
from sqlalchemy import Row
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import select

from aggregates.kernel.canonical import digest
from aggregates.kernel.canonical import revive
from aggregates.kernel.errors import NotFound
from aggregates.kernel.ids import SiteId
from aggregates.ruleset import Entry
from aggregates.ruleset import Place
from projections.definition_tables import definition_bodies
from projections.definition_tables import revision_entries
from projections.definition_tables import revisions
from projections.sites import sites
from projections.snapshot import State
from rulesets.definitions import LiveDefinition

NO_DIGEST = digest([])
"""The digest of revision 0, which every site has and which holds nothing."""
_READ_AT_ONCE = 500
Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision without its entries."""

    revision: int
    digest: str
    position: int
    published_at: int
    note: str | None
    actor: str


def current_revision(connection: Connection, site: SiteId) -> tuple[int, str]:
    """The newest revision and its digest; 0 where nothing was ever published."""
    c = revisions.c
    query = select(c.revision, c.digest).where(c.site == site).order_by(c.revision.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return (0, NO_DIGEST) if row is None else (row[0], row[1])


def find(connection: Connection, site: SiteId, revision: int) -> Revision:
    """A revision by its number; NotFound `revision_unknown`."""
    c = revisions.c
    query = select(revisions).where(c.site == site, c.revision == revision)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound("revision_unknown", "no revision by that number")
    return _revision(row)


def first_after(connection: Connection, site: SiteId, revision: int) -> Revision | None:
    """The revision that followed a revision, if there is one."""
    c = revisions.c
    query = select(revisions).where(c.site == site, c.revision > revision)
    row = connection.execute(query.order_by(c.revision).limit(1)).one_or_none()
    return None if row is None else _revision(row)


def listed(connection: Connection, site: SiteId, before: int | None, limit: int) -> list[Revision]:
    """A page of revisions, newest first."""
    c = revisions.c
    query = select(revisions).where(c.site == site).order_by(c.revision.desc()).limit(limit)
    if before is not None:
        query = query.where(c.revision < before)
    return [_revision(row) for row in connection.execute(query)]


def entries(connection: Connection, site: SiteId, revision: int) -> list[Entry]:
    """What a revision holds, in order of kind and id."""
    c = revision_entries.c
    query = (
        select(c.kind, c.id, c.key, c.version, c.digest, c.paused, c.starts_at, c.ends_at)
        .where(
            c.site == site,
            c.from_revision <= revision,
            or_(c.to_revision.is_(None), c.to_revision > revision),
        )
        .order_by(c.kind, c.id)
    )
    return [Entry(*row) for row in connection.execute(query)]


def bodies(connection: Connection, site: SiteId, digests: Collection[str]) -> dict[str, Body]:
    """Bodies by their digests."""
    c = definition_bodies.c
    found: dict[str, Body] = {}
    for page in _pages(sorted(set(digests))):
        query = select(c.digest, c.body).where(c.site == site, c.digest.in_(page))
        found |= {row[0]: revive(orjson.loads(row[1])) for row in connection.execute(query)}
    return found


def live(connection: Connection, site: SiteId, revision: int) -> list[LiveDefinition]:
    """The definitions of a revision with their bodies."""
    held = entries(connection, site, revision)
    found = bodies(connection, site, {entry.digest for entry in held})
    return [live_definition(entry, found[entry.digest]) for entry in held]


def live_after(
    connection: Connection,
    site: SiteId,
    revision: int,
    known: Mapping[Place, LiveDefinition],
    before: int,
) -> list[LiveDefinition]:
    """The same, from the definitions of revision `before`: only what came, changed or went since is
    read, what stayed is the same object."""
    if before > revision:
        return live(connection, site, revision)
    c = revision_entries.c
    left = select(c.kind, c.id).where(
        c.site == site, c.to_revision > before, c.to_revision <= revision
    )
    gone = {(row.kind, row.id) for row in connection.execute(left)}
    entered = select(
        c.kind, c.id, c.key, c.version, c.digest, c.paused, c.starts_at, c.ends_at
    ).where(
        c.site == site,
        c.from_revision > before,
        c.from_revision <= revision,
        or_(c.to_revision.is_(None), c.to_revision > revision),
    )
    came = [Entry(*row) for row in connection.execute(entered)]
    of_known = {one.digest: one.body for one in known.values()}
    missing = {entry.digest for entry in came} - of_known.keys()
    found = {**of_known, **bodies(connection, site, missing)}
    stayed = [one for place, one in known.items() if place not in gone]
    return [*stayed, *(live_definition(entry, found[entry.digest]) for entry in came)]


def count(connection: Connection, site: SiteId) -> int:
    """How many definitions are live now."""
    c = revision_entries.c
    query = select(func.count()).where(c.site == site, c.to_revision.is_(None))
    return connection.execute(query).scalar_one()


def states(connection: Connection) -> dict[SiteId, State]:
    """What decides for each site: its newest revision, and the position of its settings."""
    newest = (
        select(func.max(revisions.c.revision))
        .where(revisions.c.site == sites.c.site)
        .scalar_subquery()
    )
    rows = connection.execute(select(sites.c.site, newest, sites.c.position))
    return {SiteId(site): (revision or 0, position) for site, revision, position in rows}


def live_definition(entry: Entry, body: Body) -> LiveDefinition:
    """An entry with its body."""
    return LiveDefinition(
        entry.kind,
        entry.id,
        entry.key,
        entry.version,
        entry.digest,
        body,
        entry.paused,
        entry.starts_at,
        entry.ends_at,
    )


def _pages(digests: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(digests), _READ_AT_ONCE):
        yield digests[start : start + _READ_AT_ONCE]


def _revision(row: Row[Any]) -> Revision:
    return Revision(row.revision, row.digest, row.position, row.published_at, row.note, row.actor)

"""Queries of definitions: by id or key, in pages, with their versions."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy import Connection
from sqlalchemy import and_
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import tuple_

from aggregates.definition import Definition
from aggregates.definition import number_of
from aggregates.definition import stream_of
from aggregates.kernel.errors import NotFound
from aggregates.kernel.ids import SiteId
from projections.definition_tables import definition_versions
from projections.definition_tables import definitions

_READ_AT_ONCE = 200
_c = definitions.c


@dataclass(frozen=True, slots=True)
class Stored:
    """A definition's row."""

    kind: str
    id: str
    key: str | None
    stream_version: int
    saved: int
    digest: str
    live_version: int | None
    starts_at: int | None
    ends_at: int | None
    paused: bool
    archived: bool
    created_at: int
    updated_at: int
    updated_by: str

    def definition(self, site: SiteId) -> Definition:
        """The aggregate, ready for a command."""
        return Definition.restored(
            stream_of(site, self.id),
            self.stream_version,
            {
                "definition": self.id,
                "kind": self.kind,
                "key": self.key,
                "digest": self.digest,
                "saved": self.saved,
                "live_version": self.live_version,
                "starts_at": self.starts_at,
                "ends_at": self.ends_at,
                "paused": self.paused,
                "archived": self.archived,
                "deleted": False,
            },
        )


@dataclass(frozen=True, slots=True)
class Version:
    """One saved body."""

    version: int
    digest: str
    saved_at: int
    saved_by: str


_COLUMNS = [_c[name] for name in Stored.__slots__]


def find(connection: Connection, site: SiteId, kind: str, name: str) -> Stored | None:
    """A definition by id or key, if there is one."""
    found = named(connection, site, [(kind, name)])
    return found.get((kind, name))


def get(connection: Connection, site: SiteId, kind: str, name: str) -> Stored:
    """A definition by id or key; NotFound `definition_unknown`."""
    found = find(connection, site, kind, name)
    if found is None:
        raise NotFound("definition_unknown", f"nothing of {kind} by that id or key")
    return found


def named(
    connection: Connection, site: SiteId, places: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], Stored]:
    """Definitions by (kind, id or key); what there is not is left out."""
    wanted = set(places)
    found: dict[tuple[str, str], Stored] = {}
    for page in _pages(sorted(wanted)):
        of = or_(tuple_(_c.kind, _c.id).in_(page), tuple_(_c.kind, _c.key).in_(page))
        for row in connection.execute(select(*_COLUMNS).where(_present(site), of)):
            stored = Stored(*row)
            for name in (stored.id, stored.key):
                if name is not None and (stored.kind, name) in wanted:
                    found[stored.kind, name] = stored
    return found


def listed(connection: Connection, site: SiteId, kind: str, after: str, limit: int) -> list[Stored]:
    """A page of a kind, in order of creation."""
    query = (
        select(*_COLUMNS)
        .where(_present(site), _c.kind == kind, _c.id > after)
        .order_by(_c.id)
        .limit(limit)
    )
    return [Stored(*row) for row in connection.execute(query)]


def next_number(connection: Connection, site: SiteId, kind: str) -> int:
    """The number after the last that was given, also to one that was deleted."""
    query = select(func.max(_c.id)).where(_c.site == site, _c.kind == kind)
    last: str | None = connection.execute(query).scalar()
    return 1 if last is None else number_of(last) + 1


def versions(
    connection: Connection, site: SiteId, place: tuple[str, str], before: int | None, limit: int
) -> list[Version]:
    """A page of saved bodies, newest first."""
    c = definition_versions.c
    query = (
        select(c.version, c.digest, c.saved_at, c.saved_by)
        .where(c.site == site, c.kind == place[0], c.id == place[1])
        .order_by(c.version.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(c.version < before)
    return [Version(*row) for row in connection.execute(query)]


def digests(
    connection: Connection, site: SiteId, wanted: Mapping[tuple[str, str], int]
) -> dict[tuple[str, str], str]:
    """The digest of one version of each (kind, id); what there is not is left out."""
    c = definition_versions.c
    found: dict[tuple[str, str], str] = {}
    for page in _pages(sorted(wanted)):
        rows = [(kind, name, wanted[kind, name]) for kind, name in page]
        query = select(c.kind, c.id, c.digest).where(
            c.site == site, tuple_(c.kind, c.id, c.version).in_(rows)
        )
        found |= {(row[0], row[1]): row[2] for row in connection.execute(query)}
    return found


def _present(site: SiteId) -> ColumnElement[Any]:
    return and_(_c.site == site, _c.deleted.is_(False))


def _pages(places: list[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    for start in range(0, len(places), _READ_AT_ONCE):
        yield places[start : start + _READ_AT_ONCE]

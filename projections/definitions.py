"""Definitions and revisions as they are now, and were. Written with the events."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import tuple_
from sqlalchemy import update

from aggregates.kernel.canonical import canonical
from aggregates.kernel.ids import SiteId
from aggregates.log import RecordedEvent
from projections.definition_tables import definition_bodies
from projections.definition_tables import definition_versions
from projections.definition_tables import definitions
from projections.definition_tables import revision_entries
from projections.definition_tables import revisions
from projections.projection import Write
from projections.upserts import insert_or_keep
from projections.upserts import insert_or_replace

_SAVING = frozenset({"DefinitionDrafted", "DefinitionRevised"})
_LIFE = frozenset(
    {
        "DefinitionPublished",
        "DefinitionPaused",
        "DefinitionResumed",
        "DefinitionArchived",
        "DefinitionDeleted",
    }
)
_READ_AT_ONCE = 300
_CLOSE = (
    update(revision_entries)
    .where(
        revision_entries.c.site == bindparam("of_site"),
        revision_entries.c.kind == bindparam("of_kind"),
        revision_entries.c.id == bindparam("of_id"),
        revision_entries.c.to_revision.is_(None),
    )
    .values(to_revision=bindparam("until"))
)

Row = dict[str, Any]
Place = tuple[str, str]


class Definitions:
    """The immediate projection of the five tables."""

    name = "definitions"
    topics = _SAVING | _LIFE | {"RevisionPublished"}
    unseals: frozenset[str] = frozenset()

    def fold(
        self, connection: Connection, site: SiteId, events: Sequence[RecordedEvent]
    ) -> list[Write]:
        """Bodies and versions, then each touched definition's row, then the revisions in order."""
        dialect = connection.dialect.name
        saving = [event for event in events if event.topic in _SAVING]
        writes = [
            Write(insert_or_keep(dialect, definition_bodies), [_body(site, e) for e in saving]),
        ]
        touched = [event for event in events if event.topic != "RevisionPublished"]
        rows = _read(connection, site, {_place(event) for event in touched})
        versions = []
        for event in touched:
            row = rows[_place(event)] = _after(rows.get(_place(event)), site, event)
            if event.topic in _SAVING:
                versions.append(_version(row))
        writes.append(Write(insert(definition_versions), versions))
        # A key that was given back is free before another row takes it.
        changed = sorted(rows.values(), key=lambda row: (row["key"] is not None, row["id"]))
        writes.append(Write(insert_or_replace(dialect, definitions), changed))
        for event in events:
            if event.topic == "RevisionPublished":
                writes += _revision(site, event)
        return [write for write in writes if write.rows]


def _place(event: RecordedEvent) -> Place:
    return event.data["kind"], event.data["definition"]


def _read(connection: Connection, site: SiteId, places: set[Place]) -> dict[Place, Row]:
    found: dict[Place, Row] = {}
    c = definitions.c
    for page in _pages(sorted(places)):
        query = select(definitions).where(c.site == site, tuple_(c.kind, c.id).in_(page))
        for row in connection.execute(query).mappings():
            found[row["kind"], row["id"]] = dict(row)
    return found


def _pages(places: list[Place]) -> Iterator[list[Place]]:
    for start in range(0, len(places), _READ_AT_ONCE):
        yield places[start : start + _READ_AT_ONCE]


def _after(row: Row | None, site: SiteId, event: RecordedEvent) -> Row:
    """A definition's row after one of its events."""
    data = event.data
    if event.topic == "DefinitionDrafted":
        row = _drafted(site, event)
    assert row is not None, "a definition begins with its draft"
    after = {**row, "stream_version": event.version}
    if event.topic in _SAVING:
        after["updated_at"] = event.occurred_at
        after["updated_by"] = data["actor"]
        after["saved"] += 1
        after["key"] = data["key"]
        after["digest"] = data["digest"]
    elif event.topic == "DefinitionPublished":
        after["live_version"] = data["published_version"]
        after["starts_at"] = data["starts_at"]
        after["ends_at"] = data["ends_at"]
        after["paused"] = after["archived"] = False
    elif event.topic == "DefinitionPaused":
        after["paused"] = True
    elif event.topic == "DefinitionResumed":
        after["paused"] = False
    elif event.topic == "DefinitionArchived":
        after["archived"] = True
        after["paused"] = False
    else:
        after["deleted"] = True
        after["key"] = None
    return after


def _drafted(site: SiteId, event: RecordedEvent) -> Row:
    kind, name = _place(event)
    return {
        "site": site,
        "kind": kind,
        "id": name,
        "saved": 0,
        "live_version": None,
        "starts_at": None,
        "ends_at": None,
        "paused": False,
        "archived": False,
        "deleted": False,
        "created_at": event.occurred_at,
    }


def _body(site: SiteId, event: RecordedEvent) -> Row:
    body = canonical(event.data["body"]).decode()
    return {"site": site, "digest": event.data["digest"], "body": body}


def _version(row: Row) -> Row:
    return {
        "site": row["site"],
        "kind": row["kind"],
        "id": row["id"],
        "version": row["saved"],
        "digest": row["digest"],
        "saved_at": row["updated_at"],
        "saved_by": row["updated_by"],
    }


def _revision(site: SiteId, event: RecordedEvent) -> list[Write]:
    data = event.data
    revision = data["revision"]
    row = {
        "site": site,
        "revision": revision,
        "digest": data["digest"],
        "position": event.position,
        "published_at": event.occurred_at,
        "note": data["note"],
        "actor": data["actor"],
    }
    ends = [
        {"of_site": site, "of_kind": kind, "of_id": name, "until": revision}
        for kind, name in _changed(data["changes"])
    ]
    begins = [
        {**change["set"], "site": site, "from_revision": revision, "to_revision": None}
        for change in data["changes"]
        if "set" in change
    ]
    return [
        Write(insert(revisions), [row]),
        Write(_CLOSE, ends),
        Write(insert(revision_entries), begins),
    ]


def _changed(changes: Iterable[dict[str, Any]]) -> Iterator[Place]:
    for change in changes:
        place = change.get("set") or change["unset"]
        yield place["kind"], place["id"]

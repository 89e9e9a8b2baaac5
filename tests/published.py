"""Publishes bodies straight into the tables, for tests and benchmarks that are about decisions."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import select

from aggregates.definition import id_of
from aggregates.kernel.canonical import canonical
from aggregates.kernel.canonical import digest
from projections.definition_tables import definition_bodies
from projections.definition_tables import revision_entries
from projections.definition_tables import revisions


def publish(log: Engine, site: str, **kinds: dict[str, dict[str, Any]]) -> int:
    """A new revision that holds these bodies by key and nothing else; its number."""
    with log.begin() as connection:
        newest = select(func.max(revisions.c.revision)).where(revisions.c.site == site)
        revision = (connection.execute(newest).scalar() or 0) + 1
        before = revision_entries.c.to_revision.is_(None)
        connection.execute(
            revision_entries.update()
            .where(revision_entries.c.site == site, before)
            .values(to_revision=revision)
        )
        listed = []
        for kind, bodies in kinds.items():
            name = kind.replace("_", "-")
            for number, (key, body) in enumerate(bodies.items(), 1):
                id_, of_body = id_of(name, number), digest(body)
                kept = definition_bodies.c
                connection.execute(
                    delete(definition_bodies).where(kept.site == site, kept.digest == of_body)
                )
                text = canonical(body).decode()
                connection.execute(
                    insert(definition_bodies), {"site": site, "digest": of_body, "body": text}
                )
                entry = {"site": site, "kind": name, "id": id_, "from_revision": revision}
                entry |= {"version": 1, "digest": of_body, "key": key, "paused": False}
                connection.execute(insert(revision_entries), entry)
                listed.append([name, id_, 1, of_body])
        row = {"site": site, "revision": revision, "digest": digest(listed), "position": 0}
        connection.execute(insert(revisions), {**row, "published_at": 0, "actor": "test"})
    return revision

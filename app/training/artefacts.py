"""Stores artefacts: parts first, in small transactions, and named by an event only afterwards.

A training that dies on the way leaves parts that nothing names; they are swept after a day.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Engine
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import update

from aggregates.kernel.clock import DAY
from projections import recommendation_models
from projections.recommendations import artefact_table
from projections.recommendations.artefact_format import Damaged
from projections.recommendations.artefact_format import Reading
from projections.recommendations.artefact_format import Written
from projections.recommendations.artefact_table import model_artefacts
from projections.upserts import insert_or_replace

TRANSACTION_BYTES = 256_000
"""Parts written at once: the log's lock is held for some milliseconds."""
ORPHAN_AGE = DAY
"""No training takes as long as that between its first part and its event."""


def store(engine: Engine, artefact: Written, now: int) -> None:
    """All parts are durable when it returns. What is there and whole is kept, what is damaged is
    written anew."""
    writing = engine.execution_options(writing=True)
    c = model_artefacts.c
    if is_whole(engine, artefact.digest):
        with writing.begin() as connection:
            connection.execute(
                update(model_artefacts).where(c.digest == artefact.digest).values(stored_at=now)
            )
        return
    statement = insert_or_replace(engine.dialect.name, model_artefacts)
    for rows in _pages(artefact, now):
        with writing.begin() as connection:
            connection.execute(statement, rows)
    with writing.begin() as connection:
        beyond = c.part >= len(artefact.parts)
        connection.execute(delete(model_artefacts).where(c.digest == artefact.digest, beyond))


def is_whole(engine: Engine, digest: str) -> bool:
    """Whether an artefact is stored and is what its digest says."""
    reading = Reading(digest)
    try:
        for part in artefact_table.parts(engine, digest):
            reading.take(part)
        reading.check()
    except Damaged:
        return False
    return True


def sweep(engine: Engine, now: int) -> int:
    """Removes parts that no model names, a day after they were written; how many artefacts."""
    c = model_artefacts.c
    with engine.connect() as connection:
        orphans = artefact_table.digests(connection, stored_before=now - ORPHAN_AGE)
        orphans -= recommendation_models.digests(connection) if orphans else set()
    statement = delete(model_artefacts).where(
        c.digest == bindparam("orphan"), c.stored_at < now - ORPHAN_AGE
    )
    for digest in sorted(orphans):
        with engine.execution_options(writing=True).begin() as connection:
            connection.execute(statement, {"orphan": digest})
    return len(orphans)


def _pages(artefact: Written, now: int) -> Iterator[Sequence[dict[str, Any]]]:
    page: list[dict[str, Any]] = []
    size = 0
    for number, body in enumerate(artefact.parts):
        if page and size + len(body) > TRANSACTION_BYTES:
            yield page
            page, size = [], 0
        row = {"digest": artefact.digest, "part": number, "body": body, "stored_at": now}
        page.append(row)
        size += len(body)
    yield page

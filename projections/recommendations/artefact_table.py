"""The table of artefacts: the packed parts of each, under its digest.

Parts are written in small transactions before the event that names their digest. Those that no
event names in the end, because a training died or was beaten, are swept after a day.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import Connection
from sqlalchemy import Engine
from sqlalchemy import Integer
from sqlalchemy import LargeBinary
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import select

from projections.schema import log_store

model_artefacts = Table(
    "model_artefacts",
    log_store,
    Column("digest", String(64), primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
    Column("stored_at", BigInteger, nullable=False),
)


def parts(engine: Engine, digest: str) -> Iterator[bytes]:
    """The parts of an artefact in order, each read by itself; fewer if some are missing."""
    c = model_artefacts.c
    number = 0
    while True:
        with engine.connect() as connection:
            body = connection.execute(
                select(c.body).where(c.digest == digest, c.part == number)
            ).scalar_one_or_none()
        if body is None:
            return
        yield bytes(body)
        number += 1


def digests(connection: Connection, stored_before: int) -> set[str]:
    """Of all that was stored before a moment, whole or not."""
    c = model_artefacts.c
    query = select(c.digest).where(c.stored_at < stored_before).distinct()
    return set(connection.scalars(query))

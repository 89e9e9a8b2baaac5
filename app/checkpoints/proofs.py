"""Proofs for people who do not trust this service: an event is in the log, a log only grew.

A proof is one JSON document that docs/verify_proof.py checks with nothing but the public key. What
an event sealed stays sealed: its row is shown as it is stored.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import Engine
from sqlalchemy import select

from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import NotFound
from aggregates.kernel.errors import Problem
from aggregates.kernel.ids import SiteId
from aggregates.kernel.ids import stream_id
from app.checkpoints import stored
from app.checkpoints.merkle import consistency_path
from app.checkpoints.merkle import inclusion_path
from app.checkpoints.tree import StoredTree
from app.checkpoints.tree import missing
from app.engines import reading
from app.eventlog.chain import EMPTY
from app.eventlog.tables import event_keys
from app.eventlog.tables import events

INCLUSION = "rationale-inclusion-proof-v1"
CONSISTENCY = "rationale-consistency-proof-v1"


def position_of_decision(engine: Engine, site: SiteId, decision_id: str) -> int:
    """Where a decision is in the log; NotFound."""
    c = event_keys.c
    stream = stream_id(site, "decision", decision_id).bytes
    query = select(c.position).where(c.site == site, c.stream_id == stream, c.version == 1)
    with engine.connect() as connection:
        position = connection.scalar(query)
    if position is None:
        raise NotFound("decision_unknown", "no decision by that id")
    return int(position)


def inclusion(
    engine: Engine, site: SiteId, position: int, checkpoint: int | None = None
) -> dict[str, Any]:
    """That an event is in the log of a checkpoint, by default of the first one that covers it.
    NotFound for an event or a checkpoint that is not there."""
    with reading(engine) as connection:
        row = _event(connection, site, position)
        if checkpoint is None:
            size, note = stored.first_over(connection, site, position)
        else:
            size, note = checkpoint, stored.find(connection, site, checkpoint)
        if size < position:
            problem = Problem("/checkpoint", "out_of_range", "it ends before the event")
            raise InvalidInput([problem])
        path = inclusion_path(StoredTree(connection, site), position - 1, size)
        previous = _hash(connection, site, position - 1)
    return {
        "format": INCLUSION,
        "event": event_json(row),
        "previous_hash": previous.hex(),
        "path": _encoded(path),
        "checkpoint": note,
    }


def consistency(engine: Engine, site: SiteId, former: int, later: int) -> dict[str, Any]:
    """That the log of a later checkpoint begins with the log of a former one."""
    if not 0 < former <= later:
        raise InvalidInput([Problem("/from", "out_of_range", "from 1 to the later checkpoint")])
    with reading(engine) as connection:
        notes = [stored.find(connection, site, position) for position in (former, later)]
        path = consistency_path(StoredTree(connection, site), former, later)
    return {"format": CONSISTENCY, "path": _encoded(path), "from": notes[0], "to": notes[1]}


def event_json(row: Sequence[Any]) -> dict[str, Any]:
    """A row of the log in full, in the order in which it is hashed; moments in microseconds."""
    return {
        "site": row[0],
        "position": row[1],
        "stream_id": bytes(row[2]).hex(),
        "version": row[3],
        "topic": row[4],
        "shopper_id": row[5],
        "occurred_at": row[6],
        "recorded_at": row[7],
        "state": b64encode(bytes(row[8])).decode(),
    }


def _event(connection: Connection, site: SiteId, position: int) -> Sequence[Any]:
    c = events.c
    row = connection.execute(select(*c).where(c.site == site, c.position == position)).one_or_none()
    if row is None:
        raise NotFound("event_unknown", "no event at that position")
    return row


def _hash(connection: Connection, site: SiteId, position: int) -> bytes:
    if position == 0:
        return EMPTY
    c = events.c
    found = connection.scalar(select(c.hash).where(c.site == site, c.position == position))
    return missing(position) if found is None else bytes(found)


def _encoded(path: list[bytes]) -> list[str]:
    return [b64encode(node).decode() for node in path]

"""Checkpoints in the database, and what belongs together with those outside."""

from __future__ import annotations

from typing import NoReturn

from sqlalchemy import Connection
from sqlalchemy import Engine
from sqlalchemy import select

from aggregates.kernel.errors import NotFound
from aggregates.kernel.errors import TamperedLog
from aggregates.kernel.ids import SiteId
from app.checkpoints.exported import Exported
from app.checkpoints.note import Checkpoint
from app.checkpoints.note import check_note
from app.checkpoints.note import origin_of
from app.checkpoints.tables import checkpoints
from app.signing.keys import PublicKey
from app.signing.signing import Signing

_C = checkpoints.c


def newest(connection: Connection, site: SiteId) -> tuple[int, str] | None:
    """Position and note of the newest."""
    query = select(_C.position, _C.note).where(_C.site == site).order_by(_C.position.desc())
    row = connection.execute(query.limit(1)).one_or_none()
    return None if row is None else (row[0], row[1])


def find(connection: Connection, site: SiteId, position: int) -> str:
    """The note at a position; NotFound."""
    note = connection.scalar(select(_C.note).where(_C.site == site, _C.position == position))
    if note is None:
        raise NotFound("checkpoint_unknown", "no checkpoint at that position")
    return str(note)


def first_over(connection: Connection, site: SiteId, position: int) -> tuple[int, str]:
    """The first checkpoint that covers a position; NotFound `not_in_a_checkpoint`."""
    query = select(_C.position, _C.note).where(_C.site == site, _C.position >= position)
    row = connection.execute(query.order_by(_C.position).limit(1)).one_or_none()
    if row is None:
        raise NotFound("not_in_a_checkpoint", "the next checkpoint will cover it, within the hour")
    return row[0], row[1]


def listed(
    connection: Connection, site: SiteId, limit: int, before: int | None = None
) -> list[tuple[int, str]]:
    """Positions and notes, the newest first."""
    query = select(_C.position, _C.note).where(_C.site == site)
    if before is not None:
        query = query.where(_C.position < before)
    rows = connection.execute(query.order_by(_C.position.desc()).limit(limit))
    return [(row[0], row[1]) for row in rows]


def all_signed(
    engine: Engine, site: SiteId, exported: Exported, signing: Signing
) -> list[Checkpoint]:
    """Every checkpoint, stored or exported, by position, its signature checked. TamperedLog with a
    code where one is unreadable, forged, signed by a stranger, of another log, or where the two
    places do not hold the same: `checkpoint_not_exported`, `checkpoint_not_stored`,
    `checkpoint_differs`."""
    before = _notes(engine, site)  # one is exported first: what is stored now is there already
    outside = exported.notes()
    stored = {**before, **(_notes(engine, site) if outside.keys() - before else {})}
    keys = [*signing.known().values()]
    found = []
    for position in sorted(stored.keys() | outside.keys()):
        notes = [place[position] for place in (stored, outside) if position in place]
        for note in notes:
            found.append(_checked(note, position, site, keys))
        if position in before and position not in outside:
            _apart("checkpoint_not_exported", position, f"is not in {exported.folder}")
        if position not in stored:
            _apart("checkpoint_not_stored", position, "is not in the database")
        if len({*notes}) > 1:
            _apart("checkpoint_differs", position, "is another outside than in the database")
    return found


def _notes(engine: Engine, site: SiteId) -> dict[int, str]:
    with engine.connect() as connection:
        rows = connection.execute(select(_C.position, _C.note).where(_C.site == site))
        return {row[0]: row[1] for row in rows}


def _checked(note: str, position: int, site: SiteId, keys: list[PublicKey]) -> Checkpoint:
    try:
        checkpoint = check_note(note, keys)
    except TamperedLog as error:
        raise TamperedLog(error.code, error.detail, position=position) from error
    if (checkpoint.position, checkpoint.origin) != (position, origin_of(site)):
        _apart("checkpoint_differs", position, "is that of another position or another log")
    return checkpoint


def _apart(code: str, position: int, what: str) -> NoReturn:
    raise TamperedLog(code, f"the checkpoint at {position} {what}", position=position)

"""Proves that a site's log is what was written: reads all of it and computes the chain anew.

Found are changed, missing, added and reordered rows, a head that is not the end of the chain, and
keys that do not agree with the events. Whoever rewrites the whole chain consistently is found by
comparing the head with one that was noted elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from typing import NoReturn

from sqlalchemy import Connection
from sqlalchemy import Engine
from sqlalchemy import func
from sqlalchemy import select

from aggregates.kernel.errors import TamperedLog
from aggregates.kernel.ids import SiteId
from aggregates.log import Head
from app.eventlog.chain import EMPTY
from app.eventlog.chain import HashedRow
from app.eventlog.chain import row_hash
from app.eventlog.tables import event_keys
from app.eventlog.tables import events
from app.eventlog.tables import log_heads

PAGE_EVENTS = 2_000
Progress = Callable[[int, int], None]
"""Told (events verified, events in all) after each page."""


@dataclass(frozen=True, slots=True)
class Verified:
    """How many events hold, and the head that they end in."""

    events: int
    head: Head


def verify(engine: Engine, site: SiteId, progress: Progress | None = None) -> Verified:
    """The verified head; TamperedLog with `position` and code where it does not hold.

    Codes: position_missing, hash_mismatch, key_mismatch, head_mismatch. It verifies what was there
    when it began; the log may grow meanwhile.
    """
    with engine.connect() as connection:
        head = _head(connection, site)
    position, previous, recorded_at = 0, EMPTY, 0
    while position < head.position:
        with engine.connect() as connection:
            page = _page(connection, site, position, head.position)
        for row, keyed_at in page:
            position += 1
            if row[1] != position:
                _tampered("position_missing", position)
            previous = row_hash(previous, row[:9])
            if previous != row[9]:
                _tampered("hash_mismatch", position)
            if keyed_at != position:
                _tampered("key_mismatch", position)
            recorded_at = row[7]
        if not page:
            _tampered("position_missing", position + 1)
        if progress is not None:
            progress(position, head.position)
    with engine.connect() as connection:
        _check_end(connection, site, head)
    if (position, previous, recorded_at) != (head.position, head.hash, head.recorded_at):
        _tampered("head_mismatch", head.position)
    return Verified(position, head)


def verdict(engine: Engine, site: SiteId, progress: Progress | None = None) -> dict[str, Any]:
    """What `verify` finds, as it is answered and printed: a broken log is an answer too."""
    try:
        found = verify(engine, site, progress)
    except TamperedLog as error:
        return {"intact": False, **error.data, "code": error.code, "detail": error.detail}
    return {"intact": True, "events": found.events, "head": found.head.hash.hex()}


def _head(connection: Connection, site: SiteId) -> Head:
    c = log_heads.c
    found = connection.execute(
        select(c.position, c.hash, c.recorded_at).where(c.site == site)
    ).one_or_none()
    return Head(0, EMPTY, 0) if found is None else Head(found[0], found[1], found[2])


def _page(
    connection: Connection, site: SiteId, after: int, upto: int
) -> list[tuple[HashedRow, int | None]]:
    """Rows with the position that their key names."""
    e, k = events.c, event_keys.c
    same = (k.site == e.site) & (k.stream_id == e.stream_id) & (k.version == e.version)
    rows = connection.execute(
        select(*e, k.position)
        .join_from(events, event_keys, same, isouter=True)
        .where(e.site == site, e.position > after, e.position <= upto)
        .order_by(e.position)
        .limit(PAGE_EVENTS)
    )
    return [(tuple(row)[:10], row[10]) for row in rows]


def _check_end(connection: Connection, site: SiteId, head: Head) -> None:
    """Neither keys without events, nor events behind the head of the same moment."""
    counted = connection.execute(
        select(func.count())
        .select_from(event_keys)
        .where(event_keys.c.site == site, event_keys.c.position <= head.position)
    ).scalar_one()
    if counted != head.position:
        _tampered("key_mismatch", head.position)
    last = select(func.coalesce(func.max(events.c.position), 0)).where(events.c.site == site)
    end = select(func.coalesce(func.max(log_heads.c.position), 0)).where(log_heads.c.site == site)
    at, ends = connection.execute(select(last.scalar_subquery(), end.scalar_subquery())).one()
    if at != ends:
        _tampered("head_mismatch", at)


def _tampered(code: str, position: int) -> NoReturn:
    detail = f"the log does not hold at position {position}"
    raise TamperedLog(code, detail, position=position)

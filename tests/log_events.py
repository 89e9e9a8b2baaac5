"""Small events for tests of the log, and checks that hold for every log."""

from __future__ import annotations

from typing import Any
from uuid import UUID
from uuid import uuid4

from sqlalchemy import select

from aggregates.kernel.ids import SiteId
from aggregates.log import Append
from aggregates.log import NewEvent
from app.database import Stores
from app.eventlog.tables import events
from app.verifying.log import Verified
from app.verifying.log import verify

SITE = SiteId("shop")


def viewed(stream: UUID | None = None, version: int | None = 1, **more: Any) -> NewEvent:
    """An open event of a stream of its own, unless one is given."""
    return NewEvent(stream or uuid4(), version, "InteractionRecorded", {"event": "Viewed"}, **more)


def unit(*new: NewEvent, **more: Any) -> Append:
    """A unit of the test site."""
    return Append(SITE, new, **more)


def assert_whole(stores: Stores, site: SiteId = SITE) -> Verified:
    """No gap, no broken link, heads and keys that agree, each (stream, version) once."""
    verified = verify(stores.log, site)
    with stores.log.connect() as connection:
        e = events.c
        rows = connection.execute(
            select(e.position, e.stream_id, e.version).where(e.site == site).order_by(e.position)
        ).all()
    assert [row[0] for row in rows] == list(range(1, verified.head.position + 1))
    assert len({(row[1], row[2]) for row in rows}) == len(rows)
    return verified

"""Asks for a rebuild beside the rows in use and stays until the new rows are in their place.

A running follower does the work, and this only watches; where none does, this folds page by page
itself. Both at once cost each other work and nothing else. Whoever is killed in the midst leaves a
rebuild that any follower finishes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine

from aggregates.kernel.ids import SiteId
from projections import positions
from projections.follower import Follower
from projections.positions import Place

PATIENCE_S = 1.5
"""How long nobody may move it before this does: three times what an idle follower sleeps."""
_WATCH_S = 0.1


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How a rebuild ended. Not `in_place`: other code or another time zone came meanwhile, so the
    rows in use are folded anew themselves."""

    events: int
    seconds: float
    in_place: bool


def rebuild(
    follower: Follower,
    read: Engine,
    site: SiteId,
    projection: str,
    tell: Callable[[int, int], None],
) -> Rebuilt:
    """Rebuilds a followed projection; `tell(folded, all)` as it goes."""
    began = time.monotonic()
    follower.rebuild(site, projection)
    before = _place(read, site, projection)
    moved_at, seen, own = began, -1, -1
    while (left := follower.rebuilding(site).get(projection)) is not None:
        events = _place(read, site, projection).position
        tell(events - left, events)
        now = time.monotonic()
        if left == own or now - moved_at >= PATIENCE_S:
            follower.step(site)
            own = follower.rebuilding(site).get(projection, -1)
            moved_at, seen = time.monotonic(), own
            continue
        if left != seen:
            moved_at, seen = now, left
        time.sleep(_WATCH_S)
    after = _place(read, site, projection)
    tell(after.position, after.position)
    seconds = time.monotonic() - began
    return Rebuilt(after.position, seconds, after.same_rows(before))


def _place(read: Engine, site: SiteId, projection: str) -> Place:
    with read.connect() as connection:
        return positions.places(connection, site)[projection]

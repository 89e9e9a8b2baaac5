"""A projection folded anew beside its rows: they serve until the new ones have caught up.

The new rows and their place stand under another site's name, one that no site can have. When they
are as far as the rows in use, both change places in one transaction. A decision meanwhile reads
what it always read, and its tail of the log stays short.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace

import structlog
from sqlalchemy import Connection
from sqlalchemy import Engine
from sqlalchemy import delete
from sqlalchemy import update

from aggregates.kernel.ids import SiteId
from projections import positions
from projections.followed import Followed
from projections.page_folds import Page
from projections.page_folds import PageFolds
from projections.positions import Place

_logger = structlog.get_logger()


class Rebuilds:
    """What is being rebuilt, of all sites; followers share it through the read store."""

    def __init__(self, read: Engine, pages: PageFolds, projections: Mapping[str, Followed]) -> None:
        self._read = read
        self._writing = read.execution_options(writing=True)
        self._pages = pages
        self._projections = projections

    def begin(self, site: SiteId, name: str, live: Place) -> None:
        """Begins, or begins again."""
        aside = beside(site)
        with self._writing.begin() as connection:
            self._forget(connection, aside, name)
            positions.begin(connection, aside, name, replace(live, position=0))

    def places(self, site: SiteId) -> dict[str, Place]:
        """How far each projection that is being rebuilt has come."""
        with self._read.connect() as connection:
            return positions.places(connection, beside(site))

    def step(
        self, site: SiteId, places: Mapping[str, Place], live: Mapping[str, Place], most: int
    ) -> int:
        """Folds at most a page for each; how far the one that moved furthest did move."""
        useless = [name for name, place in places.items() if not place.same_rows(live[name])]
        for name in useless:
            self._give_up(site, name)
        kept = {name: place for name, place in places.items() if name not in useless}
        moved = 0
        for at in {place.position for place in kept.values()}:
            names = [name for name, place in kept.items() if place.position == at]
            upto = min(at + most, *(live[name].position for name in names))
            if upto > at:
                here = tuple(self._projections[name] for name in names)
                self._pages.fold(Page(site, here, at, upto, beside(site)), kept)
                moved = max(moved, upto - at)
            for name in names:
                if upto == live[name].position:
                    built = replace(kept[name], position=upto)
                    self._change_places(site, name, built, live[name])
        return moved

    def _give_up(self, site: SiteId, name: str) -> None:
        """The projection itself begins anew, under other code or another zone."""
        with self._writing.begin() as connection:
            self._forget(connection, beside(site), name)

    def _change_places(self, site: SiteId, name: str, built: Place, live: Place) -> None:
        """Overtaken if another follower moved either of the two meanwhile."""
        aside = beside(site)
        with self._writing.begin() as connection:
            positions.move(connection, site, name, live, built)
            positions.move(connection, aside, name, built, built)
            self._forget(connection, site, name, keep_place=True)
            positions.rename_aside(connection, aside, site, name)
            for table in self._projections[name].tables:
                connection.execute(update(table).where(table.c.site == aside).values(site=site))
            positions.end(connection, aside, name)
        _logger.info("projection_rebuilt", site=site, projection=name)

    def _forget(
        self, connection: Connection, site: SiteId, name: str, *, keep_place: bool = False
    ) -> None:
        if not keep_place:
            positions.end(connection, site, name)
        positions.forget_aside(connection, site, name)
        for table in self._projections[name].tables:
            connection.execute(delete(table).where(table.c.site == site))


def beside(site: SiteId) -> SiteId:
    """The name under which a site's projections are rebuilt."""
    return SiteId(f"~{hashlib.sha256(site.encode()).hexdigest()[:40]}")

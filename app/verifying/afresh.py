"""The projections of one site, folded afresh from its log into databases of their own.

They are SQLite files in a temporary folder whatever the live ones are, only for their owner, and
gone at the end. What profiles hold is sealed there as it is in the rows in use.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy import make_url

from aggregates.kernel.ids import SiteId
from app.engines import open_engine
from app.eventlog.sealing import RowSeals
from app.wiring import Services
from app.wiring import immediate
from projections import positions
from projections.followed import followed
from projections.page_folds import Page
from projections.page_folds import PageFolds
from projections.positions import Place
from projections.schema import log_store
from projections.schema import read_store

PAGE_EVENTS = 1_000


class Afresh:
    """Folds on as far as it is told to, never back."""

    def __init__(self, services: Services, site: SiteId, folder: Path) -> None:
        self._services = services
        self._site = site
        self._immediate = immediate()
        seals = RowSeals(services.keys)
        self._followed = {projection.name: projection for projection in followed(seals)}
        self._upto = 0
        self._places: dict[str, Place] = {}
        url = make_url(f"sqlite:///{folder / 'afresh.db'}")
        self.log: Engine = open_engine(url, "log")
        self.read: Engine = open_engine(url, "read")
        log_store.create_all(self.log)
        read_store.create_all(self.read)
        self._pages = PageFolds(self.read, services.log, services.clock)

    def close(self) -> None:
        """Lets go of both."""
        self.log.dispose()
        self.read.dispose()

    def fold(self, upto: int) -> None:
        """Brings what is written with its event up to a position."""
        topics = frozenset[str]().union(*(each.topics for each in self._immediate))
        unseals = frozenset[str]().union(*(each.unseals for each in self._immediate))
        while self._upto < upto:
            end = min(upto, self._upto + PAGE_EVENTS)
            events = self._services.log.read(
                self._site, self._upto, PAGE_EVENTS, upto=end, topics=topics, unseal=unseals
            )
            with self.log.begin() as connection:
                for projection in self._immediate:
                    own = [event for event in events if event.topic in projection.topics]
                    for write in projection.fold(connection, self._site, own) if own else []:
                        if write.rows:
                            connection.execute(write.statement, list(write.rows))
            self._upto = end

    def follow(self, live: Mapping[str, Place]) -> set[str]:
        """Brings followed projections to where the live ones stand; which can be compared. One
        that is folded by other code cannot: its follower will begin it anew."""
        names = {name for name, place in live.items() if self._begun(name, place)}
        while behind := {n for n in names if self._places[n].position < live[n].position}:
            at = min(self._places[name].position for name in behind)
            here = sorted(name for name in behind if self._places[name].position == at)
            upto = min(at + PAGE_EVENTS, *(live[name].position for name in here))
            projections = tuple(self._followed[name] for name in here)
            page = Page(self._site, projections, at, upto, self._site)
            self._pages.fold(page, {name: self._places[name] for name in here})
            for name in here:
                self._places[name] = replace(self._places[name], position=upto)
        return names

    def _begun(self, name: str, live: Place) -> bool:
        """Whether rows of this code are there, from the first event on where need be."""
        projection = self._followed.get(name)
        if projection is None or projection.version != live.version:
            return False
        place = self._places.get(name)
        if place is None or not place.same_rows(live) or place.position > live.position:
            self._places[name] = replace(live, position=0)
            with self.read.begin() as connection:
                positions.end(connection, self._site, name)
                for table in projection.tables:
                    connection.execute(table.delete())
                positions.begin(connection, self._site, name, self._places[name])
        return True

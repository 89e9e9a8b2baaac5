"""The follower: brings the followed projections up to the head of each site's log.

Any number of followers may run; they only cost each other work (projections/page_folds.py). A
rebuild folds a projection anew beside its rows (projections/rebuilds.py). Rows of other code or of
another time zone are no use: then the projection is emptied and follows from the first event, and
decisions stay right meanwhile, because they read the log's tail from its position on.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Protocol

import structlog
from sqlalchemy import Engine
from sqlalchemy import delete

from aggregates.kernel.clock import Clock
from aggregates.kernel.errors import NotFound
from aggregates.kernel.ids import SiteId
from aggregates.log import EventLog
from projections import positions
from projections import sites
from projections.followed import Followed
from projections.page_folds import Page
from projections.page_folds import PageFolds
from projections.page_folds import is_passing
from projections.positions import Overtaken
from projections.positions import Place
from projections.rebuilds import Rebuilds

PAGE_EVENTS = 1_000  # a page's write transaction stays near 20 ms
_IDLE_S = (0.02, 0.5)  # decisions read the tail themselves, so an idle follower need not hurry
_AWAY_S = 5.0

_logger = structlog.get_logger()


class StoreEngines(Protocol):
    """The two of app.database.Stores that a follower uses."""

    @property
    def log(self) -> Engine: ...
    @property
    def read(self) -> Engine: ...


class Follower:
    """Folds the logs of all sites into the given projections."""

    def __init__(
        self, stores: StoreEngines, log: EventLog, projections: Sequence[Followed], clock: Clock
    ) -> None:
        self._stores = stores
        self._writing = stores.read.execution_options(writing=True)
        self._log = log
        self._projections = {projection.name: projection for projection in projections}
        self._pages = PageFolds(stores.read, log, clock)
        self._rebuilds = Rebuilds(stores.read, self._pages, self._projections)

    def step(self, site: SiteId) -> int:
        """Folds at most a page for each projection. How many positions the one that moved furthest
        did move; 0 if nothing was left, or another follower was first."""
        head = self._log.head(site).position
        places = self._places(site)
        moved = 0
        limit = head
        try:
            for at in sorted({place.position for place in places.values()}, reverse=True):
                upto = min(at + PAGE_EVENTS, limit)
                if upto > at:
                    self._pages.fold(self._page(site, places, at, upto), places)
                    moved = max(moved, upto - at)
                limit = upto
            if building := self._rebuilds.places(site):
                live = self._places(site)
                moved = max(moved, self._rebuilds.step(site, building, live, PAGE_EVENTS))
        except Overtaken:
            _logger.info("follower_overtaken", site=site)
        return moved

    def catch_up(self, site: SiteId) -> int:
        """Steps until nothing is left; how many steps moved something."""
        steps = 0
        while self.step(site):
            steps += 1
        return steps

    def rebuild(self, site: SiteId, projection: str) -> None:
        """Lets the next steps fold a projection anew. NotFound if it is none."""
        if projection not in self._projections:
            raise NotFound("projection_unknown", "no followed projection by that name")
        self._rebuilds.begin(site, projection, self._places(site)[projection])

    def rebuilding(self, site: SiteId) -> dict[str, int]:
        """How many events each projection that is being rebuilt has still to fold."""
        building = self._rebuilds.places(site)
        with self._stores.read.connect() as connection:
            live = positions.places(connection, site)
        return {name: live[name].position - place.position for name, place in building.items()}

    def folded(self, site: SiteId) -> int:
        """The position that every projection has folded, those too that are being rebuilt."""
        building = self._rebuilds.places(site).values()
        with self._stores.read.connect() as connection:
            reached = positions.places(connection, site)
        live = [reached[name].position if name in reached else 0 for name in self._projections]
        return min([*live, *(place.position for place in building)], default=0)

    def lag(self, site: SiteId) -> int:
        """How many events the projection that is furthest behind has not folded."""
        with self._stores.read.connect() as connection:
            reached = positions.places(connection, site)
        head = self._log.head(site).position
        behind = [reached[name].position if name in reached else 0 for name in self._projections]
        return max(0, head - min(behind, default=head))

    def lags(self) -> dict[str, int]:
        """The lag of every site."""
        return {site: self.lag(site) for site in self._log.sites()}

    def set_aside(self) -> dict[str, int]:
        """How many events of every site some projection could not fold and skipped."""
        with self._stores.read.connect() as connection:
            counted = positions.counted_aside(connection)
        return {site: counted.get(site, 0) for site in self._log.sites()}

    def run(self, stop: threading.Event) -> None:
        """Follows until told to stop. A store that is away is waited for."""
        idle_s = _IDLE_S[0]
        while not stop.is_set():
            try:
                moved = sum(self.step(site) for site in self._log.sites() if not stop.is_set())
            except Exception as error:
                if not is_passing(error):
                    raise
                _logger.warning("follower_waits", error=type(error).__name__)
                stop.wait(_AWAY_S)
                continue
            if moved:
                idle_s = _IDLE_S[0]
            else:
                stop.wait(idle_s)
                idle_s = min(2 * idle_s, _IDLE_S[1])

    def _page(self, site: SiteId, places: Mapping[str, Place], at: int, upto: int) -> Page:
        here = [p for name, p in self._projections.items() if places[name].position == at]
        return Page(site, tuple(here), at, upto, site)

    def _places(self, site: SiteId) -> dict[str, Place]:
        """Where each projection stands, begun or restarted where its rows cannot be continued."""
        with self._stores.log.connect() as connection:
            found = sites.find(connection, site)
        zone = found.settings.time_zone if found is not None else "UTC"
        with self._stores.read.connect() as connection:
            reached = positions.places(connection, site)
        places = {}
        for name, projection in self._projections.items():
            fresh = Place(0, projection.version, zone if projection.zoned else "")
            before = reached.get(name)
            if before is None:
                with self._writing.begin() as connection:
                    positions.begin(connection, site, name, fresh)
            elif not before.same_rows(fresh):
                self._restart(site, name, before, fresh)
            places[name] = before if before is not None and before.same_rows(fresh) else fresh
        return places

    def _restart(self, site: SiteId, name: str, before: Place, after: Place) -> None:
        try:
            with self._writing.begin() as connection:
                positions.move(connection, site, name, before, after)
                positions.forget_aside(connection, site, name)
                for table in self._projections[name].tables:
                    connection.execute(delete(table).where(table.c.site == site))
        except Overtaken:
            _logger.info("follower_overtaken", site=site)
            return
        _logger.info("projection_restarted", site=site, projection=name)

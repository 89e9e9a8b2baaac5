"""Folds one page of a site's log into some projections, all or nothing, without being stopped.

The rows are computed before the write transaction begins; inside it, each projection's place is
moved first (projections/positions.py, the fence), so a follower that lost its race writes nothing.
An event that a projection cannot fold is found by halving the page, noted as set aside and skipped.
A database that is away is not the event's fault: such errors go up to the follower, which waits.
"""

from __future__ import annotations

import traceback
from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from pathlib import Path

import structlog
from sqlalchemy import Connection
from sqlalchemy import Engine
from sqlalchemy.exc import DataError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import IntegrityError

from aggregates import erasure
from aggregates.kernel.clock import Clock
from aggregates.kernel.errors import Unavailable
from aggregates.kernel.ids import SiteId
from aggregates.log import EventLog
from aggregates.log import RecordedEvent
from projections.followed import Followed
from projections.forgetting import forgotten
from projections.positions import Overtaken
from projections.positions import Place
from projections.positions import move
from projections.positions import put_aside
from projections.projection import Write
from projections.writing import execute

_logger = structlog.get_logger()


class _Unfoldable(Exception):
    """A projection (None: the reading itself) failed on a page; the cause is its `__cause__`."""

    def __init__(self, projection: Followed | None) -> None:
        super().__init__()
        self.projection = projection


@dataclass(frozen=True, slots=True)
class Page:
    """The positions after `after` up to and with `upto`, for projections that stand at `after`.

    `rows`: the site under whose name rows and place are kept (projections/rebuilds.py)."""

    site: SiteId
    projections: tuple[Followed, ...]
    after: int
    upto: int
    rows: SiteId


class PageFolds:
    """Folds pages of the log into the read store."""

    def __init__(self, read: Engine, log: EventLog, clock: Clock) -> None:
        self._read = read
        self._writing = read.execution_options(writing=True)
        self._log = log
        self._clock = clock

    def fold(self, page: Page, places: Mapping[str, Place]) -> None:
        """All projections of the page stand at `page.upto` when this returns; Overtaken if another
        follower was first."""
        try:
            self._together(page, places, self._events(page))
        except _Unfoldable as broken:
            if page.upto - page.after > 1:
                self._by_halves(page, places)
            else:
                self._without(page, places, broken)

    def _by_halves(self, page: Page, places: Mapping[str, Place]) -> None:
        middle = (page.after + page.upto) // 2
        self.fold(replace(page, upto=middle), places)
        halfway = {
            name: replace(place, position=middle) if place.position == page.after else place
            for name, place in places.items()
        }
        self.fold(replace(page, after=middle), halfway)

    def _without(self, page: Page, places: Mapping[str, Place], broken: _Unfoldable) -> None:
        """The page is one event. Who cannot fold it goes on without it; the others fold it."""
        stuck = [p for p in page.projections if broken.projection in (None, p)]
        error = _where(broken.__cause__)
        with self._writing.begin() as connection:
            for projection in stuck:
                self._move(connection, page, places, projection)
                why = {"error": error, "set_aside_at": self._clock.now()}
                put_aside(connection, page.rows, projection.name, page.upto, **why)
        for projection in stuck:
            _logger.error(
                "event_set_aside",
                site=page.site,
                projection=projection.name,
                position=page.upto,
                error=error,
            )
        rest = tuple(p for p in page.projections if p not in stuck)
        if rest:
            self.fold(replace(page, projections=rest), places)

    def _events(self, page: Page) -> Sequence[RecordedEvent]:
        topics = erasure.TOPICS.union(*(p.topics for p in page.projections))
        unseals = frozenset[str]().union(*(p.unseals for p in page.projections))
        try:
            return self._log.read(
                page.site,
                page.after,
                page.upto - page.after,
                upto=page.upto,
                topics=topics,
                unseal=unseals,
            )
        except Exception as error:
            if is_passing(error):
                raise
            raise _Unfoldable(None) from error

    def _together(
        self, page: Page, places: Mapping[str, Place], events: Sequence[RecordedEvent]
    ) -> None:
        with self._read.connect() as reading:
            writes = [
                (projection, self._writes(reading, page.rows, projection, events))
                for projection in page.projections
            ]
        with self._writing.begin() as connection:
            for projection, _ in writes:
                self._move(connection, page, places, projection)
            for projection, statements in writes:
                _execute(connection, projection, statements)

    def _writes(
        self,
        connection: Connection,
        site: SiteId,
        projection: Followed,
        events: Sequence[RecordedEvent],
    ) -> list[Write]:
        own = _of_topics(events, projection.topics)
        try:
            writes = projection.fold(connection, site, own) if own else []
        except Exception as error:
            if is_passing(error):
                raise
            raise _Unfoldable(projection) from error
        # last, for nothing of them comes after the event that says so
        gone = erasure.names_erased(events)
        return [*writes, *forgotten(projection.forgets, site, gone)]

    @staticmethod
    def _move(
        connection: Connection, page: Page, places: Mapping[str, Place], projection: Followed
    ) -> None:
        before = places[projection.name]
        if before.position != page.after:
            raise Overtaken(projection.name)
        move(connection, page.rows, projection.name, before, replace(before, position=page.upto))


def is_passing(error: Exception) -> bool:
    """Whether the same work may succeed later: the store is away, locked or without its tables."""
    if isinstance(error, Unavailable | Overtaken | OSError):
        return True
    return isinstance(error, DBAPIError) and not isinstance(error, DataError | IntegrityError)


def _of_topics(events: Sequence[RecordedEvent], topics: Collection[str]) -> Sequence[RecordedEvent]:
    return [event for event in events if event.topic in topics]


def _execute(connection: Connection, projection: Followed, writes: Sequence[Write]) -> None:
    try:
        for write in writes:
            execute(connection, write)
    except Exception as error:
        if is_passing(error):
            raise
        raise _Unfoldable(projection) from error


def _where(error: BaseException | None) -> str:
    """Class and place of an error. Not its text, which may quote what a shopper sent."""
    if error is None:
        return "unknown"
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).parent.name == "projections"]
    last = (ours or frames)[-1]
    return f"{type(error).__name__} in {Path(last.filename).stem}.{last.name}, line {last.lineno}"

"""The part of a simulation that one process does: a stretch of the log, page by page.

A stretch is some thousand positions, so that whoever waits for it can stop soon, and memory holds a
page of decisions and the sums. Nothing is written, and no lock is held between two pages.
"""

from __future__ import annotations

import heapq
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from typing import TYPE_CHECKING
from typing import Protocol

from sqlalchemy import Connection

from aggregates.kernel.ids import SiteId
from app.eventlog.chain import Row
from decisions.past import settings_at
from decisions.record import TOPIC
from decisions.simulation.sampling import place_of
from decisions.simulation.simulator import Simulator
from decisions.simulation.spec import KIND
from decisions.simulation.spec import Candidate
from decisions.simulation.spec import CandidateChange
from decisions.simulation.spec import SchedulesMode
from decisions.simulation.spec import Simulation
from decisions.simulation.tally import Tally
from projections import revisions
from rulesets.compiled import CompiledRevision
from rulesets.compiled import compile_revision
from rulesets.definitions import LiveDefinition

if TYPE_CHECKING:
    from app.wiring import Services

PAGE = 200
"""Decisions read at once; between two pages a worker asks whether it is to stop."""
_TOPICS = frozenset({TOPIC})
_DAYS = ("from_date", "to_date")


class Stop(Protocol):
    """An event of threads or of processes."""

    def is_set(self) -> bool:
        """Whether to stop."""


class Stopped(Exception):
    """A worker was told to stop."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Positions after the first, up to the second."""

    after: int
    upto: int


@dataclass(frozen=True, slots=True)
class Work:
    """What all stretches of a simulation share. `below`: the places of a sample, None for all.
    `ordered`: sorted places of the decisions that orders came of, as bytes of 64-bit numbers."""

    site: SiteId
    asked: Simulation
    below: int | None
    ordered: bytes


class Worker:
    """One process's part, with what it compiled."""

    def __init__(self, services: Services, work: Work, stop: Stop) -> None:
        self._log = services.log
        self._work = work
        self._stop = stop
        self._ordered = array("Q")
        self._ordered.frombytes(work.ordered)
        asked = work.asked
        self._seed = asked.sample.seed if asked.sample is not None else 0
        compiled = compiled_candidate(services, work.site, asked.candidate, asked.schedules)
        self._simulator = Simulator(
            services.means, work.site, compiled, asked.segments, self._is_ordered
        )

    def simulate(self, stretch: Stretch) -> Tally:
        """The sums of a stretch."""
        tally = Tally(self._work.asked.top)
        for rows in self._pages(stretch):
            wanted = rows if self._work.below is None else self._sampled(rows, tally)
            self._simulator.add(self._log.codec.decode(wanted, True), tally)
        if self._work.below is None:
            tally.counts.population = tally.counts.sampled
        return tally

    def _sampled(self, rows: Sequence[Row], tally: Tally) -> list[Row]:
        """The rows of the sample: the others are neither opened nor decided."""
        assert self._work.below is not None
        found = []
        for row, place in self._places(rows):
            tally.counts.population += 1
            if place < self._work.below:
                found.append(row)
        return found

    def survey(self, stretch: Stretch, count: int) -> list[int]:
        """The smallest places of so many decisions of a stretch."""
        smallest: list[int] = []
        for rows in self._pages(stretch):
            places = (place for _, place in self._places(rows))
            smallest = heapq.nsmallest(count, [*smallest, *places])
        return smallest

    def _pages(self, stretch: Stretch) -> Iterator[list[Row]]:
        after = stretch.after
        while True:
            if self._stop.is_set():
                raise Stopped
            site = self._work.site
            rows = self._log.reads.page(site, after, stretch.upto, PAGE, topics=_TOPICS)
            if rows:
                yield rows
            if len(rows) < PAGE:
                return
            after = rows[-1][1]

    def _places(self, rows: Sequence[Row]) -> Iterator[tuple[Row, int]]:
        """The carts among these rows; only what is open of them is read."""
        for row, event in zip(rows, self._log.codec.decode(rows), strict=True):
            if event.data["kind"] == KIND:
                yield row, place_of(event.data["decision_id"], self._seed)

    def _is_ordered(self, decision_id: str) -> bool:
        place = place_of(decision_id, 0)
        at = bisect_left(self._ordered, place)
        return at < len(self._ordered) and self._ordered[at] == place


def compiled_candidate(
    services: Services, site: SiteId, candidate: Candidate, schedules: SchedulesMode
) -> CompiledRevision:
    """The revision that publishing the candidate would make, in memory alone."""
    settings = settings_at(services.log, site, candidate.settings_position)
    with services.stores.log.connect() as connection:
        definitions = _definitions(connection, site, candidate, schedules)
    current = services.revisions.now(site)
    return compile_revision(
        site, candidate.revision, candidate.digest, definitions, settings, previous=current
    )


def _definitions(
    connection: Connection, site: SiteId, candidate: Candidate, schedules: SchedulesMode
) -> list[LiveDefinition]:
    touched = {(one.kind, one.id) for one in candidate.changes}
    base = revisions.live(connection, site, candidate.revision) if candidate.revision else []
    kept = [one for one in base if (one.kind, one.id) not in touched]
    return kept + [_definition(one, schedules) for one in candidate.changes if one.body is not None]


def _definition(change: CandidateChange, schedules: SchedulesMode) -> LiveDefinition:
    """With `open` schedules a changed definition counts at any time. It has another digest then,
    so that nothing is taken over from one that is bound to its time."""
    assert change.body is not None
    live = LiveDefinition(
        change.kind,
        change.id,
        change.key,
        change.version,
        change.digest,
        change.body,
        starts_at=change.starts_at,
        ends_at=change.ends_at,
    )
    if schedules == "kept":
        return live
    body = {name: value for name, value in change.body.items() if name not in _DAYS}
    return replace(live, body=body, digest=f"{change.digest}/open", starts_at=None, ends_at=None)

"""Runs a simulation over its range: finds the range, draws the sample, adds up the parts."""

from __future__ import annotations

import heapq
from array import array
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from aggregates.kernel.clock import SECOND
from aggregates.kernel.ids import SiteId
from aggregates.kernel.limits import RESERVATION_S_MAX
from aggregates.redemption import REDEEMED
from app.schemas.site import DAY_S
from app.simulation.pool import Pool
from app.simulation.pool import cores
from app.simulation.work import Stretch
from app.simulation.work import Work
from app.simulation.work import Worker
from app.simulation.work import compiled_candidate
from app.wiring import Services
from decisions.simulation.notes import notes_of
from decisions.simulation.result import Named
from decisions.simulation.result import result_of
from decisions.simulation.sampling import limit_of_count
from decisions.simulation.sampling import limit_of_share
from decisions.simulation.sampling import place_of
from decisions.simulation.spec import CandidateChange
from decisions.simulation.spec import Simulation
from decisions.simulation.tally import Tally
from projections import definition_reads
from projections import revisions
from rulesets.compiled import CompiledRevision

POSITIONS = 1_000
"""Positions of one stretch: seconds of work at most, after which progress is told."""
_REDEEMED_WITHIN = (DAY_S + RESERVATION_S_MAX) * SECOND
"""The longest that a decision may wait for its order."""
_PAGE = 5_000
_RULES = "cart-rules"
Progress = Callable[[int, int], None]
"""Told how many positions are done, and of how many; raises to stop."""


@dataclass(slots=True)
class _Steps:
    """Positions done of all passes over the range."""

    total: int
    progress: Progress
    done: int = 0

    def more(self, positions: int) -> None:
        self.done = min(self.done + positions, self.total)
        self.progress(self.done, self.total)


def run_simulation(
    services: Services, site: SiteId, asked: Simulation, progress: Progress
) -> dict[str, Any]:
    """The result as JSON."""
    span = span_of(services, site, asked)
    passes = 2 if asked.sample is not None and asked.sample.count is not None else 1
    steps = _Steps(passes * (span.upto - span.after), progress)
    steps.more(0)
    compiled = compiled_candidate(services, site, asked.candidate, asked.schedules)
    ordered = _ordered(services, site, span, asked, steps)
    stretches = list(_stretches(span))
    processes = min(cores(), len(stretches)) if len(stretches) > 1 else 0
    below = _below(services, Work(site, asked, None, b""), processes, stretches, steps)
    tally = Tally(asked.top)
    pool = Pool(services, Work(site, asked, below, ordered), processes)
    for part in pool.run(_simulated, stretches, steps.more):
        tally.merge(part)
    named = _named(services, site, asked, compiled, tally)
    notes = notes_of(asked, compiled, tally)
    return result_of(tally, named, notes, sampled=asked.sample is not None)


def span_of(services: Services, site: SiteId, asked: Simulation) -> Stretch:
    """The positions of a range of moments of recording, which never go back along a log."""
    head = services.log.head(site).position
    after = _last_before(services, site, asked.from_at, head)
    return Stretch(after, max(after, _last_before(services, site, asked.to_at, head)))


def _last_before(services: Services, site: SiteId, moment: int, head: int) -> int:
    low, high = 0, head
    while low < high:
        middle = (low + high + 1) // 2
        event = services.log.read_position(site, middle)
        if event is not None and event.recorded_at < moment:
            low = middle
        else:
            high = middle - 1
    return low


def _stretches(span: Stretch) -> Iterator[Stretch]:
    for after in range(span.after, span.upto, POSITIONS):
        yield Stretch(after, min(after + POSITIONS, span.upto))


def _below(
    services: Services, work: Work, processes: int, stretches: list[Stretch], steps: _Steps
) -> int | None:
    """The place below which the sample lies. For a number of decisions a first pass looks at the
    places of all."""
    sample = work.asked.sample
    if sample is None:
        return None
    if sample.share is not None:
        return limit_of_share(sample.share)
    assert sample.count is not None
    smallest: list[int] = []
    task = partial(_surveyed, count=sample.count)
    for part in Pool(services, work, processes).run(task, stretches, steps.more):
        smallest = heapq.nsmallest(sample.count, [*smallest, *part])
    return limit_of_count(smallest, sample.count)


def _ordered(
    services: Services, site: SiteId, span: Stretch, asked: Simulation, steps: _Steps
) -> bytes:
    """The places of the decisions that were redeemed, sorted: eight bytes each, however many."""
    places = array("Q")
    after, until = span.after, asked.to_at + _REDEEMED_WITHIN
    while True:
        steps.more(0)
        page = services.log.read(site, after, _PAGE, topics=frozenset({REDEEMED}))
        known = [event for event in page if event.recorded_at < until]
        places.extend(place_of(event.data["decision_id"], 0) for event in known)
        if len(known) < _PAGE:
            return array("Q", sorted(places)).tobytes()
        after = page[-1].position


def _named(
    services: Services, site: SiteId, asked: Simulation, compiled: CompiledRevision, tally: Tally
) -> Named:
    """The rules that the result speaks of, by name; those that are gone have their last one."""
    changes = {one.id: one for one in asked.candidate.changes if one.kind == _RULES}
    names = {rule.id: rule.name for rule in compiled.rules.values()}
    gone = ({rule_id for rule_id, _ in tally.rules} | changes.keys()) - names.keys()
    with services.stores.log.connect() as connection:
        stored = definition_reads.named(connection, site, [(_RULES, name) for name in gone])
        digests = {one.id: one.digest for one in stored.values()}
        bodies = revisions.bodies(connection, site, digests.values())
    names |= {rule_id: str(bodies[digest]["name"]) for rule_id, digest in digests.items()}
    return {rule_id: (name, _what(changes.get(rule_id))) for rule_id, name in names.items()}


def _what(change: CandidateChange | None) -> str | None:
    if change is None:
        return None
    if change.body is None:
        return "removed"
    return "added" if change.is_new else "changed"


def _simulated(worker: Worker, stretch: Stretch) -> Tally:
    return worker.simulate(stretch)


def _surveyed(worker: Worker, stretch: Stretch, *, count: int) -> list[int]:
    return worker.survey(stretch, count)

"""Asking for a simulation, and cancelling one. The job `simulations` runs what is asked for."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from typing import TYPE_CHECKING
from typing import Any

from aggregates.kernel.errors import Conflict
from aggregates.kernel.errors import DuplicateEvent
from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import NotFound
from aggregates.kernel.errors import Problem
from aggregates.kernel.errors import Unavailable
from aggregates.kernel.errors import VersionConflict
from aggregates.kernel.ids import SiteId
from aggregates.kernel.limits import SIMULATIONS_OPEN_MAX
from aggregates.log import Append
from aggregates.log import IdempotencyRow
from aggregates.log import NewEvent
from aggregates.simulation import ASKED
from aggregates.simulation import CANCELLED
from aggregates.simulation import simulation_id
from aggregates.simulation import simulation_stream
from app.authoring.soundness import Trial
from app.simulation.candidates import candidate_of
from app.simulation.views import simulation_view
from decisions.simulation.spec import KIND
from decisions.simulation.spec import Sample
from decisions.simulation.spec import Simulation
from projections import simulations
from projections.simulations import GIVEN_UP
from projections.simulations import OPEN
from projections.simulations import WAITING
from projections.simulations import SimulationRow

if TYPE_CHECKING:
    from app.wiring import Services

Once = Callable[[int, Mapping[str, Any]], IdempotencyRow | None]
Answer = tuple[dict[str, Any], int]
"""The simulation as answers show it, and the log position."""
_ATTEMPTS = 100


def resolved(
    services: Services, site: SiteId, asked: Mapping[str, Any], trial: Trial
) -> Simulation:
    """A question as it was sent, with all that it refers to; InvalidInput for what is wrong."""
    over = asked["over"]
    if over.get("kind", KIND) != KIND:
        detail = "only decisions about carts are simulated"
        raise InvalidInput([Problem("/over/kind", "kind_not_simulated", detail)])
    if over["to"] <= over["from"]:
        raise InvalidInput([Problem("/over/to", "from_after_to", "the range holds no moment")])
    sample = asked.get("sample")
    more = {name: asked[name] for name in ("segments", "schedules", "top") if name in asked}
    return Simulation(
        candidate_of(services, site, asked["candidate"], trial),
        over["from"],
        min(over["to"], services.clock.now()),  # what is recorded from now on is not in it
        sample=None if sample is None else Sample(**sample),
        **more,
    )


def ask(services: Services, site: SiteId, asked: Simulation, actor: str, once: Once) -> Answer:
    """Puts it in the line of those that wait."""
    for _ in range(_ATTEMPTS):
        with services.stores.log.connect() as connection:
            number = simulations.next_number(connection, site)
            waiting = simulations.count_open(connection, site)
        if waiting >= SIMULATIONS_OPEN_MAX:
            detail = f"{waiting} simulations wait or run already"
            raise Conflict("too_many_simulations", detail, limit=SIMULATIONS_OPEN_MAX)
        now, id_ = services.clock.now(), simulation_id(number)
        question, digest = asked.to_json(), asked.candidate.digest
        row = SimulationRow(number, digest, question, actor, now, 1, 0, WAITING, None, None, None)
        view = simulation_view(row)
        data = {"simulation": id_, "digest": digest, "question": question, "actor": actor}
        event = NewEvent(simulation_stream(site, id_), 1, ASKED, data, occurred_at=now)
        unit = Append(site, (event,), once=once(202, view), refuse_duplicates=True)
        try:
            return view, services.log.append(unit).log_position
        except DuplicateEvent:
            continue  # another author took the number
    raise Unavailable("busy_authors", "too many authors ask for simulations at this moment")


def cancel(services: Services, site: SiteId, simulation: str, actor: str, once: Once) -> Answer:
    """Ends one that waits or runs; the same again answers the same. Conflict once it has ended."""
    for _ in range(_ATTEMPTS):
        row = found(services, site, simulation)
        if row.status == GIVEN_UP:
            return simulation_view(row), services.log.head(site).position
        if row.status not in OPEN:
            raise Conflict("simulation_ended", f"{row.id} has ended: its result stays")
        now = services.clock.now()
        view = {**simulation_view(row), "status": GIVEN_UP}
        data = {"simulation": row.id, "actor": actor}
        stream = simulation_stream(site, row.id)
        event = NewEvent(stream, row.version + 1, CANCELLED, data, occurred_at=now)
        unit = Append(site, (event,), {stream: row.version}, (), once(200, view))
        try:
            return view, services.log.append(unit).log_position
        except VersionConflict:
            continue  # it began or ended at this moment
    raise Unavailable("busy_authors", "the simulation changes at this moment")


def found(services: Services, site: SiteId, simulation: str) -> SimulationRow:
    """A simulation of a site; NotFound if there is none."""
    with services.stores.log.connect() as connection:
        row = simulations.find(connection, site, simulation)
    if row is None:
        raise NotFound("simulation_unknown", "no simulation by that id")
    return row

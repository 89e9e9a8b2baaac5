"""The job `simulations`: runs those that were asked for, one after the other.

Each begin is in the log, so one that ends its process again and again is given up. A cancelled one
is noticed between two looks at its workers.
"""

from __future__ import annotations

import time
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from typing import TYPE_CHECKING
from typing import Any

from aggregates.kernel.errors import DomainError
from aggregates.kernel.errors import Unavailable
from aggregates.kernel.errors import VersionConflict
from aggregates.kernel.ids import SiteId
from aggregates.log import Append
from aggregates.log import NewEvent
from aggregates.simulation import ATTEMPTS_MAX
from aggregates.simulation import ENDED
from aggregates.simulation import STARTED
from aggregates.simulation import simulation_stream
from app.edge import logging
from app.jobs.job import JobFailed
from app.jobs.run import Run
from app.simulation.running import run_simulation
from decisions.simulation.spec import Simulation
from projections import simulations as rows
from projections.simulations import SimulationRow

if TYPE_CHECKING:
    from app.wiring import Services

_LOOK_S = 0.5


class _Cancelled(Exception):
    """Nobody wants it any more."""


def is_due(services: Services, site: SiteId) -> bool:
    """Whether any simulation is open."""
    return _next(services, site) is not None


def simulations(services: Services, site: SiteId, run: Run) -> str:
    """All open ones. Whatever kills it, the next run begins the one in work anew."""
    ended = []
    while (row := _next(services, site)) is not None:
        run.check()
        with suppress(_Cancelled, VersionConflict):  # cancelled at that moment
            _step(services, site, run, row)
            ended.append(row.id)
    return f"{', '.join(ended) or 'no simulation'}: ended"


def _next(services: Services, site: SiteId) -> SimulationRow | None:
    with services.stores.log.connect() as connection:
        return rows.oldest_open(connection, site)


def _step(services: Services, site: SiteId, run: Run, row: SimulationRow) -> None:
    if row.attempts >= ATTEMPTS_MAX:
        detail = f"it was begun {row.attempts} times, and its process ended each time"
        _append(services, site, row, ENDED, error={"code": "gave_up", "detail": detail})
        return
    _append(services, site, row, STARTED)
    told: dict[str, Any]
    try:
        progress = _Progress(services, site, run, row)
        told = {"result": run_simulation(services, site, _question(row), progress.tell)}
    except (_Cancelled, Unavailable):
        raise
    except BrokenProcessPool:
        raise JobFailed(f"{row.id}: a worker process ended; it is begun again") from None
    except Exception as error:
        logging.failure("simulation_failed", error, site=site, simulation=row.id)
        told = {"error": _told(error)}
    _append(services, site, row, ENDED, after=1, **told)


def _question(row: SimulationRow) -> Simulation:
    return Simulation.from_json(row.question)


def _told(error: Exception) -> dict[str, str]:
    """What its author reads. An unforeseen error may quote what a client sent: the log has it."""
    if isinstance(error, DomainError):
        return {"code": error.code, "detail": error.detail}
    return {"code": "internal", "detail": f"an unforeseen {type(error).__name__}; see the log"}


class _Progress:
    """Tells the run how far it is, and asks now and then whether it is still wanted."""

    def __init__(self, services: Services, site: SiteId, run: Run, row: SimulationRow) -> None:
        self._engine, self._site = services.stores.log, site
        self._run, self._row = run, row
        self._looked = time.monotonic()

    def tell(self, done: int, total: int) -> None:
        self._run.progress(self._row.id, done, total)
        if time.monotonic() - self._looked < _LOOK_S:
            return
        self._looked = time.monotonic()
        with self._engine.connect() as connection:
            if not rows.is_open(connection, self._site, self._row.number):
                raise _Cancelled


def _append(
    services: Services,
    site: SiteId,
    row: SimulationRow,
    topic: str,
    *,
    after: int = 0,
    **data: Any,
) -> None:
    """The next event of a simulation, `after` so many others since the row was read;
    VersionConflict if it was cancelled meanwhile."""
    stream, version = simulation_stream(site, row.id), row.version + after
    event = NewEvent(stream, version + 1, topic, {"simulation": row.id, **data})
    services.log.append(Append(site, (event,), {stream: version}))

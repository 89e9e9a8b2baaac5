"""The scheduler: waits until it is the leader, then runs what is due until it is none any more.

APScheduler gives the ticks, with a thread for each job. A tick looks which sites have not had their
job in the present period, so one mechanism does what is due, what was missed while no scheduler
ran, what is tried again and what another process left half done.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from datetime import UTC
from datetime import datetime
from typing import TYPE_CHECKING

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from aggregates.kernel.errors import Unavailable
from app.edge.logging import failure
from app.jobs.job import Job
from app.jobs.leader import LeaderLock
from app.jobs.performing import perform
from app.jobs.run import Run

if TYPE_CHECKING:
    from app.wiring import Services

LOOK_S = 15.0
"""How often each job looks for what is due, if it is due less often: a select for each site."""
CHECK_S = 1.0
"""How often a leader asks whether it is one, and the others whether they are."""
STOP_S = 5.0
"""How long a body has to reach its next step after the lock was lost. Others take a run over
LOST_S after its last heartbeat, which is later."""
END_S = 10.0
"""The same at the end of the process: less than the supervisor waits."""

_logger = structlog.get_logger()


class _Term:
    """One time of being the leader. `stop` ends it for the bodies that run in it."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.runs: set[Run] = set()
        self._looking = 0
        self._changed = threading.Condition()

    @contextmanager
    def looking(self) -> Iterator[None]:
        """While a job looks for work or does it."""
        with self._changed:
            self._looking += 1
        try:
            yield
        finally:
            with self._changed:
                self._looking -= 1
                self._changed.notify_all()

    def over(self, wait_s: float) -> bool:
        """Whether nothing runs in it, now or within some seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: self._looking == 0, wait_s)


class JobScheduler:
    """Runs jobs in this process while it is the leader."""

    def __init__(
        self,
        services: Services,
        jobs: Sequence[Job],
        lock: LeaderLock,
        *,
        look_s: float = LOOK_S,
        die: Callable[[], None] = lambda: os._exit(70),
    ) -> None:
        self._services = services
        self._jobs = jobs
        self._lock = lock
        self._look_s = look_s
        self._die = die
        self._term: _Term | None = None
        self._clockwork = BackgroundScheduler(
            timezone=UTC, executors={"default": ThreadPoolExecutor(max(1, len(jobs)))}
        )

    def run(self, stop: threading.Event) -> bool:
        """Until told to stop. Whether every body ended; if not, end the process at once."""
        # It warns of each tick that comes while the job still runs, which is how it should be.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._clockwork.start(paused=True)
        for job in self._jobs:
            self._clockwork.add_job(
                self._look,
                "interval",
                [job],
                seconds=min(self._look_s, job.every_s),
                id=job.name,
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,  # a late tick looks at the present all the same
            )
        _logger.info("scheduler_started")
        try:
            while not stop.is_set():
                self._lead_or_wait()
                stop.wait(CHECK_S)
        finally:
            ended = self._end()
        return ended

    def _lead_or_wait(self) -> None:
        if self._term is None:
            if self._lock.take():
                self._begin_term()
        elif not self._lock.held():
            _logger.warning("leader_lost")
            self._end_term(self._term)

    def _begin_term(self) -> None:
        self._term = _Term()
        for job in self._jobs:
            self._clockwork.modify_job(job.name, next_run_time=datetime.now(UTC))
        self._clockwork.resume()
        _logger.info("leading")

    def _end_term(self, term: _Term) -> None:
        """A body that does not stop would run beside the next leader's: then the process ends."""
        self._clockwork.pause()
        term.stop.set()
        self._term = None
        if not term.over(STOP_S):
            _logger.error("leader_lost_within_a_step", jobs=sorted(run.job for run in term.runs))
            self._die()
        self._lock.release()

    def _end(self) -> bool:
        term, self._term = self._term, None
        ended = True
        self._clockwork.pause()
        if term is not None:
            term.stop.set()
            ended = term.over(END_S)
        if ended:
            self._clockwork.shutdown()
            self._lock.release()
        elif term is not None:
            self._leave(term)
        return ended

    def _leave(self, term: _Term) -> None:
        """Gives back what still runs, for the end of the process is the next thing to happen."""
        for run in list(term.runs):
            _logger.warning("job_left", site=run.site, job=run.job)
            try:
                run.given_back()
            except BaseException as error:
                _logger.warning("job_end_untold", job=run.job, error=type(error).__name__)

    def _look(self, job: Job) -> None:
        term = self._term
        if term is None:
            return
        with term.looking():
            try:
                self._do_what_is_due(job, term)
            except Unavailable as error:
                _logger.warning("scheduler_waits", job=job.name, code=error.code)
            except Exception as error:
                failure("job_look_failed", error, job=job.name)

    def _do_what_is_due(self, job: Job, term: _Term) -> None:
        services = self._services
        for site in services.log.sites():
            if term.stop.is_set():
                return
            if job.due is not None and not job.due(services, site):
                continue
            occasion = job.occasion(services.clock.now())
            run = services.runs.claim(
                site, job.name, occasion, alone=self._lock.proves_death, stop=term.stop
            )
            if run is not None:
                term.runs.add(run)
                perform(job, services, run)
                term.runs.discard(run)

"""A claimed run: it tells that it lives, how far it is, and how it ended.

A thread writes the heartbeat and the newest progress every few seconds, in a transaction of one
row, since on SQLite that takes the log's write lock. Every write names the attempt that it belongs
to: a run that was taken over meanwhile writes nothing, and is told at its next step.
"""

from __future__ import annotations

import threading
import time
from typing import Any

import structlog
from sqlalchemy import Engine
from sqlalchemy import update

from aggregates.kernel.clock import Clock
from aggregates.kernel.errors import Unavailable
from aggregates.kernel.ids import SiteId
from app.jobs.run_rows import FAILED
from app.jobs.run_rows import RUNNING
from app.jobs.run_rows import SUCCEEDED
from app.jobs.run_rows import job_runs

BEAT_S = 3.0
LOST_S = 15.0
"""A run without a heartbeat for so long is taken for dead, and its occasion may be run again."""

_SILENT_S = LOST_S / 2  # who could not beat for so long stops before others may take over
_TEXT_MAX = 500
_ENDING_TRIES = 4

_logger = structlog.get_logger()


class JobStopped(BaseException):
    """The run is to end between two steps. No Exception, so that a body that handles the failure
    of a part of its work does not take this for one."""


class Run:
    """One attempt at an occasion of a job, in this process until it succeeded, failed or stopped.

    `stop` is set when the process wants to end, or may not run jobs any more."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        key: tuple[SiteId, str, str],
        *,
        attempt: int,
        runner: str,
        stop: threading.Event,
    ) -> None:
        self.site, self.job, self.occasion = key
        self.attempt = attempt
        self._writing = engine.execution_options(writing=True)
        self._clock = clock
        self._runner = runner
        self._stop = stop
        self._said = ""
        self._lost = False
        self._ended = threading.Event()
        self._heart = threading.Thread(target=self._beat, name=f"heart-{self.job}", daemon=True)
        self._heart.start()

    def progress(self, what: str, done: int, total: int) -> None:
        """Notes how far it is; JobStopped if it is to end here."""
        self._said = f"{what} {done}/{total}"[:_TEXT_MAX]
        self.check()

    def check(self) -> None:
        """JobStopped if the run is to end here: asked to, or taken over by another process."""
        if self._lost or self._stop.is_set():
            raise JobStopped

    def succeeded(self, detail: str) -> None:
        """Ends it for good. JobStopped if it was taken over: then the other one's end counts."""
        self._end(status=SUCCEEDED, detail=detail[:_TEXT_MAX], finished_at=self._clock.now())

    def failed(self, detail: str) -> None:
        """Ends it; it may be tried again. JobStopped if it was taken over."""
        self._end(status=FAILED, detail=detail[:_TEXT_MAX], finished_at=self._clock.now())

    def given_back(self) -> None:
        """Ends it as though this attempt had not been: whoever claims it next begins at once."""
        self._end(attempt=self.attempt - 1, heartbeat_at=0)

    def _end(self, **values: Any) -> None:
        self._ended.set()
        self._heart.join()
        for trial in range(1, _ENDING_TRIES + 1):
            try:
                written = self._write(progress=self._said, **values)
            except Unavailable:
                if trial == _ENDING_TRIES:
                    raise
                time.sleep(BEAT_S / 2)
            else:
                if not written:
                    raise JobStopped
                return

    def _beat(self) -> None:
        told = time.monotonic()
        while not self._ended.wait(BEAT_S):
            try:
                self._lost = not self._write(progress=self._said, heartbeat_at=self._clock.now())
                told = time.monotonic()
            except Unavailable:
                self._lost = time.monotonic() - told > _SILENT_S
            if self._lost:
                _logger.warning("job_run_lost", site=self.site, job=self.job, attempt=self.attempt)
                return

    def _write(self, **values: Any) -> bool:
        """Whether the run was still this one's."""
        c = job_runs.c
        mine = (c.site == self.site) & (c.job == self.job) & (c.occasion == self.occasion)
        mine &= (c.status == RUNNING) & (c.attempt == self.attempt) & (c.runner == self._runner)
        with self._writing.begin() as connection:
            return connection.execute(update(job_runs).where(mine).values(values)).rowcount == 1

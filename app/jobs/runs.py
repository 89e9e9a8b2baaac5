"""Who runs an occasion of a job: one process, however many ask at once.

A claim is one guarded statement. What succeeded is done for ever; what failed is tried again after
a while, at most `ATTEMPTS_MAX` times in all; a run whose process died is taken over.
"""

from __future__ import annotations

import threading
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy import Connection
from sqlalchemy import Engine
from sqlalchemy import and_
from sqlalchemy import delete
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import true
from sqlalchemy import tuple_
from sqlalchemy import update
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite

from aggregates.kernel.clock import DAY
from aggregates.kernel.clock import SECOND
from aggregates.kernel.clock import Clock
from aggregates.kernel.ids import SiteId
from app.jobs.run import LOST_S
from app.jobs.run import Run
from app.jobs.run_rows import FAILED
from app.jobs.run_rows import RUNNING
from app.jobs.run_rows import job_runs

ATTEMPTS_MAX = 3
"""What failed or died three times will fail a fourth time: it waits for its next occasion."""
RETRY_AFTER_S = 60
"""A failure that passes by itself, such as a database that restarts, is over by then."""
KEPT_DAYS = 30
"""How long the rows of ended runs are kept."""

_DIED = "its process ended before it was done"
_PAGE = 500  # rows deleted in one transaction
_C = job_runs.c


class Runs:
    """The claims of one process. `runner` is a name that no other process has."""

    def __init__(self, engine: Engine, clock: Clock, runner: str) -> None:
        self._engine = engine
        self._writing = engine.execution_options(writing=True)
        self._clock = clock
        self._runner = runner

    def claim(
        self,
        site: SiteId,
        job: str,
        occasion: str,
        *,
        alone: bool = False,
        stop: threading.Event | None = None,
    ) -> Run | None:
        """The run, if it is now this process's to do; None if it is done, given up, waits for its
        next attempt, or is being run by another process.

        `alone`: the caller knows that no other process runs this job now, so a run of another
        process is a dead one's. `stop` asks the run to end.
        """
        now = self._clock.now()
        lost = self._lost(now, alone=alone)
        if not self._open(site, job, occasion, or_(_again(now), lost)):
            return None
        row = self._row(site, job, occasion, now)
        with self._writing.begin() as connection:
            _close(connection, (_C.site == site) & (_C.job == job) & lost, occasion, now)
            attempt = _take(connection, row, or_(_again(now), and_(lost, _may_again())))
        if attempt is None:
            return None
        return Run(
            self._engine,
            self._clock,
            (site, job, occasion),
            attempt=attempt,
            runner=self._runner,
            stop=stop or threading.Event(),
        )

    def prune(self, site: SiteId) -> int:
        """Deletes what ended more than `KEPT_DAYS` ago and closes what died; how many rows went."""
        now = self._clock.now()
        with self._writing.begin() as connection:
            _close(connection, (_C.site == site) & self._lost(now, alone=False), None, now)
        old = (_C.site == site) & (_C.finished_at < now - KEPT_DAYS * DAY)
        key = tuple_(_C.site, _C.job, _C.occasion)
        few = select(_C.site, _C.job, _C.occasion).where(old).limit(_PAGE)
        gone = 0
        while True:
            with self._writing.begin() as connection:
                deleted = connection.execute(delete(job_runs).where(key.in_(few))).rowcount
            gone += deleted
            if deleted < _PAGE:
                return gone

    def _open(self, site: SiteId, job: str, occasion: str, free: ColumnElement[bool]) -> bool:
        """Whether there is anything to claim. Mostly there is not, and no write lock is taken."""
        mine = (_C.site == site) & (_C.job == job) & (_C.occasion == occasion)
        with self._engine.connect() as connection:
            found = connection.execute(select(free).where(mine)).scalar_one_or_none()
        return found is None or bool(found)

    def _lost(self, now: int, *, alone: bool) -> ColumnElement[bool]:
        """Runs whose process is dead, as far as can be told."""
        silent: ColumnElement[bool] = _C.heartbeat_at < now - int(LOST_S * SECOND)
        dead = or_(silent, _C.runner != self._runner) if alone else silent
        return and_(_C.status == RUNNING, dead)

    def _row(self, site: SiteId, job: str, occasion: str, now: int) -> dict[str, Any]:
        return {
            "site": site,
            "job": job,
            "occasion": occasion,
            "status": RUNNING,
            "attempt": 1,
            "runner": self._runner,
            "progress": "",
            "detail": "",
            "started_at": now,
            "heartbeat_at": now,
            "finished_at": None,
        }


def _may_again() -> ColumnElement[bool]:
    return _C.attempt < ATTEMPTS_MAX


def _again(now: int) -> ColumnElement[bool]:
    """Failed runs whose next attempt is due."""
    due = _C.finished_at <= now - RETRY_AFTER_S * SECOND
    return and_(_C.status == FAILED, _may_again(), due)


def _close(
    connection: Connection, lost: ColumnElement[bool], occasion: str | None, now: int
) -> None:
    """Dead runs that nobody takes over have failed: all but those of `occasion` that may still be
    attempted."""
    over = or_(_C.occasion != occasion, ~_may_again()) if occasion is not None else true()
    values = {"status": FAILED, "detail": _DIED, "finished_at": now}
    connection.execute(update(job_runs).where(lost, over).values(values))


def _take(connection: Connection, row: dict[str, Any], free: ColumnElement[bool]) -> int | None:
    """The number of the attempt, None if another process was first."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    taken = {name: value for name, value in row.items() if name not in ("site", "job", "occasion")}
    statement: Any = insert(job_runs).values(row)
    statement = statement.on_conflict_do_update(
        index_elements=["site", "job", "occasion"],
        set_={**taken, "attempt": _C.attempt + 1},
        where=free,
    ).returning(_C.attempt)
    attempt: int | None = connection.execute(statement).scalar_one_or_none()
    return attempt

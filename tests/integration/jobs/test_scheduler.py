"""The scheduler of one process: what is due is run, failures end nothing, a lost lock ends runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

import pytest

from aggregates.kernel.clock import SECOND
from aggregates.kernel.ids import SiteId
from app import issuing
from app.jobs import scheduler as module
from app.jobs.job import Body
from app.jobs.job import Job
from app.jobs.job import JobFailed
from app.jobs.run import Run
from app.jobs.run_rows import JobRun
from app.jobs.run_rows import listed
from app.jobs.runs import RETRY_AFTER_S
from app.jobs.scheduler import JobScheduler
from app.wiring import Services
from tests.fakes import SettableClock

SHOP = SiteId("shop")
HOUR = 3600
WAIT_S = 30.0


class FakeLock:
    """A leader's lock that the test gives and takes."""

    proves_death = True

    def __init__(self) -> None:
        self.free = True
        self.released = 0

    def take(self) -> bool:
        return self.free

    def held(self) -> bool:
        return self.free

    def release(self) -> None:
        self.released += 1

    def taken_by_another(self) -> bool:
        return not self.free


class Running:
    """A scheduler in a thread of the test."""

    def __init__(self, services: Services, *jobs: Job) -> None:
        self.lock = FakeLock()
        self.died = threading.Event()
        self.stop = threading.Event()
        self.ended: bool | None = None
        self._scheduler = JobScheduler(services, jobs, self.lock, look_s=0.05, die=self.died.set)
        self._thread = threading.Thread(target=self._run)

    def start(self) -> Running:
        self._thread.start()
        return self

    def end(self) -> bool | None:
        self.stop.set()
        self._thread.join(WAIT_S)
        return self.ended

    def _run(self) -> None:
        self.ended = self._scheduler.run(self.stop)


Start = Callable[..., Running]


@pytest.fixture
def start(services: Services, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """`start(job, ...)` runs a scheduler that is ended after the test."""
    monkeypatch.setattr(module, "CHECK_S", 0.02)
    started: list[Running] = []

    def run(*jobs: Job) -> Running:
        started.append(Running(services, *jobs).start())
        return started[-1]

    yield run
    for running in started:
        running.end()


def _job(body: Body, name: str = "count") -> Job:
    return Job(name, HOUR, body)


def _rows(services: Services, site: SiteId = SHOP) -> list[JobRun]:
    with services.stores.log.connect() as connection:
        return listed(connection, site, 100)


def _until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


def _all(services: Services, status: str, count: int, site: SiteId = SHOP) -> Callable[[], bool]:
    return lambda: [row.status for row in _rows(services, site)] == [status] * count


def test_what_is_due_is_run_at_once_and_once_in_each_period(
    services: Services, clock: SettableClock, start: Start
) -> None:
    told: list[str] = []

    def body(given: Services, site: SiteId, run: Run) -> str:
        told.append(f"{site} {run.occasion[11:13]}")
        return ""

    start(_job(body))
    _until(_all(services, "succeeded", 1), "the period in which it started")
    clock.advance(HOUR * SECOND - 1)
    other = SiteId("other")
    issuing.open_site(services.log, other)
    _until(_all(services, "succeeded", 1, other), "a site that came meanwhile")
    clock.advance(3 * HOUR * SECOND)
    _until(_all(services, "succeeded", 2), "a later period, those between are left out")
    _until(_all(services, "succeeded", 2, other), "the same of the other site")
    assert sorted(told) == ["other 12", "other 15", "shop 12", "shop 15"]


def test_a_failure_ends_neither_the_scheduler_nor_other_jobs_and_is_tried_again(
    services: Services, clock: SettableClock, start: Start
) -> None:
    def failing(given: Services, site: SiteId, run: Run) -> str:
        if run.attempt == 1:
            msg = "not this time"
            raise JobFailed(msg)
        return "this time"

    running = start(_job(failing, "fails"), _job(lambda *_: "well", "works"))
    _until(lambda: {row.status for row in _rows(services)} == {"failed", "succeeded"}, "both ran")
    clock.advance(RETRY_AFTER_S * SECOND)
    _until(_all(services, "succeeded", 2), "tried again")
    assert {row.job: row.attempt for row in _rows(services)} == {"fails": 2, "works": 1}
    assert running.end() is True


def test_a_store_that_is_away_is_waited_for(
    services: Services, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, away = type(services.runs).claim, threading.Event()

    def claim(*given: Any, **more: Any) -> Any:
        if not away.is_set():
            away.set()
            raise module.Unavailable("database_locked", "locked")
        return real(*given, **more)

    monkeypatch.setattr(type(services.runs), "claim", claim)
    start(_job(lambda *_: "well"))
    _until(_all(services, "succeeded", 1), "the next look")


def test_who_is_not_the_leader_runs_nothing(services: Services, start: Start) -> None:
    asked = threading.Event()

    class Counted(FakeLock):
        def take(self) -> bool:
            asked.set()
            return super().take()

    running = Running(services, _job(lambda *_: "well"))
    running.lock = running._scheduler._lock = Counted()
    running.lock.free = False
    running.start()
    for _ in range(3):
        asked.clear()
        assert asked.wait(WAIT_S)
    assert _rows(services) == []
    running.lock.free = True
    _until(_all(services, "succeeded", 1), "it became the leader")
    assert running.end() is True


def _stepping(began: threading.Event) -> Body:
    def body(given: Services, site: SiteId, run: Run) -> str:
        began.set()
        while True:
            run.progress("steps", 1, 1)
            time.sleep(0.01)

    return body


def test_a_lost_lock_stops_what_runs_until_the_process_leads_again(
    services: Services, start: Start
) -> None:
    began = threading.Event()
    running = start(_job(_stepping(began)))
    assert began.wait(WAIT_S)
    running.lock.free = False
    _until(lambda: [row.heartbeat_at for row in _rows(services)] == [0], "it was given back")
    began.clear()
    running.lock.free = True
    assert began.wait(WAIT_S)
    assert _rows(services)[0].attempt == 1
    assert not running.died.is_set()
    assert running.end() is True
    assert _rows(services)[0].heartbeat_at == 0


def test_a_step_that_goes_on_after_the_lock_was_lost_ends_the_process(
    services: Services, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STOP_S", 0.05)
    began, go_on = threading.Event(), threading.Event()

    def stuck(given: Services, site: SiteId, run: Run) -> str:
        began.set()
        go_on.wait(WAIT_S)
        return ""

    running = start(_job(stuck))
    assert began.wait(WAIT_S)
    running.lock.free = False
    assert running.died.wait(WAIT_S)
    go_on.set()


def test_a_step_that_outlasts_the_end_is_given_back(
    services: Services, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "END_S", 0.05)
    began, go_on = threading.Event(), threading.Event()

    def stuck(given: Services, site: SiteId, run: Run) -> str:
        began.set()
        go_on.wait(WAIT_S)
        return ""

    running = start(_job(stuck))
    assert began.wait(WAIT_S)
    assert running.end() is False
    (row,) = _rows(services)
    assert (row.status, row.heartbeat_at, row.attempt) == ("running", 0, 0)
    assert running.lock.released == 0
    go_on.set()
    running._scheduler._clockwork.shutdown()


def test_a_job_on_demand_runs_when_there_is_something_to_do_and_else_leaves_no_row(
    services: Services, start: Start
) -> None:
    asked, wanted = threading.Event(), threading.Event()

    def due(given: Services, site: SiteId) -> bool:
        asked.set()
        return wanted.is_set()

    start(Job("on-demand", HOUR, lambda *_: "well", due))
    assert asked.wait(WAIT_S)
    assert _rows(services) == []
    wanted.set()
    _until(_all(services, "succeeded", 1), "there was something to do")

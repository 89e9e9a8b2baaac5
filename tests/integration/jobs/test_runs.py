"""Claims of jobs: one process runs an occasion, whatever happens to the others."""

from __future__ import annotations

import threading
from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import update

from aggregates.kernel.clock import DAY
from aggregates.kernel.clock import SECOND
from aggregates.kernel.ids import SiteId
from app.database import Stores
from app.jobs import run as run_module
from app.jobs.run import LOST_S
from app.jobs.run import JobStopped
from app.jobs.run import Run
from app.jobs.run_rows import JobRun
from app.jobs.run_rows import job_runs
from app.jobs.run_rows import listed
from app.jobs.runs import ATTEMPTS_MAX
from app.jobs.runs import KEPT_DAYS
from app.jobs.runs import RETRY_AFTER_S
from app.jobs.runs import Runs
from tests.fakes import SettableClock

SHOP = SiteId("shop")
NOON = "2026-11-23T12:00:00Z"
Open = Callable[[str], Runs]


@pytest.fixture
def process(stores: Stores, clock: SettableClock, monkeypatch: pytest.MonkeyPatch) -> Open:
    """The runs of a process by its name; hearts beat only when a test lets them."""
    monkeypatch.setattr(run_module, "BEAT_S", 3600.0)
    return lambda name: Runs(stores.log, clock, name)


@pytest.fixture
def ended() -> Iterator[list[Run]]:
    """Runs put in here are ended after the test, so that no heart beats on."""
    runs: list[Run] = []
    yield runs
    for run in runs:
        run._ended.set()
        run._heart.join()


def _taken(runs: Runs, occasion: str = NOON, **more: Any) -> Run:
    found = runs.claim(SHOP, "train", occasion, **more)
    assert found is not None
    return found


def _rows(stores: Stores) -> list[JobRun]:
    with stores.log.connect() as connection:
        return listed(connection, SHOP, 100)


def _row(stores: Stores) -> JobRun:
    (row,) = _rows(stores)
    return row


def test_an_occasion_is_claimed_once(process: Open, stores: Stores, clock: SettableClock) -> None:
    run = _taken(process("one"))
    assert process("other").claim(SHOP, "train", NOON) is None
    assert process("one").claim(SHOP, "train", NOON) is None
    run.progress("types", 2, 6)
    clock.advance(SECOND)
    run.succeeded("6 types trained")
    assert process("other").claim(SHOP, "train", NOON) is None
    row = _row(stores)
    assert (row.status, row.attempt, row.progress) == ("succeeded", 1, "types 2/6")
    assert (row.detail, row.finished_at) == ("6 types trained", clock.now())


def test_other_occasions_jobs_and_sites_are_claimed_beside_it(process: Open) -> None:
    runs = process("one")
    claimed = [
        runs.claim(SHOP, "train", NOON),
        runs.claim(SHOP, "train", "2026-11-23T16:00:00Z"),
        runs.claim(SHOP, "prune", NOON),
        runs.claim(SiteId("other"), "train", NOON),
    ]
    for run in claimed:
        assert run is not None
        run.succeeded("")


def test_of_many_that_claim_at_once_one_wins(process: Open, stores: Stores) -> None:
    start = threading.Barrier(8)
    won: list[Run] = []

    def claim(name: str) -> None:
        start.wait()
        run = process(name).claim(SHOP, "train", NOON)
        if run is not None:
            won.append(run)

    threads = [threading.Thread(target=claim, args=(f"p{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (run,) = won
    run.succeeded("")
    assert _row(stores).attempt == 1


def test_a_failed_run_is_tried_again_after_a_while_and_at_most_three_times(
    process: Open, stores: Stores, clock: SettableClock
) -> None:
    for attempt in range(1, ATTEMPTS_MAX + 1):
        run = _taken(process(f"p{attempt}"))
        assert run.attempt == attempt
        run.failed("no memory")
        assert process("one").claim(SHOP, "train", NOON) is None
        clock.advance(RETRY_AFTER_S * SECOND)
    assert process("one").claim(SHOP, "train", NOON) is None
    assert (_row(stores).status, _row(stores).attempt) == ("failed", ATTEMPTS_MAX)


def test_a_run_whose_heart_stopped_is_taken_over(
    process: Open, stores: Stores, clock: SettableClock, ended: list[Run]
) -> None:
    ended.append(_taken(process("dies")))
    clock.advance(int(LOST_S * SECOND))
    assert process("other").claim(SHOP, "train", NOON) is None
    clock.advance(1)
    run = _taken(process("other"))
    assert run.attempt == 2
    run.succeeded("done after all")
    with pytest.raises(JobStopped):
        ended[0].succeeded("late")
    assert (_row(stores).detail, _row(stores).runner) == ("done after all", "other")


def test_who_knows_that_it_is_alone_takes_over_at_once(process: Open, ended: list[Run]) -> None:
    ended.append(_taken(process("dies")))
    assert process("dies").claim(SHOP, "train", NOON, alone=True) is None
    run = _taken(process("leader"), alone=True)
    assert run.attempt == 2
    run.succeeded("")


def test_what_died_three_times_has_failed(
    process: Open, stores: Stores, clock: SettableClock, ended: list[Run]
) -> None:
    for _ in range(ATTEMPTS_MAX):
        ended.append(_taken(process("dies")))
        clock.advance(int(LOST_S * SECOND) + 1)
    assert process("other").claim(SHOP, "train", NOON) is None
    assert (_row(stores).status, _row(stores).finished_at) == ("failed", clock.now())
    clock.advance(DAY)
    assert process("other").claim(SHOP, "train", NOON) is None


def test_a_claim_closes_what_died_on_an_earlier_occasion(
    process: Open, stores: Stores, clock: SettableClock, ended: list[Run]
) -> None:
    ended.append(_taken(process("dies"), "2026-11-23T08:00:00Z"))
    clock.advance(int(LOST_S * SECOND) + 1)
    _taken(process("other")).succeeded("")
    found = {row.occasion: (row.status, row.detail) for row in _rows(stores)}
    assert found["2026-11-23T08:00:00Z"] == ("failed", "its process ended before it was done")


def test_a_run_given_back_is_taken_at_once_and_costs_no_attempt(process: Open) -> None:
    first = _taken(process("ends"))
    first.given_back()
    again = _taken(process("other"))
    assert again.attempt == 1
    again.succeeded("")
    with pytest.raises(JobStopped):
        first.succeeded("late")


def test_a_run_that_is_asked_to_stop_stops_at_its_next_step(process: Open) -> None:
    stop = threading.Event()
    run = _taken(process("one"), stop=stop)
    run.progress("types", 1, 6)
    stop.set()
    with pytest.raises(JobStopped):
        run.progress("types", 2, 6)
    run.given_back()


def test_a_heart_beats_with_the_newest_progress_until_the_run_is_taken_over(
    process: Open,
    stores: Stores,
    clock: SettableClock,
    monkeypatch: pytest.MonkeyPatch,
    ended: list[Run],
) -> None:
    monkeypatch.setattr(run_module, "BEAT_S", 0.01)
    run = _taken(process("one"))
    ended.append(run)
    clock.advance(5 * SECOND)
    run.progress("types", 1, 6)
    beaten = threading.Event()
    while (_row(stores).progress, _row(stores).heartbeat_at) != ("types 1/6", clock.now()):
        assert not beaten.wait(0.01)
    with stores.log.execution_options(writing=True).begin() as connection:
        connection.execute(update(job_runs).values(attempt=2, runner="other"))
    run._heart.join(30)
    assert not run._heart.is_alive()
    with pytest.raises(JobStopped):
        run.check()


def test_old_rows_are_pruned(process: Open, stores: Stores, clock: SettableClock) -> None:
    runs = process("one")
    _taken(runs, "old").succeeded("")
    clock.advance(DAY)
    _taken(runs, "newer").failed("")
    clock.advance((KEPT_DAYS - 1) * DAY + 1)
    assert runs.prune(SHOP) == 1
    assert [row.occasion for row in _rows(stores)] == ["newer"]


def test_pruning_closes_what_died(
    process: Open, stores: Stores, clock: SettableClock, ended: list[Run]
) -> None:
    ended.append(_taken(process("dies")))
    assert process("other").prune(SHOP) == 0
    assert _row(stores).status == "running"
    clock.advance(int(LOST_S * SECOND) + 1)
    assert process("other").prune(SHOP) == 0
    assert _row(stores).status == "failed"

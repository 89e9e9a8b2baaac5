"""Schedulers as real processes: each occasion is run once, by one of them, whoever is killed."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from aggregates.kernel.clock import SystemClock
from app.database import Stores
from app.jobs.run_rows import JobRun
from app.jobs.run_rows import listed
from app.wiring import Services
from tests.integration.jobs.conftest import SHOP

ROOT = Path(__file__).parents[3]
WAIT_S = 60.0

pytestmark = pytest.mark.slow


class Schedulers:
    """Processes over one log, and the lines that their job leaves."""

    def __init__(self, url: str, folder: Path, stores: Stores) -> None:
        self._url = url
        self._folder = folder
        self._stores = stores
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self, count: int, *, every_s: int, steps: int) -> None:
        command = [sys.executable, "-m", "tests.job_processes", self._url, str(self._folder)]
        for number in range(len(self.processes), len(self.processes) + count):
            with (self._folder / f"process-{number}.log").open("wb") as log:
                started = subprocess.Popen(
                    [*command, str(every_s), str(steps)], cwd=ROOT, stderr=log
                )
            self.processes.append(started)

    def lines(self, word: str) -> list[list[str]]:
        path = self._folder / "lines"
        found = path.read_text().splitlines() if path.exists() else []
        return [line.split() for line in found if line.startswith(word)]

    def rows(self) -> list[JobRun]:
        with self._stores.log.connect() as connection:
            return listed(connection, SHOP, 200)

    def leader(self) -> subprocess.Popen[bytes]:
        """Whoever began last."""
        pid = int(self.lines("begin")[-1][2])
        return next(process for process in self.processes if process.pid == pid)

    def until(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + WAIT_S
        while not condition():
            assert time.monotonic() < deadline, f"{what}: {self.said()}"
            time.sleep(0.05)

    def end(self) -> list[int]:
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
        return [process.wait(WAIT_S) for process in self.processes]

    def said(self) -> str:
        return "\n".join(path.read_text() for path in sorted(self._folder.glob("process-*.log")))

    def assert_one_at_a_time(self) -> None:
        """No body began while another one ran that was not killed."""
        lines = sorted(self.lines(""), key=lambda line: int(line[3]))
        for line, following in pairwise(lines):
            if line[0] == "begin":
                assert following[0] != "begin"
                assert following[2] == line[2]


@pytest.fixture
def clock() -> SystemClock:
    """The real one: these processes have no other."""
    return SystemClock()


@pytest.fixture
def schedulers(database_url: str, tmp_path: Path, services: Services) -> Iterator[Schedulers]:
    made = Schedulers(database_url, tmp_path, services.stores)
    yield made
    for process in made.processes:
        if process.poll() is None:
            process.kill()
            process.wait()


def test_two_schedulers_run_each_job_once(schedulers: Schedulers) -> None:
    schedulers.start(2, every_s=1, steps=3)
    schedulers.until(lambda: len(schedulers.lines("end")) >= 5, "five periods")
    assert schedulers.end() == [0, 0]
    begun = Counter(line[1] for line in schedulers.lines("begin"))
    ended = Counter(line[1] for line in schedulers.lines("end"))
    rows = {row.occasion: row for row in schedulers.rows()}
    done = {occasion for occasion, row in rows.items() if row.status == "succeeded"}
    assert set(ended) == done
    assert set(ended.values()) == {1}
    assert {begun[occasion] for occasion in done} == {1}
    assert {rows[occasion].attempt for occasion in done} == {1}
    assert len({line[2] for line in schedulers.lines("begin")}) == 1
    schedulers.assert_one_at_a_time()


def test_when_the_leader_is_killed_the_other_takes_its_run_over(schedulers: Schedulers) -> None:
    schedulers.start(2, every_s=86_400, steps=15)
    schedulers.until(lambda: len(schedulers.lines("begin")) == 1, "begun")
    killed = schedulers.leader()
    killed.kill()
    schedulers.until(lambda: len(schedulers.lines("end")) == 1, "done by the other")
    assert schedulers.leader().pid != killed.pid
    schedulers.until(lambda: schedulers.rows()[0].status == "succeeded", "noted")
    assert schedulers.rows()[0].attempt == 2
    assert sorted(schedulers.end()) == [-signal.SIGKILL, 0]
    assert len(schedulers.lines("begin")) == 2


def test_a_leader_that_is_asked_to_end_gives_its_run_to_the_other(
    schedulers: Schedulers,
) -> None:
    schedulers.start(2, every_s=86_400, steps=15)
    schedulers.until(lambda: len(schedulers.lines("begin")) == 1, "begun")
    ended = schedulers.leader()
    ended.send_signal(signal.SIGTERM)
    assert ended.wait(WAIT_S) == 0
    schedulers.until(lambda: len(schedulers.lines("end")) == 1, "done by the other")
    schedulers.until(lambda: schedulers.rows()[0].status == "succeeded", "noted")
    assert schedulers.rows()[0].attempt == 1
    assert schedulers.end() == [0, 0]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_leader_whose_connection_is_lost_stops_and_one_of_them_begins_again(
    schedulers: Schedulers, postgresql_server: str, database_url: str
) -> None:
    schedulers.start(2, every_s=86_400, steps=15)
    schedulers.until(lambda: len(schedulers.lines("begin")) == 1, "begun")
    with psycopg.connect(postgresql_server, autocommit=True) as connection:
        cut = connection.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_locks JOIN pg_database d"
            " ON d.oid = database WHERE locktype = 'advisory' AND datname = %s",
            [make_url(database_url).database],
        ).fetchone()
    assert cut == (1,)
    schedulers.until(lambda: len(schedulers.lines("end")) == 1, "done in the end")
    assert len(schedulers.lines("begin")) == 2
    schedulers.until(lambda: schedulers.rows()[0].status == "succeeded", "noted")
    assert "leader_lost" in schedulers.said()
    schedulers.assert_one_at_a_time()
    assert schedulers.end() == [0, 0]


def test_no_process_leaves_anything_that_a_later_one_stumbles_over(
    schedulers: Schedulers,
) -> None:
    schedulers.start(1, every_s=86_400, steps=15)
    schedulers.until(lambda: len(schedulers.lines("begin")) == 1, "begun")
    schedulers.leader().kill()
    schedulers.start(1, every_s=86_400, steps=2)
    schedulers.until(lambda: len(schedulers.lines("end")) == 1, "done by the later one")
    assert schedulers.end() == [-signal.SIGKILL, 0]

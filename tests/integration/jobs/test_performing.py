"""A claimed run ends in its row, whatever its body does; nothing of it reaches the scheduler."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from sqlalchemy import update

from aggregates.kernel.errors import Conflict
from aggregates.kernel.errors import Unavailable
from aggregates.kernel.ids import SiteId
from app.edge import logging
from app.jobs.job import Body
from app.jobs.job import Job
from app.jobs.job import JobFailed
from app.jobs.performing import perform
from app.jobs.run import JobStopped
from app.jobs.run import Run
from app.jobs.run_rows import JobRun
from app.jobs.run_rows import job_runs
from app.jobs.run_rows import listed
from app.wiring import Services

SHOP = SiteId("shop")


@pytest.fixture
def lines() -> Iterator[io.BytesIO]:
    written = io.BytesIO()
    logging.configure("info", written)
    yield written
    logging.configure("error", io.BytesIO())


def _performed(services: Services, body: Body, stop: threading.Event | None = None) -> JobRun:
    run = services.runs.claim(SHOP, "a-job", "now", stop=stop)
    assert run is not None
    perform(Job("a-job", 60, body), services, run)
    with services.stores.log.connect() as connection:
        (row,) = listed(connection, SHOP, 10)
    return row


def _raising(error: BaseException) -> Body:
    def body(services: Services, site: SiteId, run: Run) -> str:
        raise error

    return body


def test_what_a_body_answers_stands_in_its_row(services: Services) -> None:
    row = _performed(services, lambda given, site, run: f"did it for {site}")
    assert (row.status, row.detail) == ("succeeded", "did it for shop")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (JobFailed("two of six failed"), "two of six failed"),
        (Conflict("contended", "others were faster"), "others were faster (contended)"),
        (Unavailable("database_locked", "locked"), "locked (database_locked)"),
        (ValueError("ann@example.com"), "an unforeseen ValueError in test_performing"),
        (SystemExit(3), "an unforeseen SystemExit in test_performing"),
    ],
)
def test_a_failure_is_a_failed_row_and_an_error_line(
    services: Services, lines: io.BytesIO, error: BaseException, said: str
) -> None:
    row = _performed(services, _raising(error))
    assert row.status == "failed"
    assert row.detail.startswith(said)
    (line,) = [x for x in map(orjson.loads, lines.getvalue().splitlines()) if x["level"] == "error"]
    assert (line["event"], line["job"], line["site"]) == ("job_failed", "a-job", SHOP)
    assert b"ann@example.com" not in lines.getvalue()
    assert "ann@example.com" not in row.detail


def test_a_body_that_is_stopped_is_given_back_even_if_it_catches_failures(
    services: Services,
) -> None:
    stop = threading.Event()

    def careful(given: Services, site: SiteId, run: Run) -> str:
        stop.set()
        try:
            run.progress("types", 1, 6)
        except Exception:
            return "took it for a failure"
        return "did not stop"

    row = _performed(services, careful, stop)
    assert (row.status, row.attempt, row.heartbeat_at) == ("running", 0, 0)


def test_a_run_that_was_taken_over_leaves_its_row_alone(services: Services) -> None:
    def overtaken(given: Services, site: SiteId, run: Run) -> str:
        with services.stores.log.begin() as connection:
            connection.execute(update(job_runs).values(attempt=2, runner="other"))
        return "late"

    row = _performed(services, overtaken)
    assert (row.status, row.attempt, row.detail) == ("running", 2, "")


def test_an_end_that_cannot_be_told_is_left_to_be_taken_over(
    services: Services, lines: io.BytesIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any, **__: Any) -> bool:
        raise Unavailable("database_unavailable", "away")

    monkeypatch.setattr("app.jobs.run.BEAT_S", 0.01)
    monkeypatch.setattr(Run, "_write", away)
    row = _performed(services, lambda given, site, run: "done")
    assert row.status == "running"
    assert b"job_end_untold" in lines.getvalue()
    assert not [thread for thread in threading.enumerate() if thread.name == "heart-a-job"]


def test_a_heart_that_cannot_beat_stops_its_run_before_others_take_it(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any, **__: Any) -> bool:
        raise Unavailable("database_unavailable", "away")

    monkeypatch.setattr("app.jobs.run.BEAT_S", 0.01)
    monkeypatch.setattr("app.jobs.run._SILENT_S", 0.1)
    run = services.runs.claim(SHOP, "a-job", "now")
    assert run is not None
    monkeypatch.setattr(Run, "_write", away)
    run._heart.join(30)
    with pytest.raises(JobStopped):
        run.check()

"""The bodies of jobs: pruning, and training through whatever trains."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import select

from aggregates.kernel.ids import SiteId
from app.eventlog.tables import idempotency_keys
from app.jobs import prune as prune_module
from app.jobs.job import JobFailed
from app.jobs.prune import prune
from app.jobs.run import JobStopped
from app.jobs.run import Run
from app.jobs.train import train
from app.training.train import TrainingReport
from app.wiring import Services
from tests.fakes import SettableClock

SHOP = SiteId("shop")
OTHER = SiteId("other")


@pytest.fixture
def stop() -> threading.Event:
    return threading.Event()


@pytest.fixture
def run(services: Services, stop: threading.Event) -> Any:
    claimed = services.runs.claim(SHOP, "a-job", "now", stop=stop)
    assert claimed is not None
    yield claimed
    claimed._ended.set()
    claimed._heart.join()


def _answers(services: Services, site: SiteId, count: int, expires_at: int) -> None:
    rows = [
        {
            "site": site,
            "scope": f"{expires_at}/{number}",
            "request": "r",
            "status": 200,
            "body": b"{}",
            "log_position": 1,
            "expires_at": expires_at,
        }
        for number in range(count)
    ]
    with services.stores.log.begin() as connection:
        connection.execute(insert(idempotency_keys), rows)


def _kept(services: Services) -> dict[str, int]:
    query = select(idempotency_keys.c.site, func.count()).group_by(idempotency_keys.c.site)
    with services.stores.log.connect() as connection:
        return {row[0]: row[1] for row in connection.execute(query)}


def test_expired_answers_of_a_quiet_site_go_page_by_page(
    services: Services, run: Run, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prune_module, "_PAGE", 10)
    _answers(services, SHOP, 25, clock.now())
    _answers(services, SHOP, 3, clock.now() + 1)
    _answers(services, OTHER, 2, clock.now())
    assert prune(services, SHOP, run) == "0 old runs and 25 expired answers are gone"
    assert _kept(services) == {"shop": 3, "other": 2}


def test_pruning_stops_between_pages(
    services: Services, run: Run, clock: SettableClock, stop: threading.Event
) -> None:
    _answers(services, SHOP, 3, clock.now())
    stop.set()
    with pytest.raises(JobStopped):
        prune(services, SHOP, run)
    assert _kept(services) == {"shop": 3}


_TRAINED = {"outcome": "trained", "digest": "d1"}
_EMPTY = {"outcome": "kept", "why": "empty", "digest": None}
_FAILED = {"outcome": "kept", "why": "failed", "digest": "d0"}


def _report(model: str | None = "mdl_0000000007", **types: Mapping[str, Any]) -> TrainingReport:
    named = {name.replace("_", "-"): entry for name, entry in types.items()}
    return TrainingReport(model, named, 120, 2.04)


def _trained(services: Services, run: Run, report: TrainingReport) -> str:
    def training(given: Services, site: SiteId, types: None, tell: Any) -> TrainingReport:
        assert (given, site, types) == (services, SHOP, None)
        tell("types", 1, 6)
        return report

    said = train(services, SHOP, run, training)
    assert run._said == "types 1/6"
    return said


def test_training_says_what_was_trained_and_what_was_not(services: Services, run: Run) -> None:
    report = _report(trending=_TRAINED, most_viewed=_TRAINED, bought_bought=_EMPTY)
    assert _trained(services, run, report) == (
        "mdl_0000000007: 2 of 3 types trained up to position 120 in 2.0 s;"
        " bought-bought: nothing to train from"
    )


def test_where_nothing_was_trained_it_says_what_serves(services: Services, run: Run) -> None:
    assert (
        _trained(services, run, _report(None, trending=_EMPTY)) == "nothing new to train from yet"
    )
    former = {**_EMPTY, "digest": "d0"}
    assert _trained(services, run, _report(None, trending=former)) == (
        "nothing new to train from; the former model serves"
    )


def test_a_type_that_failed_fails_the_run(services: Services, run: Run) -> None:
    report = _report(trending=_TRAINED, bought_bought=_FAILED)
    with pytest.raises(JobFailed, match=r"bought-bought: training failed, the former model serves"):
        _trained(services, run, report)


def test_training_that_is_stopped_stops_where_it_tells_how_far_it_is(
    services: Services, run: Run, stop: threading.Event
) -> None:
    stop.set()
    with pytest.raises(JobStopped):
        _trained(services, run, _report())


def test_without_a_trainer_of_the_test_the_real_one_trains(services: Services, run: Run) -> None:
    assert train(services, SHOP, run) == "nothing new to train from yet"

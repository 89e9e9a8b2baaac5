"""The job: on all cores or one, cancelled, stopped, killed, given up."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from typing import Any

import pytest

from aggregates.simulation import ATTEMPTS_MAX
from app.jobs import simulations as job
from app.jobs.job import JobFailed
from app.jobs.run import JobStopped
from app.simulation import pool
from app.simulation import running
from app.simulation.asking import found
from decisions.simulation.spec import Simulation
from tests.integration.simulation.conftest import SITE
from tests.integration.simulation.conftest import TEN
from tests.integration.simulation.conftest import Change
from tests.integration.simulation.conftest import Shop

HALF = {"type": "percent", "amount": "50"}


class Watched:
    """A run of the job that nobody else takes over; `at` is called with the positions done."""

    def __init__(self, at: Callable[[int], None] = lambda done: None) -> None:
        self._at = at

    def check(self) -> None:
        """Nobody stops it here."""

    def progress(self, what: str, done: int, total: int) -> None:
        """Calls."""
        self._at(done)


def run(shop: Shop, at: Callable[[int], None] = lambda done: None) -> str:
    watched: Any = Watched(at)
    return job.simulations(shop.author.services, SITE, watched)


def state(shop: Shop, simulation: str) -> tuple[str, int]:
    told = shop.author.made("GET", f"/v1/simulations/{simulation}")
    return told["status"], told["attempts"]


@pytest.fixture
def asked(shop: Shop, rule: Change, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Asks for a simulation of more than one stretch."""
    monkeypatch.setattr(running, "POSITIONS", 8)
    monkeypatch.setattr(job, "_LOOK_S", 0.0)
    ten = shop.live("cart-rules", TEN)
    for number in range(20):
        decided = shop.decide(f"{number + 10}.00")
        if number % 3 == 0:
            shop.order(decided, f"o-{number}")

    def ask(**more: Any) -> str:
        question = shop.asked(rule(id=ten, action=HALF), top=3, **more)
        simulation: str = shop.author.made("POST", "/v1/simulations", question)["id"]
        return simulation

    return ask


@pytest.mark.parametrize("sample", [None, {"count": 9, "seed": 2}])
def test_processes_find_what_one_finds(
    shop: Shop, asked: Callable[..., str], monkeypatch: pytest.MonkeyPatch, sample: Any
) -> None:
    first = asked(**({"sample": sample} if sample else {}))
    run(shop)
    beside = shop.author.made("GET", f"/v1/simulations/{first}")["result"]
    monkeypatch.setattr(running, "POSITIONS", 10_000)
    row = found(shop.author.services, SITE, first)
    alone = running.run_simulation(
        shop.author.services, SITE, Simulation.from_json(row.question), lambda done, total: None
    )
    assert beside == alone
    assert beside["decisions"]["in_range"] == 20
    assert beside["decisions"]["looked_at"] == (20 if sample is None else sample["count"])
    assert 0 < beside["orders"]["touched"] <= 7


def test_a_simulation_that_is_cancelled_in_its_midst_ends_without_a_result(
    shop: Shop, asked: Callable[..., str]
) -> None:
    simulation = asked()

    def cancel(done: int) -> None:
        if done and state(shop, simulation)[0] == "running":
            shop.author.made("DELETE", f"/v1/simulations/{simulation}")

    run(shop, cancel)
    assert state(shop, simulation) == ("cancelled", 1)
    assert multiprocessing.active_children() == []
    assert not job.is_due(shop.author.services, SITE)


def test_a_killed_worker_fails_the_run_and_the_next_begins_anew(
    shop: Shop, asked: Callable[..., str]
) -> None:
    simulation = asked()

    def kill(done: int) -> None:
        for child in multiprocessing.active_children():
            child.kill()

    with pytest.raises(JobFailed, match="worker process ended"):
        run(shop, kill)
    assert state(shop, simulation) == ("running", 1)
    run(shop)
    assert state(shop, simulation) == ("succeeded", 2)


def test_what_never_comes_to_its_end_is_given_up(
    shop: Shop, asked: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "cores", lambda: 1)
    simulation = asked()

    def stop(done: int) -> None:
        raise JobStopped

    for _ in range(ATTEMPTS_MAX):
        with pytest.raises(JobStopped):
            run(shop, stop)
    run(shop)
    told = shop.author.made("GET", f"/v1/simulations/{simulation}")
    assert (told["status"], told["error"]["code"]) == ("failed", "gave_up")

"""Whatever an erasure dies of, and when, the job finishes it; other processes soon notice."""

from __future__ import annotations

import multiprocessing
from typing import Any

import pytest
from sqlalchemy import select

from app.config import Settings
from app.erasure.erase import erase
from app.erasure.erase import finish
from app.eventlog.keys import NOTICE_S
from app.eventlog.sealing import RowSeals
from app.jobs.erase import erase as job
from app.jobs.erase import is_due
from app.verifying.verdict import verdict
from app.wiring import Services
from decisions.replay import MODES
from decisions.replay_range import replay_range
from projections import erased_shoppers
from projections.followed import followed
from tests.erasure_given import ADA
from tests.erasure_given import BOB
from tests.erasure_given import SITE
from tests.erasure_given import Ask
from tests.erasure_given import batch
from tests.erasure_given import decided
from tests.erasure_given import lived
from tests.erasure_given import lived_too
from tests.erasure_given import looked_up
from tests.erasure_given import opened
from tests.erasure_given import ordered
from tests.erasure_processes import STEPS
from tests.erasure_processes import Died
from tests.erasure_processes import dying
from tests.erasure_processes import erase_and_die
from tests.erasure_processes import read_on

FAR_FROM_IT_S = 5.0
"""For a busy machine: the process looks once a second, and may wait for its turn."""


@pytest.fixture
def life(services: Services, ask: Ask) -> dict[str, str]:
    opened(services, ask)
    bob = lived_too(ask)
    found = lived(ask)
    services.follower.catch_up(SITE)
    return {**found, "bob": bob["cart"]}


def run_job(services: Services) -> str:
    run = services.runs.claim(SITE, "erase", "once")
    assert run is not None
    return job(services, SITE, run)


def is_forgotten(services: Services, ask: Ask, life: dict[str, str]) -> None:
    """Nothing answers any more, nothing is left in rows, and everybody else is as they were."""
    assert not is_due(services, SITE)
    for decision in (life["cart"], life["guest"]):
        assert ask("GET", f"/v1/decisions/{decision}")[0] == 410
    assert ask("GET", f"/v1/decisions/{life['bob']}")[0] == 200
    assert services.keys.find(SITE, "customer", ADA["customer_id"]) is None
    with services.stores.log.connect() as connection:
        erased = erased_shoppers.find(connection, SITE, life["person"])
    assert erased is not None
    for projection in followed():
        for table in projection.tables:
            with services.stores.read.connect() as connection:
                rows = str(connection.execute(select(table)).all())
            assert not [name for name in erased.pseudonyms if name in rows], table.name
    counts = replay_range(services.means, SITE, "recorded")
    assert (counts.replayed, counts.identical, counts.erased) == (1, 1, 2)


@pytest.mark.parametrize("step", range(len(STEPS)), ids=[name for _, name in STEPS])
def test_an_erasure_that_dies_before_any_step_is_finished_by_the_job(
    services: Services, ask: Ask, life: dict[str, str], step: int
) -> None:
    def die() -> None:
        raise Died

    restore = dying(step, die)
    try:
        with pytest.raises(Died):
            finish(services, SITE, erase(services, SITE, life["person"], actor="test"))
    finally:
        restore()
    assert is_due(services, SITE)
    services.keys.forget()
    assert run_job(services) == "1 erasures are finished"
    is_forgotten(services, ask, life)


@pytest.mark.parametrize("step", [0, 2, 5])
def test_an_erasure_that_is_killed_is_finished_by_the_job(
    services: Services, settings: Settings, ask: Ask, life: dict[str, str], step: int
) -> None:
    store = (settings.database_url, str(settings.data_dir), life["person"], step)
    process = multiprocessing.get_context("spawn").Process(target=erase_and_die, args=store)
    process.start()
    process.join(60)
    assert process.exitcode == -9
    assert run_job(services) == "1 erasures are finished"
    is_forgotten(services, ask, life)


def test_a_person_whose_erasure_died_after_its_event_is_a_new_one_at_once(
    services: Services, ask: Ask, life: dict[str, str]
) -> None:
    """Whoever the log refuses destroys the keys that were left, and goes on with new names."""
    restore = dying(0, _die)
    try:
        with pytest.raises(Died):
            erase(services, SITE, life["person"], actor="test")
    finally:
        restore()
    assert services.keys.find(SITE, "customer", ADA["customer_id"]) == life["person"]
    batch(ask, {"type": "page", "userId": ADA["customer_id"]})
    assert ask("GET", f"/v1/decisions/{decided(ask, ADA)}")[0] == 200
    assert services.keys.find(SITE, "customer", ADA["customer_id"]) not in (None, life["person"])
    assert ask("GET", f"/v1/decisions/{life['cart']}")[0] == 410


def test_another_process_reads_nothing_of_the_person_within_a_second(
    services: Services, settings: Settings, life: dict[str, str]
) -> None:
    spawn = multiprocessing.get_context("spawn")
    ready, go, told = spawn.Event(), spawn.Event(), spawn.Queue()
    store = (settings.database_url, str(settings.data_dir))
    reading = (store, life["cart"], ready, go, told)
    process = spawn.Process(target=read_on, args=reading)
    process.start()
    assert ready.wait(60)
    erase(services, SITE, life["person"], actor="test")
    go.set()
    code, seconds = told.get(timeout=60)
    process.join(60)
    assert code == "decision_erased"
    assert seconds < NOTICE_S + FAR_FROM_IT_S


def test_a_rebuild_from_the_log_equals_the_rows_that_are_in_use(
    services: Services, life: dict[str, str]
) -> None:
    finish(services, SITE, erase(services, SITE, life["person"], actor="test"))
    before = _rows(services)
    for projection in followed():
        services.follower.rebuild(SITE, projection.name)
    services.follower.catch_up(SITE)
    assert _rows(services) == before
    assert before["profiles"]
    assert before["activity"]


def test_from_the_log_alone_everybody_elses_facts_are_the_same(
    services: Services, life: dict[str, str]
) -> None:
    finish(services, SITE, erase(services, SITE, life["person"], actor="test"))
    for mode in MODES:
        counts = replay_range(services.means, SITE, mode)
        assert (counts.replayed, counts.identical, counts.erased) == (1, 1, 2), mode


def _die() -> None:
    raise Died


def _rows(services: Services) -> dict[str, list[Any]]:
    """The followed rows, traits opened: each sealing of them is another text."""
    seals, found = RowSeals(services.keys), {}
    for projection in followed():
        for table in projection.tables:
            with services.stores.read.connect() as connection:
                rows = [dict(row._mapping) for row in connection.execute(select(table))]
            for row in rows if table.name == "profiles" else ():
                row["traits"] = seals.open(SITE, {row["shopper_id"]: row["traits"]})
            found[table.name] = sorted(rows, key=str)
    return found


def test_every_table_is_what_the_log_says_after_an_erasure(services: Services, ask: Ask) -> None:
    """Links, owners of orders, the list of the forgotten, rows of followers: folded afresh."""
    for who in (ADA, BOB):
        named = {"userId": who["customer_id"], "anonymousId": who["anonymous_id"]}
        batch(ask, {"type": "identify", **named, "traits": {"city": "Ockham"}})
        batch(ask, ordered(who, f"order of {who['customer_id']}", {}))
    finish(services, SITE, erase(services, SITE, looked_up(ask, ADA), actor="test"))
    found = verdict(services, SITE, projections=True)
    assert found["intact"], found

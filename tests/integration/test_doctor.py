"""`rationale doctor` on both databases: a healthy installation, and what can be wrong with it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner
from sqlalchemy import insert
from sqlalchemy import make_url
from sqlalchemy import text

from aggregates.kernel.clock import SECOND
from aggregates.kernel.clock import SystemClock
from aggregates.log import Append
from app import issuing
from app.cli import main
from app.config import Settings
from app.doctor import counters as doctor_counters
from app.doctor import jobs
from app.doctor import sites
from app.doctor.examination import examine
from app.doctor.finding import Finding
from app.erasure.erase import erase
from app.eventlog.tables import counters
from app.jobs.job import Job
from app.jobs.leader import leader_lock
from app.jobs.performing import perform
from app.jobs.registry import JOBS
from app.wiring import Services
from app.wiring import build
from projections import unsettled_orders
from projections.positions import set_aside
from projections.recommendation_models import recommendation_models
from projections.unsettled_orders import TRIES_MAX
from projections.unsettled_orders import Unsettled
from tests.fakes import SettableClock
from tests.training_given import SITE
from tests.training_given import view

HOUR = 3600 * SECOND


class Installation:
    """A site, its key, a leader, a success of each job: all that a healthy one has."""

    def __init__(self, environment: dict[str, str], clock: SettableClock) -> None:
        self.environment = environment
        self.clock = clock
        self.services: Services = build(Settings.from_environment(environment), clock)
        self.lock = leader_lock(self.services.stores.log)
        issuing.open_site(self.services.log, SITE)
        issued, digest = issuing.made(self.services.settings.secret_key)
        given = {"name": "k", "scopes": ["decide"], "by": issuing.By()}
        issuing.issue(self.services.log, SITE, issued.key_id, digest, **given)
        assert self.lock.take()
        for job in JOBS:
            self.run(job.name)
        self.services.follower.catch_up(SITE)

    def run(self, name: str, *, fails: bool = False) -> None:
        """One run of a job, with a body that does nothing or fails."""

        def body(services: Services, site: str, run: object) -> str:
            if fails:
                msg = "secret in here"
                raise RuntimeError(msg)
            return "done"

        run = self.services.runs.claim(SITE, name, f"at {self.clock.now()}")
        assert run is not None
        perform(Job(name, 60, body), self.services, run)

    def record(self, count: int = 1) -> None:
        """Views that nobody has folded yet."""
        for number in range(count):
            self.services.log.append(Append(SITE, (view("ann", f"s{number}", self.clock.now()),)))

    def found(self) -> list[Finding]:
        """What the doctor finds."""
        return examine(self.environment, self.clock)

    def wrong(self) -> dict[str, str]:
        """What is wrong, by check."""
        return {finding.check: finding.what for finding in self.found() if finding.wrong}


@pytest.fixture
def healthy(database_url: str, tmp_path: Path) -> Iterator[Installation]:
    environment = {
        "RATIONALE_DATA_DIR": str(tmp_path / "data"),
        "RATIONALE_DATABASE_URL": database_url,
    }
    made = Installation(environment, SettableClock(SystemClock().now()))
    yield made
    made.lock.release()
    made.services.close()


def test_a_healthy_installation_is_well(
    healthy: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert healthy.wrong() == {}
    for name, value in healthy.environment.items():
        monkeypatch.setenv(name, value)
    done = CliRunner().invoke(main, ["doctor"])
    assert done.exit_code == 0, done.output
    assert "All is well." in done.stdout
    assert "RATIONALE_SECRET_KEY = kept in" in done.stdout
    secret = healthy.services.settings.secret_key.decode()
    assert secret not in done.output
    told = orjson.loads(CliRunner().invoke(main, ["doctor", "--json"]).stdout)
    assert told["well"] is True
    assert secret not in str(told)


def test_looking_changes_no_table_and_makes_no_secret(healthy: Installation) -> None:
    kept = Path(healthy.environment["RATIONALE_DATA_DIR"]) / "secret.key"
    head = healthy.services.log.head(SITE)
    kept.unlink()
    assert "no secret" in healthy.wrong()["secret"]
    assert not kept.exists()
    assert healthy.services.log.head(SITE) == head


def test_a_secret_younger_than_all_keys_is_told(healthy: Installation) -> None:
    kept = Path(healthy.environment["RATIONALE_DATA_DIR"]) / "secret.key"
    later = healthy.clock.now() // SECOND + 3600
    os.utime(kept, (later, later))
    assert "it may fit none of them" in healthy.wrong()["secret"]


def test_nobody_leads(healthy: Installation) -> None:
    healthy.lock.release()
    assert set(healthy.wrong()) == {"scheduler"}


def test_a_failed_job_is_told_and_its_success_ends_that(healthy: Installation) -> None:
    healthy.clock.advance(SECOND)
    healthy.run("prune", fails=True)
    wrong = healthy.wrong()
    assert set(wrong) == {"job"}
    assert f"{SITE}: prune failed" in wrong["job"]
    assert "secret in here" not in wrong["job"]
    healthy.clock.advance(SECOND)
    healthy.run("prune")
    assert healthy.wrong() == {}


def test_events_that_wait_for_a_follower_are_told_after_a_while(healthy: Installation) -> None:
    healthy.record(3)
    assert healthy.wrong() == {}
    healthy.clock.advance((sites.WAITING_S + 1) * SECOND)
    assert f"{SITE}: 3 events are not folded" in healthy.wrong()["follower"]
    healthy.services.follower.catch_up(SITE)
    assert healthy.wrong() == {}


def test_events_set_aside_are_told(healthy: Installation) -> None:
    row = {"site": SITE, "projection": "activity", "position": 1, "error": "KeyError"}
    with healthy.services.stores.read.begin() as connection:
        connection.execute(insert(set_aside), {**row, "set_aside_at": 0})
    assert f"{SITE}: 1 events could not be folded" in healthy.wrong()["set_aside"]


def test_orders_that_could_not_be_settled_are_told(healthy: Installation) -> None:
    for tries in (1, TRIES_MAX):
        failed = Unsettled("a" * 64, 1, "KeyError", tries, 0)
        with healthy.services.stores.read.begin() as connection:
            unsettled_orders.note(connection, SITE, failed)
        assert ("settlement" in healthy.wrong()) == (tries == TRIES_MAX)
    assert f"{SITE}: 1 orders could not be settled" in healthy.wrong()["settlement"]


def test_a_rebuild_under_way_is_worth_knowing_and_not_wrong(healthy: Installation) -> None:
    healthy.services.follower.rebuild(SITE, "activity")
    assert healthy.wrong() == {}
    assert any("activity is being folded anew" in finding.what for finding in healthy.found())


def test_no_model_and_an_old_model_are_told(healthy: Installation) -> None:
    healthy.clock.advance((sites.MODEL_AGE_S + 1) * SECOND)
    assert f"{SITE}: there is no model" in healthy.wrong()["model"]
    row = {"site": SITE, "number": 1, "digest": "d", "types": "{}", "trained_to": 1}
    row |= {"position": healthy.services.log.head(SITE).position}
    with healthy.services.stores.log.begin() as connection:
        old = healthy.clock.now() - 13 * HOUR
        connection.execute(insert(recommendation_models), {**row, "trained_at": old})
    assert healthy.wrong() == {}, "nothing came since"
    healthy.record(2)
    assert "is 13 hours old, 2 events came since" in healthy.wrong()["model"]
    healthy.run("train")
    assert healthy.wrong() == {}, "a training found nothing new"


def test_tables_of_another_version_and_none_are_told(healthy: Installation) -> None:
    read = healthy.services.stores.read
    with read.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'other'"))
    wrong = healthy.wrong()
    assert set(wrong) == {"read_store"}
    assert "the tables are of version other" in wrong["read_store"]
    with read.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    assert healthy.wrong() == {"read_store": "there are no tables yet"}


def test_a_check_that_fails_is_a_finding_and_the_others_go_on(
    healthy: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Iterator[Finding]:
        raise KeyError("secret in here")
        yield

    monkeypatch.setattr(jobs, "runs", broken)
    healthy.lock.release()
    assert healthy.wrong() == {
        "job": "the check itself failed with KeyError",
        "scheduler": "no scheduler runs: nothing is trained or pruned",
    }


def test_files_that_others_may_read_are_told(sqlite_url: str, tmp_path: Path) -> None:
    path = Path(make_url(sqlite_url).database or "")
    path.chmod(0o644)
    environment = {"RATIONALE_DATA_DIR": str(tmp_path), "RATIONALE_DATABASE_URL": sqlite_url}
    found = examine(environment)
    assert [finding.todo for finding in found if finding.check == "file_modes"] == [
        f"chmod 600 {path}"
    ]


def test_a_full_disk_is_told(sqlite_url: str, tmp_path: Path) -> None:
    environment = {"RATIONALE_DATA_DIR": str(tmp_path), "RATIONALE_DATABASE_URL": sqlite_url}
    assert not [each for each in examine(environment) if each.check == "disk_space"]
    found = examine(environment, free=lambda path: 999_999_999)
    assert any("only 999 MB are free" in finding.what for finding in found)


def test_counters_that_are_not_what_the_log_says_are_found(
    healthy: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = {"site": SITE, "key": "rule/r/uses", "used": 2, "most": None}
    with healthy.services.stores.log.begin() as connection:
        connection.execute(insert(counters), row)
        connection.execute(insert(counters), {**row, "key": "key/cart-rules/x"})
    assert healthy.wrong()["counters"].endswith("sum of the log: rule/r/uses is 2, not 0")
    monkeypatch.setattr(doctor_counters, "SUMMED_S", -1.0)  # a log that is too long to be read
    told = [one.what for one in healthy.found() if one.check == "counters"]
    assert len(told) == 1
    assert "were not compared" in told[0]


def test_an_erasure_that_is_not_finished_is_told(healthy: Installation) -> None:
    site, services = SITE, healthy.services
    person = services.keys.of(site, "customer", "ann")
    erase(services, site, person, actor="test")
    assert "erasure" not in {finding.check for finding in healthy.found()}
    healthy.clock.advance(HOUR)
    assert "erasure" in {finding.check for finding in healthy.found()}

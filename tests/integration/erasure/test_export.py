"""GET /v1/shoppers/{person}/export: all that is held on a person, and nothing of anybody else."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner

from app.cli import main
from app.config import Settings
from app.erasure.export import export
from app.wiring import Services
from tests.erasure_given import ADA
from tests.erasure_given import SITE
from tests.erasure_given import VALUES
from tests.erasure_given import Ask
from tests.erasure_given import lived
from tests.erasure_given import lived_too
from tests.erasure_given import opened


@pytest.fixture
def life(services: Services, ask: Ask) -> dict[str, str]:
    opened(services, ask)
    bob = lived_too(ask)
    found = lived(ask)
    services.follower.catch_up(SITE)
    return {**found, "bob": bob["person"]}


def told(lines: Any) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in lines]


def test_everything_that_the_person_ever_said_is_in_the_export(
    services: Services, life: dict[str, str]
) -> None:
    said = b"".join(export(services, SITE, life["person"])).decode()
    missing = {what for what, value in VALUES.items() if value not in said}
    assert missing == {"imported order number"}  # nothing was imported here


def test_an_export_has_the_person_rows_events_decisions_with_answers_and_ids(
    services: Services, life: dict[str, str]
) -> None:
    objects = told(export(services, SITE, life["person"]))
    person, *others, ids = objects
    assert person["kind"] == "person"
    assert person["profile"]["traits"]["city"]["value"] == "Ockham"
    assert {tuple(one.values()) for one in ids["ids"]} == {
        ("anonymous", ADA["anonymous_id"]),
        ("customer", ADA["customer_id"]),
        ("customer", "back-office"),  # in her order, in the words of the one who sent it
    }
    tables = {one["table"] for one in others if one["kind"] == "row"}
    assert tables == {
        "identity_links", "order_owners", "profiles", "activity", "orders", "product_views",
        "decision_mentions",
    }  # fmt: skip
    events = [one for one in others if one["kind"] == "event"]
    decisions = [one for one in events if one["topic"] == "DecisionRecorded"]
    assert {one["data"]["decision_id"] for one in decisions} == {life["cart"], life["guest"]}
    assert all(one["answer"]["totals"]["total"] for one in decisions)
    assert {"OrderRedeemed", "MessageQuarantined", "OrderRefunded", "IdentitiesLinked"} <= {
        one["topic"] for one in events
    }


def test_nothing_of_anybody_else_is_in_an_export(services: Services, life: dict[str, str]) -> None:
    said = b"".join(export(services, SITE, life["bob"])).decode()
    assert not {what for what, value in VALUES.items() if value in said}


def test_an_export_is_streamed_to_an_admin_and_410_afterwards(
    ask: Ask, services: Services, life: dict[str, str]
) -> None:
    path = f"/v1/shoppers/{life['person']}"
    assert ask("GET", f"{path}/export")[0] == 200
    assert ask("DELETE", path)[0] == 200
    status, answer = ask("GET", f"{path}/export")
    assert (status, answer["code"]) == (410, "person_erased")
    assert ask("GET", f"/v1/shoppers/{'0' * 32}/export")[0] == 404


def test_the_command_writes_the_export_before_it_erases(
    services: Services,
    settings: Settings,
    life: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RATIONALE_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("RATIONALE_DATABASE_URL", settings.database_url)
    file = tmp_path / "ada.ndjson"
    command = ["erase", "--site", SITE, "--customer-id", "-", "--export", str(file), "--json"]
    for wrong in (["--export", str(tmp_path / "nowhere" / "x")], ["--reason", "No Code"]):
        kept = CliRunner().invoke(main, [*command, *wrong], input=f"{ADA['customer_id']}\n")
        assert isinstance(kept.exception, SystemExit), kept.exception  # told, not a traceback
        assert (kept.exit_code, list(tmp_path.glob("*ada.ndjson*"))) == (1, [])
    done = CliRunner().invoke(main, command, input=f"{ADA['customer_id']}\n")
    assert done.exit_code == 0, done.output
    assert orjson.loads(done.stdout)["pseudonyms"] == 2
    assert told(file.read_bytes().splitlines())[0]["person"] == life["person"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    again = CliRunner().invoke(main, command, input=f"{ADA['customer_id']}\n")
    assert again.exit_code == 1
    assert "nothing is held" in again.output

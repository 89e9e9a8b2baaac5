"""An auditor's view of the log: pages, checkpoints, proofs, verdict; over HTTP and commands."""

from __future__ import annotations

import struct
from base64 import b64decode
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlalchemy import update

from aggregates.log import Append
from app.cli import main
from app.config import Settings
from app.eventlog.tables import events
from app.jobs.checkpoint import checkpoint
from app.jobs.checkpoint import is_due
from app.jobs.job import JobFailed
from app.jobs.verify import is_due as verification_is_due
from app.jobs.verify import verify as verify_log
from app.wiring import Services
from tests.log_events import SITE
from tests.log_events import viewed

CART: dict[str, Any] = {
    "currency": "USD",
    "cart_id": "c",
    "shopper": {"anonymous_id": "browser-of-ann"},
    "lines": [{"line_id": "1", "sku": "x", "quantity": 1, "unit_price": "10.00"}],
}


class _Run:
    """A run that nobody stops."""

    def check(self) -> None:
        pass

    def progress(self, what: str, done: int, total: int) -> None:
        pass


def _signed(services: Services) -> str:
    return checkpoint(services, SITE, _Run())  # type: ignore[arg-type]


def _column(value: bytes | None) -> bytes:
    return b"\xff" * 4 if value is None else struct.pack(">I", len(value)) + value


def _chained(before: bytes, row: dict[str, Any]) -> bytes:
    shopper = row["shopper_id"]
    columns = (
        row["site"].encode(),
        struct.pack(">q", row["position"]),
        bytes.fromhex(row["stream_id"]),
        struct.pack(">q", row["version"]),
        row["topic"].encode(),
        None if shopper is None else shopper.encode(),
        struct.pack(">q", row["occurred_at"]),
        struct.pack(">q", row["recorded_at"]),
        b64decode(row["state"]),
    )
    return sha256(before + b"".join(map(_column, columns))).digest()


def test_a_copy_of_the_log_is_checked_by_its_hashes_and_holds_nothing_sealed(
    client: FlaskClient, key: Any, services: Services
) -> None:
    headers = key()
    assert client.post("/v1/decisions/cart", json=CART, headers=headers).status_code == 200
    copied: list[Any] = []
    after: int | None = 0
    while after is not None:
        page: Any = client.get(f"/v1/log?after={after}&limit=2", headers=headers)
        assert b"browser-of-ann" not in page.data
        copied += page.json["items"]
        after = page.json["next_after"]
    assert [row["position"] for row in copied] == list(range(1, len(copied) + 1))
    assert {row["topic"] for row in copied} >= {"SiteOpened", "ApiKeyIssued", "DecisionRecorded"}
    assert copied[-1]["sealed"] is True
    assert copied[-1]["data"]["kind"] == "cart"
    before = bytes(32)
    for row in copied:
        before = _chained(before, row)
        assert before.hex() == row["hash"]
    assert before == services.log.head(SITE).hash


def test_checkpoints_and_proofs_are_served(
    client: FlaskClient, key: Any, services: Services, tmp_path: Path
) -> None:
    headers = key()
    decided: Any = client.post("/v1/decisions/cart", json=CART, headers=headers)
    decision = decided.json["decision_id"]
    missing: Any = client.get(f"/v1/log/proof?decision_id={decision}", headers=headers)
    assert (missing.status_code, missing.json["code"]) == (404, "not_in_a_checkpoint")
    assert "events, root" in _signed(services)
    head = services.log.head(SITE)
    listed: Any = client.get("/v1/log/checkpoints", headers=headers).json
    (made,) = listed["items"]
    assert (made["position"], made["chain"]) == (head.position, head.hash.hex())
    assert made["note"].startswith(f"rationale/shop\n{head.position}\n")
    assert listed["keys"][0].startswith("rationale/shop+")
    proof: Any = client.get(f"/v1/log/proof?decision_id={decision}", headers=headers).json
    assert proof["checkpoint"] == made["note"]
    by_position: Any = client.get(f"/v1/log/proof?position={head.position}", headers=headers).json
    assert by_position == proof
    services.log.append(Append(SITE, (viewed(),)))
    _signed(services)
    grown = f"/v1/log/proof?from={head.position}&to={head.position + 1}"
    assert client.get(grown, headers=headers).status_code == 200
    for query in (
        "",
        "?position=x",
        "?position=1&decision_id=d",
        "?from=1",
        "?from=1&to=2&position=1",
    ):
        wrong = client.get(f"/v1/log/proof{query}", headers=headers)
        assert wrong.status_code == 422, query


def test_a_checkpoint_is_due_when_an_hour_is_over_and_something_came(
    key: Any, services: Services
) -> None:
    assert not is_due(services, SITE)
    key()
    assert is_due(services, SITE)
    _signed(services)
    assert not is_due(services, SITE)
    services.log.append(Append(SITE, (viewed(),)))
    assert not is_due(services, SITE)


def test_the_commands_sign_prove_and_verify(
    key: Any, services: Services, settings: Settings, tmp_path: Path
) -> None:
    environment = {
        "RATIONALE_DATA_DIR": str(tmp_path),
        "RATIONALE_DATABASE_URL": settings.database_url,
        "RATIONALE_CHECKPOINT_DIR": str(tmp_path / "elsewhere"),
    }

    def said(*arguments: str, exits: int = 0) -> str:
        done = CliRunner().invoke(main, arguments, env=environment)
        assert done.exit_code == exits, (done.output, done.exception)
        assert isinstance(done.exception, SystemExit | None), done.exception
        return done.stdout

    key()
    assert said("checkpoint", "--site", SITE).startswith("rationale/shop\n2\n")
    assert len(list((tmp_path / "elsewhere" / SITE).glob("*.checkpoint"))) == 1
    proof = orjson.loads(said("proof", "--position", "1"))
    assert proof["event"]["topic"] == "SiteOpened"
    assert "1 checkpoints agree, the newest at 2" in said("verify")
    told = orjson.loads(said("verify", "--json", "--processes", "1"))
    assert (told["intact"], told["events"], told["checkpoint"]) == (True, 2, 2)
    said("proof", exits=2)
    with services.stores.log.begin() as connection:
        connection.execute(update(events).where(events.c.position == 1).values(site="shed"))
    assert "(position_missing)" in said("verify", "--site", SITE, exits=1)
    both = said("verify", exits=1)
    assert "shed: " in both
    assert "shop: " in both


@pytest.mark.parametrize("column", ["state", "hash"])
def test_a_broken_log_is_an_answer(
    client: FlaskClient, key: Any, services: Services, column: str
) -> None:
    headers = key()
    whole: Any = client.post("/v1/log/verify", headers=headers)
    assert (whole.status_code, whole.json["intact"]) == (200, True)
    with services.stores.log.begin() as connection:
        changed = update(events).where(events.c.position == 1).values({column: b"{}"})
        connection.execute(changed)
    broken: Any = client.post("/v1/log/verify", headers=headers)
    assert broken.status_code == 200
    assert (broken.json["intact"], broken.json["code"]) == (False, "hash_mismatch")


def test_a_long_log_is_verified_by_a_job(
    client: FlaskClient, key: Any, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.http.log.AT_ONCE_EVENTS", 1)
    headers = key()
    asked: Any = client.post("/v1/log/verify", headers=headers)
    again: Any = client.post("/v1/log/verify", headers=headers)
    assert (asked.status_code, asked.json["status"]) == (202, "waiting")
    assert again.json == asked.json
    assert verification_is_due(services, SITE)
    assert verify_log(services, SITE, _Run()) == "2 events and 0 checkpoints hold"  # type: ignore[arg-type]
    assert not verification_is_due(services, SITE)
    path = f"/v1/log/verifications/{asked.json['verification']}"
    done: Any = client.get(path, headers=headers).json
    assert (done["status"], done["verdict"]["events"]) == ("done", 2)
    assert client.get("/v1/log/verifications/99", headers=headers).status_code == 404
    with services.stores.log.begin() as connection:
        connection.execute(update(events).where(events.c.position == 1).values(version=9))
    with pytest.raises(JobFailed, match="hash_mismatch"):
        verify_log(services, SITE, _Run())  # type: ignore[arg-type]

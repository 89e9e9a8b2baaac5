"""A database that is away or locked: 503 with Retry-After, and nothing acknowledged is lost."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app import database
from app.config import Settings
from app.engines import open_engine
from app.factory import create_app
from app.wiring import Services
from app.wiring import build

KEY = {"Authorization": "Bearer rk_0123456789abcdef_secret"}


def test_a_database_that_is_away_answers_503(tmp_path: Path) -> None:
    away = "postgresql://nobody@127.0.0.1:1/nothing"
    services = build(
        Settings.from_environment(
            {"RATIONALE_DATA_DIR": str(tmp_path), "RATIONALE_DATABASE_URL": away}
        )
    )
    try:
        client = create_app(services).test_client()
        assert client.get("/livez").status_code == 200
        ready: Any = client.get("/readyz")
        assert (ready.status_code, ready.json["code"]) == (503, "not_ready")
        answer: Any = client.post("/v1/keys", json={}, headers=KEY)
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) >= 1
        assert client.get("/metrics").status_code == 200
    finally:
        services.close()


@pytest.fixture
def short_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Locks are waited for a moment only."""
    monkeypatch.setattr(database, "open_engine", partial(open_engine, wait_ms=100))


@pytest.mark.usefixtures("short_wait")
def test_a_locked_log_refuses_and_later_serves(
    client: FlaskClient, services: Services, key: Any
) -> None:
    headers = key()
    body = {"name": "n", "scopes": ["decide"]}
    assert client.post("/v1/keys", json=body, headers=headers).status_code == 201
    if services.stores.log.dialect.name == "sqlite":
        lock = "SELECT 1"  # a writing transaction of SQLite holds the lock from its start on
    else:
        lock = "LOCK TABLE log_heads IN ACCESS EXCLUSIVE MODE"
    with services.stores.log.execution_options(writing=True).begin() as connection:
        connection.execute(text(lock))
        refused: Any = client.post("/v1/keys", json=body, headers=headers)
        assert refused.status_code == 503, refused.json
        assert int(refused.headers["Retry-After"]) >= 1
    assert client.post("/v1/keys", json=body, headers=headers).status_code == 201
    listed: Any = client.get("/v1/keys", headers=headers)
    assert len(listed.json["items"]) == 3


def test_what_was_answered_survives_a_closed_process(
    client: FlaskClient, services: Services, settings: Settings, key: Any
) -> None:
    headers = key()
    body = {"name": "n", "scopes": ["decide"]}
    answers: list[Any] = []

    def ask() -> None:
        answers.append(
            client.application.test_client().post("/v1/keys", json=body, headers=headers)
        )

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    services.close()
    again = build(settings)
    try:
        listed: Any = create_app(again).test_client().get("/v1/keys", headers=headers)
        kept = {item["key_id"] for item in listed.json["items"]}
        assert {answer.json["key_id"] for answer in answers if answer.status_code == 201} <= kept
        assert len(answers) == 8
    finally:
        again.close()

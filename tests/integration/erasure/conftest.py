"""A service on either database, a client with a key of every scope, and two lives in its shop."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.commands.keys import issued_key
from app.config import Settings
from app.edge.callers import SCOPES
from app.factory import create_app
from app.wiring import Services
from app.wiring import build
from tests.erasure_given import SITE
from tests.erasure_given import Ask
from tests.fakes import SettableClock


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    environment = {
        "RATIONALE_DATA_DIR": str(tmp_path / "data"),
        "RATIONALE_DATABASE_URL": database_url,
    }
    return Settings.from_environment(environment)


@pytest.fixture
def services(settings: Settings, clock: SettableClock) -> Iterator[Services]:
    made = build(settings, clock)
    yield made
    made.close()


@pytest.fixture
def ask(services: Services) -> Ask:
    """Sends with a key of every scope; the answer with its status."""
    client = create_app(services).test_client()
    token = issued_key(services, SITE, tuple(sorted(SCOPES - {"collect"})), "test").token

    def send(method: str, path: str, body: Any = None, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"Authorization": f"Bearer {token}", **named}
        answer = client.open(path, method=method, json=body, headers=sent)
        return answer.status_code, answer.json

    return send

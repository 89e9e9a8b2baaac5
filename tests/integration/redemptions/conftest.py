"""A service on either database with a clock that is set, and a client with a key."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.commands.keys import issued_key
from app.config import Settings
from app.factory import create_app
from app.wiring import Services
from app.wiring import build
from tests.fakes import SettableClock
from tests.redemptions_given import SITE
from tests.redemptions_given import Ask
from tests.redemptions_given import cart
from tests.settlement_given import Shop


@pytest.fixture
def services(database_url: str, tmp_path: Path, clock: SettableClock) -> Iterator[Services]:
    environment = {"RATIONALE_DATA_DIR": str(tmp_path), "RATIONALE_DATABASE_URL": database_url}
    made = build(Settings.from_environment(environment), clock)
    yield made
    made.close()


@pytest.fixture
def ask(services: Services) -> Ask:
    """Sends with a key for decisions, audits and authors; the answer with its status."""
    client = create_app(services).test_client()
    token = issued_key(services, SITE, ("audit", "author", "decide"), "test").token

    def send(method: str, path: str, body: Any = None, **headers: str) -> Any:
        sent = {"Authorization": f"Bearer {token}", **headers}
        answer = client.open(path, method=method, json=body, headers=sent)
        return answer.status_code, answer.json

    return send


@pytest.fixture
def decide(ask: Ask) -> Callable[..., str]:
    """The id of a decision about a cart."""

    def decided(customer: str = "ada", **more: Any) -> str:
        status, answer = ask("POST", "/v1/decisions/cart", cart(customer, **more))
        assert status == 200, answer
        return str(answer["decision_id"])

    return decided


@pytest.fixture
def shop(services: Services, clock: SettableClock) -> Shop:
    """A shop's server, with a key of its own."""
    client = create_app(services).test_client()
    token = issued_key(services, SITE, ("audit", "decide", "ingest"), "test").token

    def send(method: str, path: str, body: Any = None) -> Any:
        answer = client.open(
            path, method=method, json=body, headers={"Authorization": f"Bearer {token}"}
        )
        return answer.status_code, answer.json

    return Shop(services, clock, send)

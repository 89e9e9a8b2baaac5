"""The whole app over fresh stores, and a key with every scope."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.commands.keys import issued_key
from app.config import Settings
from app.edge.callers import SCOPES
from app.factory import create_app
from app.wiring import Services
from app.wiring import build


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings of a process over an empty, migrated database, on both kinds of them."""
    return Settings.from_environment(
        {"RATIONALE_DATA_DIR": str(tmp_path), "RATIONALE_DATABASE_URL": database_url}
    )


@pytest.fixture
def services(settings: Settings) -> Iterator[Services]:
    """The services of that process."""
    made = build(settings)
    yield made
    made.close()


@pytest.fixture
def app(services: Services) -> Flask:
    return create_app(services)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def key(services: Services) -> Any:
    """Makes authorization headers of a key with these scopes, without any: all of them."""

    def issue(*scopes: str) -> dict[str, str]:
        issued = issued_key(services, "shop", scopes or tuple(sorted(SCOPES)), "test")
        return {"Authorization": f"Bearer {issued.token}"}

    return issue

"""A service on either database with a clock that is set, asked with a key of every scope."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.config import Settings
from app.wiring import Services
from app.wiring import build
from tests.desk import Desk
from tests.fakes import SettableClock


@pytest.fixture
def services(database_url: str, tmp_path: Path, clock: SettableClock) -> Iterator[Services]:
    environment = {"RATIONALE_DATA_DIR": str(tmp_path), "RATIONALE_DATABASE_URL": database_url}
    made = build(Settings.from_environment(environment), clock)
    yield made
    made.close()


@pytest.fixture
def desk(services: Services, clock: SettableClock) -> Desk:
    return Desk(services, clock)

"""The services of a process whose clock stands, over a log with one site."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from aggregates.kernel.ids import SiteId
from app import issuing
from app.config import Settings
from app.wiring import Services
from app.wiring import build
from tests.fakes import SettableClock

SHOP = SiteId("shop")


@pytest.fixture
def services(database_url: str, tmp_path: Path, clock: SettableClock) -> Iterator[Services]:
    settings = {"RATIONALE_DATA_DIR": str(tmp_path), "RATIONALE_DATABASE_URL": database_url}
    made = build(Settings.from_environment(settings), clock)
    issuing.open_site(made.log, SHOP)
    yield made
    made.close()

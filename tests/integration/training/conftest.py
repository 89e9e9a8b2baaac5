"""A site to train from, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.config import Settings
from app.wiring import build
from tests.fakes import SettableClock
from tests.training_given import Trainer


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings.from_environment(
        {"RATIONALE_DATA_DIR": str(tmp_path), "RATIONALE_DATABASE_URL": database_url}
    )


@pytest.fixture
def trainer(settings: Settings, clock: SettableClock) -> Iterator[Trainer]:
    """A site that is open, at noon."""
    services = build(settings, clock)
    yield Trainer(services).open()
    services.close()

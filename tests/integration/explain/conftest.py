"""A shop whose answers are explained: an author, and keys that may decide but not audit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.commands.keys import issued_key
from app.config import Settings
from app.edge.callers import SCOPES
from app.factory import create_app
from app.wiring import build
from tests.authors import Author
from tests.fakes import SettableClock
from tests.training_given import SITE
from tests.training_given import Trainer


@pytest.fixture
def shop(database_url: str, tmp_path: Path, clock: SettableClock) -> Iterator[Author]:
    """An opened site, called with every scope."""
    settings = Settings.from_environment(
        {"RATIONALE_DATA_DIR": str(tmp_path), "RATIONALE_DATABASE_URL": database_url}
    )
    services = build(settings, clock)
    key = issued_key(services, SITE, tuple(sorted(SCOPES)), "test").token
    author = Author(services, create_app(services).test_client(), key)
    Trainer(services).open()
    yield author
    services.close()


@pytest.fixture
def checkout(shop: Author) -> Author:
    """The same shop, called by who may decide and not audit."""
    key = issued_key(shop.services, SITE, ("decide",), "checkout").token
    return Author(shop.services, create_app(shop.services).test_client(), key)

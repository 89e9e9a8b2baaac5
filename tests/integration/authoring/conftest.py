"""A new site with an author, on both databases."""

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


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings.from_environment(
        {"RATIONALE_DATA_DIR": str(tmp_path), "RATIONALE_DATABASE_URL": database_url}
    )


@pytest.fixture
def author(settings: Settings, clock: SettableClock) -> Iterator[Author]:
    """An author of a new site, at noon."""
    services = build(settings, clock)
    issued = issued_key(services, "shop", tuple(sorted(SCOPES)), "author")
    client = create_app(services).test_client()
    yield Author(services, client, issued.token, issued.key_id)
    services.close()


@pytest.fixture
def colleague(author: Author) -> Author:
    """Another author of the same site."""
    issued = issued_key(author.services, "shop", ("author", "audit"), "colleague")
    client = create_app(author.services).test_client()
    return Author(author.services, client, issued.token, issued.key_id)

"""Alembic for one store: to head in one transaction and under a lock, or compared with head."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL
from sqlalchemy import Connection
from sqlalchemy import Engine
from sqlalchemy import text

import migrations
from app.engines import open_engine
from app.engines import schema

_TURN = 5_824_117_031  # the PostgreSQL advisory lock under which one process migrates
_WAIT_MS = 60_000


def migrate(url: URL, store: str) -> None:
    """Makes or upgrades the tables of a store."""
    if url.get_backend_name() == "postgresql":
        _run(url, store, _make_schema)
    _run(url, store, _upgrade)


def migrated(engine: Engine, store: str) -> bool:
    """Whether a store is at the newest version."""
    return version(engine) == newest_version(store)


def version(engine: Engine) -> str | None:
    """The version of a store's tables, None if there are none."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


@lru_cache
def newest_version(store: str) -> str | None:
    """The version that this code works with."""
    return ScriptDirectory.from_config(configuration(store)).get_current_head()


def configuration(store: str) -> Config:
    """Alembic's configuration for a store; each has its own line of versions."""
    root = Path(migrations.__file__).parent
    config = Config()
    config.set_main_option("path_separator", "newline")
    config.set_main_option("script_location", str(root).replace("%", "%%"))
    config.set_main_option("version_locations", str(root / "versions" / store).replace("%", "%%"))
    config.attributes["store"] = store
    return config


def _run(url: URL, store: str, step: Callable[[Connection, str], None]) -> None:
    """On an engine of its own, for a dialect learns its schema once, with the first connection."""
    engine = open_engine(url, store, _WAIT_MS)
    try:
        with engine.execution_options(writing=True).begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": _TURN})
            step(connection, store)
    finally:
        engine.dispose()


def _make_schema(connection: Connection, store: str) -> None:
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {schema(store)}"))


def _upgrade(connection: Connection, store: str) -> None:
    config = configuration(store)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")

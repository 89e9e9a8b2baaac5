"""Fixtures of all tests: both databases, migrated and empty, one for each test.

PostgreSQL is the server of `RATIONALE_TEST_POSTGRESQL_URL`, else one that is started for the
session. A test that takes `stores` runs on both databases.
"""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Callable
from collections.abc import Iterator
from os import environ
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import make_url

from app.database import Stores
from app.database import migrate
from app.database import open_stores
from app.eventlog.keys import KeyStore
from app.eventlog.log import SqlEventLog
from projections.projection import Projection
from tests.fakes import SettableClock

PEPPER = b"pepper of the tests, 32 bytes at least"
DATABASES = ("sqlite", "postgresql")


@pytest.fixture
def clock() -> SettableClock:
    """Stands at noon until it is moved."""
    return SettableClock()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of a server where databases may be made."""
    given = environ.get("RATIONALE_TEST_POSTGRESQL_URL")
    if given:
        yield given
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pgserver.postgres_server import get_server
    folder = tempfile.mkdtemp(prefix="rationale-postgresql-")
    server = get_server(folder, cleanup_mode="delete")
    url = server.get_uri()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")
    yield url
    server.cleanup()


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str) -> Iterator[str]:
    """The name of a migrated database, which each test's is a copy of."""
    name = f"template_{uuid4().hex}"
    _administer(postgresql_server, f"CREATE DATABASE {name}")
    _migrate(_named(postgresql_server, name))
    yield name
    _administer(postgresql_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with migrated files, which each test's are copies of."""
    folder = tmp_path_factory.mktemp("template")
    _migrate(f"sqlite:///{folder / 'rationale.db'}")
    return folder


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of an empty, migrated database in files."""
    folder = tmp_path / "data"
    shutil.copytree(sqlite_template, folder)
    return f"sqlite:///{folder / 'rationale.db'}"


@pytest.fixture
def postgresql_url(postgresql_server: str, postgresql_template: str) -> Iterator[str]:
    """The URL of an empty, migrated database on the server."""
    name = f"test_{uuid4().hex}"
    _administer(postgresql_server, f"CREATE DATABASE {name} TEMPLATE {postgresql_template}")
    yield _named(postgresql_server, name)
    _administer(postgresql_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty, migrated database of either kind."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def stores(database_url: str) -> Iterator[Stores]:
    """The stores of either kind of database."""
    opened = open_stores(database_url)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_stores(sqlite_url: str) -> Iterator[Stores]:
    """The stores in files."""
    opened = open_stores(sqlite_url)
    yield opened
    opened.close()


@pytest.fixture
def keys(stores: Stores) -> KeyStore:
    """The key store of `stores`."""
    return KeyStore(stores.keys, PEPPER)


@pytest.fixture
def open_log(clock: SettableClock) -> Iterator[Callable[..., SqlEventLog]]:
    """`open_log(stores, *immediate projections)` opens a log that is closed after the test."""
    opened: list[SqlEventLog] = []

    def open_one(stores: Stores, *immediate: Projection) -> SqlEventLog:
        log = SqlEventLog(stores, KeyStore(stores.keys, PEPPER), clock, immediate)
        opened.append(log)
        return log

    yield open_one
    for log in opened:
        log.close()


@pytest.fixture
def event_log(stores: Stores, open_log: Callable[..., SqlEventLog]) -> SqlEventLog:
    """An empty log on either kind of database, without projections."""
    return open_log(stores)


@pytest.fixture
def sqlite_log(sqlite_stores: Stores, open_log: Callable[..., SqlEventLog]) -> SqlEventLog:
    """An empty log in files, without projections."""
    return open_log(sqlite_stores)


def _migrate(url: str) -> None:
    opened = open_stores(url)
    try:
        migrate(opened)
    finally:
        opened.close()


def _administer(server: str, statement: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)


def _named(server: str, name: str) -> str:
    return make_url(server).set(database=name).render_as_string(hide_password=False)

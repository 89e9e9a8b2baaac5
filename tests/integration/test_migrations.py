"""Alembic owns every table, on both databases; processes that start at once take turns."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect
from sqlalchemy import make_url
from sqlalchemy import select

from aggregates.kernel.ids import SiteId
from aggregates.kernel.ids import stream_id
from aggregates.log import Append
from aggregates.log import NewEvent
from app.database import Stores
from app.database import migrate
from app.database import migrated
from app.database import open_stores
from app.engines import STORES
from app.engines import open_engine
from app.engines import schema
from app.eventlog.log import SqlEventLog
from app.migrating import configuration
from migrations.tables import metadata
from projections.catalogue import Catalogue
from projections.catalogue import products

ROOT = Path(__file__).parents[2]
NewDatabase = Callable[[], str]


@pytest.fixture(params=["sqlite", "postgresql"])
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> NewDatabase:
    """Gives URLs of databases with nothing in them."""
    if request.param == "sqlite":
        return lambda: f"sqlite:///{tmp_path / uuid4().hex / 'rationale.db'}"
    server: str = request.getfixturevalue("postgresql_server")

    def make() -> str:
        name = f"new_{uuid4().hex}"
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return make_url(server).set(database=name).render_as_string(hide_password=False)

    return make


@pytest.mark.parametrize("store", STORES)
def test_the_versions_make_exactly_the_declared_tables(stores: Stores, store: str) -> None:
    engine = stores.engines()[store]
    declared = metadata(store)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, declared) == []
        names = inspect(connection).get_table_names()
    assert set(names) == {*declared.tables, "alembic_version"}


@pytest.mark.parametrize("store", STORES)
def test_a_store_goes_down_to_nothing_and_up_again(stores: Stores, store: str) -> None:
    engine = open_engine(stores.engines()[store].url, store)
    try:
        for target, run in (("base", command.downgrade), ("head", command.upgrade)):
            config = configuration(store)
            with engine.execution_options(writing=True).begin() as connection:
                config.attributes["connection"] = connection
                run(config, target)
        assert migrated(stores)
    finally:
        engine.dispose()


def test_migrating_twice_changes_nothing(new_database: NewDatabase) -> None:
    stores = open_stores(new_database())
    migrate(stores)
    migrate(stores)
    assert migrated(stores)
    stores.close()


def test_an_empty_database_is_not_migrated(new_database: NewDatabase) -> None:
    stores = open_stores(new_database())
    assert not migrated(stores)
    stores.close()


def test_processes_that_start_at_once_on_an_empty_database_all_succeed(
    new_database: NewDatabase,
) -> None:
    url = new_database()
    code = (
        "import sys; from app.database import migrate, open_stores;"
        "stores = open_stores(sys.argv[1]); migrate(stores); stores.close()"
    )
    starting = [
        subprocess.Popen(
            [sys.executable, "-c", code, url], cwd=ROOT, stderr=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    ended = [process.communicate(timeout=100)[1] for process in starting]
    assert [process.returncode for process in starting] == [0] * 4, ended
    stores = open_stores(url)
    assert migrated(stores)
    stores.close()


def test_the_stores_are_three_files(sqlite_url: str) -> None:
    folder = Path(make_url(sqlite_url).database or "").parent
    names = {path.name for path in folder.glob("*.db")}
    assert names == {"rationale.db", "rationale-read.db", "rationale-keys.db"}


def test_the_stores_are_three_schemas(postgresql_url: str) -> None:
    with psycopg.connect(postgresql_url) as connection:
        rows = connection.execute("SELECT nspname FROM pg_namespace").fetchall()
    assert {schema(store) for store in STORES} <= {row[0] for row in rows}


def test_the_key_store_may_have_a_database_of_its_own(tmp_path: Path) -> None:
    log, keys = (f"sqlite:///{tmp_path / name / 'rationale.db'}" for name in ("log", "keys"))
    stores = open_stores(log, keys)
    migrate(stores)
    assert migrated(stores)
    stores.close()
    assert {path.name for path in (tmp_path / "keys").glob("*.db")} == {"rationale-keys.db"}


def test_sqlite_stores_are_for_their_owner_alone(tmp_path: Path) -> None:
    stores = open_stores(f"sqlite:///{tmp_path}/rationale.db", None, tmp_path)
    migrate(stores)
    stores.close()
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.glob("*.db*")}
    assert {"rationale.db", "rationale-read.db", "rationale-keys.db"} <= modes.keys()
    assert set(modes.values()) == {0o600}


def test_products_of_before_get_the_place_where_they_were_first_listed(
    stores: Stores, open_log: Callable[..., SqlEventLog]
) -> None:
    log = open_log(stores, Catalogue())
    for sku, name in (("b", "1"), ("a", "1"), ("b", "2")):
        data = {"sku": sku, "product": {"sku": sku, "name": name}}
        event = NewEvent(stream_id("shop", "product", sku), None, "ProductListed", data)
        log.append(Append(SiteId("shop"), (event,)))
    places = select(products.c.sku, products.c.place, products.c.position).order_by("place")
    with stores.log.connect() as connection:
        before = connection.execute(places).all()
    assert before == [("b", 1, 3), ("a", 2, 2)]
    engine = open_engine(stores.log.url, "log")
    try:
        for target, run in (("log_0003", command.downgrade), ("head", command.upgrade)):
            config = configuration("log")
            with engine.execution_options(writing=True).begin() as connection:
                config.attributes["connection"] = connection
                run(config, target)
    finally:
        engine.dispose()
    with stores.log.connect() as connection:
        assert connection.execute(places).all() == before

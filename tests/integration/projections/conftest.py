"""Stores with the projections' tables, on both databases."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pgserver
import pytest
from sqlalchemy import Engine
from sqlalchemy import create_engine
from sqlalchemy import event
from sqlalchemy import select

import projections.api_keys
import projections.catalogue
import projections.followed
import projections.identities
import projections.order_owners
import projections.sites  # noqa: F401
from projections.schema import log_store
from projections.schema import read_store


@dataclass
class _Stores:
    log: Engine
    read: Engine
    url: str


@pytest.fixture(scope="session")
def _pg(tmp_path_factory):
    server = pgserver.get_server(tmp_path_factory.mktemp("pg"))
    yield server
    server.cleanup()


def open_url(url: str) -> _Stores:
    if url.startswith("sqlite"):
        log = create_engine(url)
        read = create_engine(url + "-read")
        for e in (log, read):
            event.listen(
                e,
                "connect",
                lambda c, _: (
                    c.execute("pragma journal_mode=wal")
                    and c.execute("pragma synchronous=normal")
                    and c.execute("pragma busy_timeout=5000")
                ),
            )
    else:
        log = create_engine(url)
        read = create_engine(url)
    return _Stores(log, read, url)


@pytest.fixture(params=["sqlite", "postgresql"])
def stores(request, tmp_path: Path) -> Iterator[_Stores]:
    if request.param == "sqlite":
        s = open_url(f"sqlite:///{tmp_path}/x.db")
    else:
        server = request.getfixturevalue("_pg")
        name = "t" + uuid.uuid4().hex
        server.psql(f"create database {name}")
        url = (
            server.get_uri()
            .replace("postgresql://", "postgresql+psycopg://")
            .replace("/postgres?", f"/{name}?")
        )
        s = open_url(url)
    log_store.create_all(s.log)
    read_store.create_all(s.read)
    yield s
    s.log.dispose()
    s.read.dispose()


@pytest.fixture
def rows_of() -> Callable[[Any], dict[str, list[Any]]]:
    """Every row of every followed table, positions included."""

    def read(stores: Any) -> dict[str, list[Any]]:
        with stores.read.connect() as connection:
            return {
                table.name: sorted(map(tuple, connection.execute(select(table))), key=str)
                for table in read_store.sorted_tables
            }

    return read

"""One engine for each store, on SQLite files or in PostgreSQL schemas.

A database that is locked, full or away raises `Unavailable`, from whichever statement met it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL
from sqlalchemy import Connection
from sqlalchemy import Engine
from sqlalchemy import ExceptionContext
from sqlalchemy import create_engine
from sqlalchemy import event
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from app.config import BadSettings
from app.outage import outage
from app.sqlite_files import prepare

STORES = ("log", "read", "keys")
LOCK_WAIT_MS = 5_000  # longer than any write transaction; beyond it the answer is 503
_PRIVATE = 0o600  # keys, traits and facts are in there; SQLite gives its journals the same mode
BY_HAND = "by hand"
"""`execution_options(writing=BY_HAND)`: whoever asks for it begins and ends transactions itself."""

_BEGIN = {False: "BEGIN", True: "BEGIN IMMEDIATE", BY_HAND: None}
_POOL = {"pool_size": 10, "max_overflow": 40, "pool_timeout": LOCK_WAIT_MS / 1000}


def read_url(text: str, data_dir: Path) -> URL:
    """The URL of a database that we know; `sqlite://` is a file in `data_dir`."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):  # they quote the text, which may hold a password
        msg = "a database URL is sqlite:///path or postgresql://user:password@host/name"
        raise BadSettings(msg) from None
    backend = url.get_backend_name()
    if backend == "sqlite":
        return url if url.database else url.set(database=str(data_dir / "rationale.db"))
    if backend in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    msg = f"{backend} is no database for this; use sqlite or postgresql"
    raise BadSettings(msg)


def open_engine(url: URL, store: str, wait_ms: int = LOCK_WAIT_MS) -> Engine:
    """One store's engine; `wait_ms` is how long a statement waits for a lock."""
    make = _sqlite if url.get_backend_name() == "sqlite" else _postgresql
    engine = make(url, store, wait_ms)
    event.listen(engine, "handle_error", _raise_outage)
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection whose statements all see one snapshot."""
    level = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
    with engine.connect().execution_options(**level) as connection:
        yield connection


def schema(store: str) -> str:
    """The PostgreSQL schema of a store."""
    return f"rationale_{store}"


def sqlite_path(url: URL, store: str) -> Path:
    """The SQLite file of a store."""
    path = Path(url.database or "")
    if store == "log" or path.stem.endswith(f"-{store}"):
        return path
    return path.with_name(f"{path.stem}-{store}{path.suffix}")


def _sqlite(url: URL, store: str, wait_ms: int) -> Engine:
    path = sqlite_path(url, store)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, _PRIVATE))
    except OSError as error:
        msg = f"cannot keep a database in {path.parent}: {error.strerror}"
        raise BadSettings(msg) from error
    arguments = {"timeout": wait_ms / 1000}
    engine = create_engine(url.set(database=str(path)), connect_args=arguments, **_POOL)

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: Any) -> None:
        prepare(connection, durable=store != "read")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        statement = _BEGIN[connection.get_execution_options().get("writing", False)]
        if statement is not None:
            connection.exec_driver_sql(statement)

    return engine


def _postgresql(url: URL, store: str, wait_ms: int) -> Engine:
    given = url.query.get("options", "")
    options = f"{given} -csearch_path={schema(store)} -clock_timeout={wait_ms}".strip()
    return create_engine(url, connect_args={"options": options, "connect_timeout": 5}, **_POOL)


def _raise_outage(context: ExceptionContext) -> None:
    error = outage(context.original_exception)
    if error is not None:
        raise error from context.original_exception

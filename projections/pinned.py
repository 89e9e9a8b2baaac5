"""One DBAPI connection a thread, kept open, for the reads that every decision makes.

A connection from the pool costs a BEGIN, a ROLLBACK and SQLAlchemy's bookkeeping with each request:
on SQLite 50 microseconds, on PostgreSQL two more round trips. Statements are written in Core and
compiled to text once. A read sees one snapshot, however many statements it makes; one statement
alone needs no transaction for that, which spares PostgreSQL two round trips.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from collections.abc import Mapping
from typing import Any
from typing import TypeVar

from sqlalchemy import CompoundSelect
from sqlalchemy import Dialect
from sqlalchemy import Engine
from sqlalchemy import Select

from aggregates.kernel.errors import Unavailable

T = TypeVar("T")
_BEGIN = {"sqlite": "BEGIN", "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"}


class Prepared:
    """A Core statement as the text of one dialect."""

    def __init__(self, statement: Select[Any] | CompoundSelect[Any], dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self._text = str(compiled)
        self._order = compiled.positiontup
        self._fixed = {name: value for name, value in compiled.params.items() if value is not None}

    def rows(self, cursor: Any, given: Mapping[str, Any]) -> list[Any]:
        """All rows for these parameters."""
        values = {**self._fixed, **given}
        cursor.execute(
            self._text, values if self._order is None else [values[name] for name in self._order]
        )
        found: list[Any] = cursor.fetchall()
        return found


class Pinned:
    """The connections of one engine, one for each thread that reads. `close` closes them all."""

    def __init__(self, engine: Engine) -> None:
        self.dialect = engine.dialect
        self._engine = engine
        self._begin = _BEGIN[engine.dialect.name]
        self._local = threading.local()
        self._lock = threading.Lock()
        self._open: set[Any] = set()

    def read(self, function: Callable[[Any], T]) -> T:
        """What `function(cursor)` reads, in one snapshot. Unavailable if the database does not
        answer; a connection that went away since its last use is renewed once."""
        return self._renewing(lambda connection: _snapshot(connection, self._begin, function))

    def rows(self, statement: Prepared, given: Mapping[str, Any]) -> list[Any]:
        """What one statement reads; as `read`."""
        return self._renewing(lambda connection: _alone(connection, statement, given))

    def _renewing(self, function: Callable[[Any], T]) -> T:
        driver = self._engine.dialect.loaded_dbapi
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            try:
                return function(connection)
            except (driver.OperationalError, driver.InterfaceError):
                self._drop(connection)
                connection = None
        try:
            connection = self._connect()
            return function(connection)
        except (driver.OperationalError, driver.InterfaceError) as error:
            if connection is not None:
                self._drop(connection)
            raise Unavailable("database_unavailable", "the database does not answer now") from error

    def close(self) -> None:
        """Closes every connection; a thread that reads again opens a new one."""
        with self._lock:
            connections, self._open = self._open, set()
        self._local = threading.local()
        for connection in connections:
            connection.close()

    def _connect(self) -> Any:
        pooled = self._engine.raw_connection()
        pooled.detach()
        connection: Any = pooled.dbapi_connection
        if self.dialect.name == "postgresql":
            connection.autocommit = True
        with self._lock:
            self._open.add(connection)
        self._local.connection = connection
        return connection

    def _drop(self, connection: Any) -> None:
        self._local.connection = None
        with self._lock:
            self._open.discard(connection)
        connection.close()


def _snapshot(connection: Any, begin: str, function: Callable[[Any], T]) -> T:
    cursor = connection.cursor()
    try:
        cursor.execute(begin)
        try:
            return function(cursor)
        finally:
            cursor.execute("ROLLBACK")
    finally:
        cursor.close()


def _alone(connection: Any, statement: Prepared, given: Mapping[str, Any]) -> list[Any]:
    cursor = connection.cursor()
    try:
        return statement.rows(cursor, given)
    finally:
        cursor.close()

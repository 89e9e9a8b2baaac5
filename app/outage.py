"""Which database errors mean that the database is away for now, rather than that we have a bug."""

from __future__ import annotations

import sqlite3

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from aggregates.kernel.errors import Unavailable

_SQLITE = {
    sqlite3.SQLITE_BUSY: "database_locked",
    sqlite3.SQLITE_LOCKED: "database_locked",
    sqlite3.SQLITE_FULL: "database_full",
    sqlite3.SQLITE_PROTOCOL: "database_locked",
    sqlite3.SQLITE_READONLY: "database_unavailable",
    sqlite3.SQLITE_IOERR: "database_unavailable",
    sqlite3.SQLITE_CANTOPEN: "database_unavailable",
    sqlite3.SQLITE_CORRUPT: "database_unavailable",
    sqlite3.SQLITE_NOTADB: "database_unavailable",
}
_LOCKED = (
    psycopg.errors.LockNotAvailable,
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
)


def outage(error: BaseException) -> Unavailable | None:
    """The `Unavailable` that a driver's error stands for; None if it is another kind of error."""
    if isinstance(error, Unavailable):
        return Unavailable(error.code, error.detail)
    code = _code(error)
    if code is None:
        return None
    return Unavailable(code, "the database does not answer now")


def _code(error: BaseException) -> str | None:
    if isinstance(error, DBAPIError) and error.orig is not None:
        error = error.orig
    if isinstance(error, sqlite3.Error):
        if str(error).startswith("no such table"):
            return "not_migrated"
        return _SQLITE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
    if isinstance(error, PoolTimeout):
        return "database_busy"
    if isinstance(error, psycopg.errors.UndefinedTable):
        return "not_migrated"
    if isinstance(error, _LOCKED):
        return "database_locked"
    if isinstance(error, psycopg.errors.DiskFull):
        return "database_full"
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return "database_unavailable"
    return None

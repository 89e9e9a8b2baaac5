"""The leader's lock on PostgreSQL: an advisory lock of a connection of its own.

The server releases it when the connection ends. Both sides look for a dead line to the other within
seconds, instead of the hours that TCP takes by itself; this side notices first.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import psycopg
import structlog
from sqlalchemy import Engine
from sqlalchemy import text

_LINE = {
    "connect_timeout": 5,
    "keepalives_idle": 2,
    "keepalives_interval": 1,
    "keepalives_count": 3,
    "tcp_user_timeout": 5_000,
}
_SERVER = "-ctcp_keepalives_idle=8 -ctcp_keepalives_interval=2 -ctcp_keepalives_count=3"
_TAKE = "SELECT pg_try_advisory_lock(5824117032)"  # beside the one of app/migrating.py
_LEAVE = "SELECT pg_advisory_unlock_all()"
_HOLDERS = """
    SELECT count(*) FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND objsubid = 1
    AND (classid::bigint << 32 | objid::bigint) = 5824117032
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
_OWN = _HOLDERS + "AND pid = pg_backend_pid()"

_logger = structlog.get_logger()


class AdvisoryLock:
    """Implements LeaderLock. A pool between here and the server must not share connections."""

    proves_death = False

    def __init__(self, log: Engine) -> None:
        self._engine = log
        self._connection: psycopg.Connection[Any] | None = None
        self._away = False

    def take(self) -> bool:
        """Whether this process holds it from now on; not while the database is away."""
        try:
            if self._connection is None:
                self._connection = self._connect()
            taken = bool(self._asked(_TAKE))
        except psycopg.Error as error:
            self._lost(error)
            return False
        self._away = False
        return taken

    def held(self) -> bool:
        """Asks the server; a connection that does not answer has lost the lock, or will."""
        try:
            return self._connection is not None and bool(self._asked(_OWN))
        except psycopg.Error as error:
            self._lost(error)
            return False

    def release(self) -> None:
        """Lets go of it; a server that is busy would notice the end of the connection later."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(psycopg.Error):  # then the lock went with the connection
                connection.execute(_LEAVE)
            connection.close()

    def taken_by_another(self) -> bool:
        """Looks into the server's list of locks."""
        with self._engine.connect() as connection:
            return bool(connection.execute(text(_HOLDERS)).scalar_one())

    def _connect(self) -> psycopg.Connection[Any]:
        """Not from the pool: with parameters of its own, and nobody else's."""
        given = {**self._engine.dialect.create_connect_args(self._engine.url)[1]}
        options = f"{given.get('options') or ''} {_SERVER}".strip()
        return psycopg.connect(**{**_LINE, **given, "options": options}, autocommit=True)

    def _asked(self, question: str) -> Any:
        assert self._connection is not None
        row = self._connection.execute(question.encode()).fetchone()
        assert row is not None
        return row[0]

    def _lost(self, error: psycopg.Error) -> None:
        self.release()
        if not self._away:
            _logger.warning("leader_lock_away", error=type(error).__name__)
        self._away = True

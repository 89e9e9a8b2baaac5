"""Makes deleted rows unreadable in the files of a store too, as far as its database can.

SQLite overwrites what is deleted (secure_delete), but its write-ahead log holds the old pages until
it is cut off. PostgreSQL keeps dead rows until a VACUUM frees them; its own write-ahead log and its
archives hold them for as long as the server is told to (docs/forgetting.md).
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Engine
from sqlalchemy import Table

from app.engines import BY_HAND


def scrub(engine: Engine, tables: Iterable[Table]) -> bool:
    """Whether nothing deleted is left; False while a reader holds old pages, then try again."""
    if engine.dialect.name == "sqlite":
        with engine.execution_options(writing=BY_HAND).connect() as connection:
            busy, _, _ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
        return not busy
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        for table in tables:
            connection.exec_driver_sql(f'VACUUM "{table.name}"')
    return True

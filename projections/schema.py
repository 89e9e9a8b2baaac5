"""The SQLAlchemy MetaData of the two stores that hold projections. Alembic owns the tables.

`log_store` (rationale.db): the log itself and what is written in the append's own transaction.
`read_store` (rationale-read.db): what followers fold, with their positions. Two files on SQLite,
two schemas on PostgreSQL, so that a follower never holds the log's write lock.
"""

from __future__ import annotations

from sqlalchemy import MetaData

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "pk": "pk_%(table_name)s",
}

log_store = MetaData(naming_convention=NAMES)
read_store = MetaData(naming_convention=NAMES)

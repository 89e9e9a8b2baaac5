"""INSERT .. ON CONFLICT for both databases, made once for each table, so it is compiled once."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import Executable
from sqlalchemy import Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite


def _insert(dialect: str, table: Table) -> Any:
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


@lru_cache(maxsize=128)
def insert_or_replace(dialect: str, table: Table, *kept: str) -> Executable:
    """The given row takes the place of the one with its primary key, but for the columns `kept`."""
    statement = _insert(dialect, table)
    keys = [column.name for column in table.primary_key]
    fixed = {*keys, *kept}
    rest = {c.name: statement.excluded[c.name] for c in table.columns if c.name not in fixed}
    replaced: Executable = statement.on_conflict_do_update(index_elements=keys, set_=rest)
    return replaced


@lru_cache(maxsize=128)
def insert_or_keep(dialect: str, table: Table) -> Executable:
    """The row that is there stays."""
    kept: Executable = _insert(dialect, table).on_conflict_do_nothing()
    return kept


@lru_cache(maxsize=128)
def insert_or_add(dialect: str, table: Table, total: str) -> Executable:
    """The column `total` of the given row is added to that of the one that is there."""
    statement = _insert(dialect, table)
    added: Executable = statement.on_conflict_do_update(
        index_elements=[column.name for column in table.primary_key],
        set_={total: table.c[total] + statement.excluded[total]},
    )
    return added

"""What the tests of projections compare: all rows that followers write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from app.database import Stores
from projections import followed  # noqa: F401  (names all tables of the read store)
from projections.schema import read_store


@pytest.fixture
def rows_of() -> Callable[[Stores], dict[str, list[Any]]]:
    """Every row of every followed table, positions included."""

    def read(stores: Stores) -> dict[str, list[Any]]:
        with stores.read.connect() as connection:
            return {
                table.name: sorted(map(tuple, connection.execute(select(table))), key=str)
                for table in read_store.sorted_tables
            }

    return read

"""The engine that expressions run on: DuckDB in this process, over the Arrow tables of the log.

Its threads and memory are limited, so that a training is a guest on a machine that also decides;
beyond its memory it writes to a folder that is removed afterwards.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from typing import Any

import ibis

from app.training.reading import Rows
from projections.recommendations import history
from projections.recommendations.history import History

if TYPE_CHECKING:
    from ibis.expr.types import Table

THREADS = 2
MEMORY = "800MB"
_BATCH_ROWS = 10_000


@contextmanager
def opened(rows: Rows, now: int, threads: int = THREADS) -> Iterator[History]:
    """The history as tables of an engine that ends with the block."""
    with tempfile.TemporaryDirectory(prefix="rationale-training-") as folder:
        engine = ibis.duckdb.connect(threads=threads, memory_limit=MEMORY, temp_directory=folder)
        try:
            yield loaded(engine, rows, now)
        finally:
            engine.disconnect()


def loaded(engine: Any, rows: Rows, now: int) -> History:
    """The tables of a history, each made once: every recommender reads them."""
    flat = {name: ibis.memtable(getattr(rows, name)) for name in Rows.__slots__}
    views = engine.create_table("views", history.sessions(flat["views"]))
    purchases = engine.create_table(
        "purchases", history.purchases(flat["order_events"], flat["order_lines"])
    )
    return History(views, purchases, now)


def rows_of(table: Table) -> Iterator[tuple[Any, ...]]:
    """The rows of an expression, batch by batch. (ibis has a method for it, which calls one that
    DuckDB 2 no longer has.)"""
    engine = table.get_backend()
    reader = engine.con.sql(engine.compile(table)).to_arrow_reader(_BATCH_ROWS)
    for batch in reader:
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)

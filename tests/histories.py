"""Small histories by hand, and what the expressions make of them."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import ibis
import pyarrow as pa

from aggregates.kernel.clock import SECOND
from app.training import engine
from app.training.making import Made
from app.training.making import make
from app.training.reading import ORDER_EVENTS
from app.training.reading import ORDER_LINES
from app.training.reading import VIEWS
from app.training.reading import Rows
from projections.recommendations.artefact import Artefact
from projections.recommendations.artefact import Trained
from projections.recommendations.artefact_format import Reading
from projections.recommendations.history import History
from projections.recommendations.models import Model
from projections.recommendations.recommender import Recommender
from tests.fakes import NOON

NOW = NOON
HOUR = 3_600 * SECOND


def seen(*sessions: Sequence[str], at: int = NOW - HOUR) -> list[tuple[str, str, int]]:
    """Views (browser, sku, occurred_at), each session by a browser of its own."""
    return [
        (f"browser {at} {number}", sku, at + place)
        for number, session in enumerate(sessions)
        for place, sku in enumerate(session)
    ]


def bought(*orders: Sequence[str], at: int = NOW - HOUR) -> list[tuple[str, tuple[str, ...], int]]:
    """Orders (name, skus, occurred_at)."""
    return [(f"order {at} {number}", tuple(one), at) for number, one in enumerate(orders)]


def rows(
    views: Iterable[tuple[str, str, int]] = (),
    orders: Iterable[tuple[str, tuple[str, ...], int]] = (),
) -> Rows:
    """As they are read from a log."""
    order_events, order_lines = [], []
    for position, (order, skus, at) in enumerate(orders):
        order_events.append((order, "anna", "OrderCompleted", at, position))
        order_lines += [(position, sku, Decimal(1)) for sku in skus]
    return Rows(
        arrow(((*view, place) for place, view in enumerate(views)), VIEWS),
        arrow(order_events, ORDER_EVENTS),
        arrow(order_lines, ORDER_LINES),
    )


@contextmanager
def history(
    views: Iterable[tuple[str, str, int]] = (),
    orders: Iterable[tuple[str, tuple[str, ...], int]] = (),
    now: int = NOW,
) -> Iterator[History]:
    """A history on the engine that trains."""
    with engine.opened(rows(views, orders), now) as opened:
        yield opened


def learned(
    recommender: Recommender,
    views: Iterable[tuple[str, str, int]] = (),
    orders: Iterable[tuple[str, tuple[str, ...], int]] = (),
    now: int = NOW,
) -> list[tuple[Any, ...]]:
    """The rows of a recommender's expression."""
    with history(views, orders, now) as opened:
        table = recommender.train(opened)
        assert table is not None
        return list(engine.rows_of(table))


def trained(
    recommender: Recommender,
    views: Iterable[tuple[str, str, int]] = (),
    orders: Iterable[tuple[str, tuple[str, ...], int]] = (),
) -> Model:
    """A model of that one type, as a process serves it."""
    with history(views, orders) as opened:
        made = make(recommender, opened, engine.rows_of)
    assert made is not None
    return model_of(made)


def model_of(*all_made: Made) -> Model:
    """A model of artefacts that were never stored."""
    artefacts = [served(made) for made in all_made]
    return Model("mdl_0000000001", 1, "d" * 64, 1, NOW, {one.type: one for one in artefacts})


def served(made: Made) -> Artefact:
    """An artefact read from its parts."""
    reading = Reading(made.artefact.digest)
    for part in made.artefact.parts:
        reading.take(part)
    reading.check()
    what = Trained(reading.digest, 1, NOW, made.readiness)
    artefact = Artefact(reading.type, reading.kind, reading.scale, what, reading.lines)
    artefact.open_lines(list(reading.lines))
    return artefact


def arrow(given: Iterable[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    """Rows as a table."""
    taken = list(given)
    columns = zip(*taken, strict=True) if taken else [[] for _ in schema.names]
    return pa.table(
        [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)],
        schema=schema,
    )


def run(make_table: Any, **tables: pa.Table) -> list[tuple[Any, ...]]:
    """The rows of an expression over flat tables of these names."""
    connection = ibis.duckdb.connect(threads=1)
    try:
        given = {name: connection.create_table(name, table) for name, table in tables.items()}
        return list(engine.rows_of(make_table(**given)))
    finally:
        connection.disconnect()

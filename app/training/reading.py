"""The log as flat Arrow tables: views, and the events and lines of orders.

Read in pages through EventLog.read, so upcasters apply; open fields only, so what a forgotten
person did still counts and names nobody. A page becomes columns before the next one is read: what
stays in memory is some dozens of bytes a row, never the events.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from aggregates.kernel.ids import SiteId
from aggregates.log import EventLog
from aggregates.log import RecordedEvent
from projections.recommendations.history import CANCELLED
from projections.recommendations.history import COMPLETED
from projections.recommendations.history import UPDATED

VIEWED = "Product Viewed"
PAGE_EVENTS = 2_000
_ORDER_TOPICS = frozenset({COMPLETED, UPDATED, CANCELLED})
TOPICS = frozenset({"InteractionRecorded", *_ORDER_TOPICS})
Progress = Callable[[int, int], None]
"""Told (positions read, positions in all) after each page."""

VIEWS = pa.schema(
    {"browser": pa.string(), "sku": pa.string(), "occurred_at": pa.int64(), "position": pa.int64()}
)
ORDER_EVENTS = pa.schema(
    {
        "order": pa.string(),
        "shopper_id": pa.string(),
        "topic": pa.string(),
        "occurred_at": pa.int64(),
        "position": pa.int64(),
    }
)
ORDER_LINES = pa.schema(
    {"position": pa.int64(), "sku": pa.string(), "quantity": pa.decimal128(18, 4)}
)


@dataclass(frozen=True, slots=True)
class Rows:
    """What was read, up to a position."""

    views: pa.Table
    order_events: pa.Table
    order_lines: pa.Table


def read(log: EventLog, site: SiteId, after: int, upto: int, tell: Progress) -> Rows:
    """All views and trusted order events with after < position <= upto."""
    tables = (_Columns(VIEWS), _Columns(ORDER_EVENTS), _Columns(ORDER_LINES))
    views, order_events, order_lines = tables
    position = after
    while position < upto:
        page = log.read(site, position, PAGE_EVENTS, upto=upto, topics=TOPICS)
        for event in page:
            if event.topic in _ORDER_TOPICS:
                _order(event, order_events, order_lines)
            elif event.data.get("event") == VIEWED:
                _view(event, views)
        for columns in tables:
            columns.flush()
        position = page[-1].position if len(page) == PAGE_EVENTS else upto
        tell(position - after, upto - after)
    return Rows(views.table(), order_events.table(), order_lines.table())


def first_after(log: EventLog, site: SiteId, moment: int, head: int) -> int:
    """The last position that was recorded before a moment, 0 if none was: what follows it is all
    that can have occurred since, for nothing occurs after it was recorded (docs/adr/0003).

    Found by halving: moments of recording grow with positions.
    """
    before, after = 0, head + 1
    while after - before > 1:
        middle = (before + after) // 2
        event = log.read_position(site, middle)
        assert event is not None, "a log has no gaps"
        if event.recorded_at < moment:
            before = middle
        else:
            after = middle
    return before


def _view(event: RecordedEvent, views: _Columns) -> None:
    """A browser goes on as itself when its shopper signs in: `via` is its own pseudonym."""
    browser = event.data.get("via") or event.shopper_id
    if browser is not None:
        for product in event.data.get("products") or ():
            views.add(browser, product["sku"], event.occurred_at, event.position)


def _order(event: RecordedEvent, order_events: _Columns, order_lines: _Columns) -> None:
    data = event.data
    if data.get("trust") != "server" or event.shopper_id is None:
        return
    order_events.add(
        data["order"], event.shopper_id, event.topic, event.occurred_at, event.position
    )
    for product in data.get("products") or ():
        order_lines.add(event.position, product["sku"], product.get("quantity", 1))


class _Columns:
    """Rows of one table, gathered in lists and packed page by page."""

    def __init__(self, schema: pa.Schema) -> None:
        self._schema = schema
        self._waiting: list[tuple[Any, ...]] = []
        self._batches: list[pa.RecordBatch] = []

    def add(self, *row: Any) -> None:
        self._waiting.append(row)

    def flush(self) -> None:
        if self._waiting:
            columns: Mapping[str, Any] = dict(
                zip(self._schema.names, zip(*self._waiting, strict=True), strict=True)
            )
            self._batches.append(pa.RecordBatch.from_pydict(columns, self._schema))
            self._waiting = []

    def table(self) -> pa.Table:
        return pa.Table.from_batches(self._batches, self._schema)

"""Intake in batches of 100 against raw executemany of the same rows in the same file.

Numerator: events a second that one client gets acknowledged by `POST /v1/batch` of a server.
Denominator: the rows that the log made of these events, written again by `executemany` alone into
twins of its two tables, with their indexes, in the same file under the same pragmas, a hundred
events a transaction. Both take turns, since the disk is not equally fast all the time. Beside it
stands a twin of the table `events` alone, without keys and index: less than any log can do with.
"""

from __future__ import annotations

import re
import sqlite3
import tempfile
import time
from collections.abc import Callable
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from app.sqlite_files import prepare
from tests.bench.report import Row
from tests.bench.server import SITE
from tests.bench.server import Client
from tests.bench.server import serving

ROUNDS = 10
ROUND_EVENTS = 2_000
BATCH = 100
Rows = Sequence[Sequence[Any]]


def run() -> list[Row]:
    """One row."""
    taken = {"ours": 0.0, "twin": 0.0, "bare": 0.0}
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder)) as server,
        Twins(Path(folder) / "rationale.db") as twins,
    ):
        for number in range(ROUNDS):
            bodies = _bodies(number * ROUND_EVENTS)
            head = twins.head()
            taken["ours"] += _timed(_send, server.client, bodies)
            rows = twins.after(head)
            taken["twin"] += _timed(twins.write, rows)
            taken["bare"] += _timed(twins.write_bare, rows)
    ours, twin, bare = (ROUNDS * ROUND_EVENTS / taken[name] for name in taken)
    share = ours / twin
    note = (
        f"over HTTP {ours:,.0f} events/s; executemany into twins of events and event_keys"
        f" {twin:,.0f}, into a twin of events alone {bare:,.0f}"
    )
    return [
        Row(
            f"intake, batches of {BATCH}, against raw executemany",
            "at least a quarter",
            f"{share:.2f}",
            share >= 0.25,
            note,
        )
    ]


def message(number: int) -> dict[str, Any]:
    """One product view of one of a thousand customers."""
    return {
        "type": "track",
        "event": "Product Viewed",
        "messageId": f"message-{number}",
        "userId": f"customer-{number % 1_000}",
        "context": {"page": {"path": f"/products/{number % 500}"}},
        "properties": {
            "sku": f"sku-{number % 500}",
            "price": "19.90",
            "currency": "USD",
            "category": f"c{number % 20}",
        },
    }


def send(client: Client, count: int) -> None:
    """Sends so many product views."""
    for start in range(0, count, 500):
        batch = [message(number) for number in range(start, min(start + 500, count))]
        client.call("POST", "/v1/batch", {"batch": batch})


class Twins:
    """Copies of the log's tables in its own file, and a connection set up like the log's."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path)
        prepare(self._connection, durable=True)

    def __enter__(self) -> Twins:
        made = self._connection.execute(
            "SELECT sql FROM sqlite_master WHERE tbl_name IN ('events', 'event_keys')"
            " AND sql IS NOT NULL ORDER BY type DESC"
        )
        for (statement,) in made.fetchall():
            self._connection.execute(_renamed(statement, "twin"))
            if "TABLE events" in statement:
                self._connection.execute(_renamed(statement, "bare"))
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def head(self) -> int:
        """The last position of the log."""
        query = "SELECT max(position) FROM events WHERE site = ?"
        position: int = self._connection.execute(query, (SITE,)).fetchone()[0]
        return position

    def after(self, position: int) -> Rows:
        """The rows of the log after a position."""
        query = "SELECT * FROM events WHERE site = ? AND position > ? ORDER BY position"
        return self._connection.execute(query, (SITE, position)).fetchall()

    def write(self, rows: Rows) -> None:
        """Events and their keys."""
        keys = [(row[0], row[2], row[3], row[1]) for row in rows]
        for start in range(0, len(rows), BATCH):
            end = start + BATCH
            self._commit(("twin_events", rows[start:end]), ("twin_event_keys", keys[start:end]))

    def write_bare(self, rows: Rows) -> None:
        """Events alone."""
        for start in range(0, len(rows), BATCH):
            self._commit(("bare_events", rows[start : start + BATCH]))

    def _commit(self, *parts: tuple[str, Rows]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        for table, rows in parts:
            places = ",".join("?" * len(rows[0]))
            self._connection.executemany(f"INSERT INTO {table} VALUES ({places})", rows)
        self._connection.execute("COMMIT")


def _renamed(statement: str, prefix: str) -> str:
    named = re.sub(r"\b(events|event_keys)\b", rf"{prefix}_\1", statement)
    return named.replace("INDEX ix_", f"INDEX ix_{prefix}_")


def _bodies(first: int) -> list[bytes]:
    return [
        orjson.dumps({"batch": [message(number) for number in range(start, start + BATCH)]})
        for start in range(first, first + ROUND_EVENTS, BATCH)
    ]


def _send(client: Client, bodies: Sequence[bytes]) -> None:
    for body in bodies:
        client.raw("POST", "/v1/batch", body)


def _timed(work: Callable[..., None], *given: Any) -> float:
    start = time.perf_counter()
    work(*given)
    return time.perf_counter() - start

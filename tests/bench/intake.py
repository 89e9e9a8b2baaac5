"""Intake in batches of 100 against raw executemany of the same rows in the same file."""

from __future__ import annotations

import sqlite3
import tempfile
import time
from pathlib import Path
from typing import Any

import orjson

from tests.bench.report import Row
from tests.bench.server import Client
from tests.bench.server import serving

EVENTS = 20_000
BATCH = 100


def run() -> list[Row]:
    """One row."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        with serving(path) as server:
            bodies = [
                orjson.dumps({"batch": [message(n) for n in range(start, start + BATCH)]})
                for start in range(0, EVENTS, BATCH)
            ]
            start = time.perf_counter()
            for body in bodies:
                server.client.raw("POST", "/v1/batch", body)
            ours = EVENTS / (time.perf_counter() - start)
        raw = _raw(path / "rationale.db")
    share = ours / raw
    return [
        Row(
            f"intake, batches of {BATCH}, against raw executemany",
            "at least a quarter",
            f"{share:.2f}",
            share >= 0.25,
            f"{ours:,.0f} against {raw:,.0f} events/s",
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


def _raw(path: Path) -> float:
    """Events a second of executemany, a transaction a batch, into a copy of the table."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA synchronous=FULL")
    (create,) = connection.execute("SELECT sql FROM sqlite_master WHERE name='events'").fetchone()
    rows = connection.execute("SELECT * FROM events").fetchall()
    connection.execute("BEGIN")
    connection.execute(create.replace("events", "raw_events", 1))
    connection.commit()
    places = ",".join("?" * len(rows[0]))
    start = time.perf_counter()
    for first in range(0, len(rows), BATCH):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(
            f"INSERT INTO raw_events VALUES ({places})", rows[first : first + BATCH]
        )
        connection.commit()
    taken = time.perf_counter() - start
    connection.close()
    return len(rows) / taken

"""Resident memory of the server after 100,000 decisions against that after 10,000."""

from __future__ import annotations

import tempfile
from pathlib import Path

import orjson

from tests.bench import loads
from tests.bench.cpu import resident_bytes
from tests.bench.report import Row
from tests.bench.server import serving

FIRST = 10_000
LAST = 100_000


def run() -> list[Row]:
    """One row."""
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as server:
        loads.publish(server, 100, 5)
        loads.history(server)
        bodies = [orjson.dumps(cart) for cart in loads.carts()]
        early = 0
        for number in range(1, LAST + 1):
            server.client.raw("POST", "/v1/decisions/cart", bodies[number % len(bodies)])
            if number == FIRST:
                early = resident_bytes(server.pid)
        late = resident_bytes(server.pid)
    growth = late / early - 1
    note = f"{early / 2**20:.0f} MB, then {late / 2**20:.0f} MB"
    return [
        Row(
            f"resident memory after {LAST:,} decisions against {FIRST:,}",
            "within 5 %",
            f"{growth:+.1%}",
            growth <= 0.05,
            note,
        )
    ]

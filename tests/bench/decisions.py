"""A cart decision, recorded durably, against the empty route of the same server."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import orjson

from tests.bench import loads
from tests.bench.ratio import against_livez
from tests.bench.report import Row
from tests.bench.server import serving


@dataclass(frozen=True, slots=True)
class Load:
    """So many lines, and rules, of which some fire, of which some read the running total."""

    lines: int
    rules: int
    firing: int
    running: int
    at_most: float

    @property
    def name(self) -> str:
        second = f", {self.running} of them in stratum 2" if self.running else ""
        return f"cart of {self.lines} lines, {self.rules:,} rules, {self.firing} fire{second}"


CARTS = 256
"""More than an engine's shard remembers answers for (rulesets/engine.py)."""
LOADS = (
    Load(5, 100, 5, 0, 5.5),
    Load(5, 100, 75, 0, 9),
    Load(5, 1_000, 50, 30, 9),
    Load(5, 5_000, 100, 0, 40),
    Load(50, 1_000, 50, 0, 20),
)


def run() -> list[Row]:
    """One row a load."""
    return [_measure(load) for load in LOADS]


def _measure(load: Load) -> Row:
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as server:
        client = server.client
        loads.publish(server, load.rules, load.firing, load.running)
        loads.history(server)
        carts = loads.carts(CARTS, load.lines)
        bodies = [orjson.dumps(cart) for cart in carts]
        while not client.call("POST", "/v1/decisions/cart", carts[0])["applied_rules"]:
            time.sleep(0.1)  # a large revision is compiled beside the requests
        applied = [
            len(client.call("POST", "/v1/decisions/cart", cart)["applied_rules"]) for cart in carts
        ]
        ratio = against_livez(server, "/v1/decisions/cart", bodies)
    note = f"{ratio.note}, {min(applied)} to {max(applied)} applied"
    return ratio.row(load.name, load.at_most, note)

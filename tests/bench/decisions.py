"""A cart decision, recorded durably, against the empty route of the same server."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

import orjson

from tests.bench import loads
from tests.bench.cpu import cpu_ns
from tests.bench.report import Row
from tests.bench.report import microseconds
from tests.bench.server import Client
from tests.bench.server import serving

ROUNDS = 6
ROUND_S = 1.0
WARM = 300


@dataclass(frozen=True, slots=True)
class Load:
    """So many rules, of which some fire, of which some read the running total."""

    rules: int
    firing: int
    running: int
    at_most: float

    @property
    def name(self) -> str:
        second = f", {self.running} of them in stratum 2" if self.running else ""
        return f"cart of 5 lines, {self.rules:,} rules, {self.firing} fire{second}"


LOADS = (Load(100, 5, 0, 7), Load(100, 75, 0, 12), Load(1_000, 50, 30, 12))


@dataclass(slots=True)
class Measured:
    """CPU of the server per request in each round, and every wall time."""

    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)

    def quantile(self, share: float) -> str:
        """A wall time in milliseconds."""
        return f"{sorted(self.wall)[int(share * (len(self.wall) - 1))] * 1000:.1f} ms"


def run() -> list[Row]:
    """One row a load."""
    return [_measure(load) for load in LOADS]


def _measure(load: Load) -> Row:
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as server:
        client = server.client
        loads.publish(server, load.rules, load.firing, load.running)
        loads.history(server)
        bodies = [orjson.dumps(cart) for cart in loads.carts()]
        applied = [
            len(client.call("POST", "/v1/decisions/cart", cart)["applied_rules"])
            for cart in loads.carts()
        ]
        empty, cart = Measured(), Measured()
        number = 0

        def ask() -> None:
            nonlocal number
            number += 1
            client.raw("POST", "/v1/decisions/cart", bodies[number % len(bodies)])

        for _ in range(WARM):
            ask()
        for _ in range(ROUNDS):
            _round(server.pid, lambda: _alive(client), empty)
            _round(server.pid, ask, cart)
    one, other = statistics.median(cart.cpu), statistics.median(empty.cpu)
    rounds = [a / b for a, b in zip(cart.cpu, empty.cpu, strict=True)]
    note = (
        f"{microseconds(one)} against {microseconds(other)}, rounds"
        f" {min(rounds):.1f} to {max(rounds):.1f}, p50 {cart.quantile(0.5)},"
        f" p99 {cart.quantile(0.99)}, {min(applied)} to {max(applied)} applied"
    )
    ratio = one / other
    return Row(
        load.name,
        f"at most {load.at_most:g} times",
        f"{ratio:.1f} times",
        ratio <= load.at_most,
        note,
    )


def _alive(client: Client) -> None:
    client.raw("GET", "/livez")


def _round(pid: int, ask: Callable[[], None], into: Measured) -> None:
    before, count = cpu_ns(pid), 0
    end = time.perf_counter() + ROUND_S
    while (start := time.perf_counter()) < end:
        ask()
        into.wall.append(time.perf_counter() - start)
        count += 1
    into.cpu.append((cpu_ns(pid) - before) / count)

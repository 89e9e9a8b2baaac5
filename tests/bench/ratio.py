"""The CPU of a request of a server against that of its empty route, in alternating rounds."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from itertools import cycle

from tests.bench.cpu import cpu_ns
from tests.bench.report import Row
from tests.bench.report import microseconds
from tests.bench.server import Client
from tests.bench.server import Server

ROUNDS = 6
ROUND_S = 1.0
WARM = 300


@dataclass(slots=True)
class Measured:
    """CPU of the server per request in each round, and every wall time."""

    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)

    def quantile(self, share: float) -> str:
        """A wall time in milliseconds."""
        return f"{sorted(self.wall)[int(share * (len(self.wall) - 1))] * 1000:.1f} ms"


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times the empty route a request costs; `note` has the figures behind it."""

    times: float
    note: str

    def row(self, what: str, at_most: float, note: str) -> Row:
        """As a row of the report."""
        held = self.times <= at_most
        return Row(what, f"at most {at_most:g} times", f"{self.times:.1f} times", held, note)


def against_livez(server: Server, path: str, bodies: Sequence[bytes]) -> Ratio:
    """The ratio of medians over the rounds; the bodies are posted in turn."""
    turns = cycle(bodies)
    return of_asking(server, lambda: server.client.raw("POST", path, next(turns)))


def of_asking(server: Server, ask: Callable[[], object]) -> Ratio:
    """The same of whatever asks the server once."""
    client = server.client
    empty, asked = Measured(), Measured()
    for _ in range(WARM):
        ask()
    for _ in range(ROUNDS):
        _round(server.pid, lambda: _alive(client), empty)
        _round(server.pid, ask, asked)
    one, other = statistics.median(asked.cpu), statistics.median(empty.cpu)
    rounds = [a / b for a, b in zip(asked.cpu, empty.cpu, strict=True)]
    note = (
        f"{microseconds(one)} against {microseconds(other)}, rounds"
        f" {min(rounds):.1f} to {max(rounds):.1f}, p50 {asked.quantile(0.5)},"
        f" p99 {asked.quantile(0.99)}"
    )
    return Ratio(one / other, note)


def _alive(client: Client) -> None:
    client.raw("GET", "/livez")


def _round(pid: int, ask: Callable[[], object], into: Measured) -> None:
    before, count = cpu_ns(pid), 0
    end = time.perf_counter() + ROUND_S
    while (start := time.perf_counter()) < end:
        ask()
        into.wall.append(time.perf_counter() - start)
        count += 1
    into.cpu.append((cpu_ns(pid) - before) / count)

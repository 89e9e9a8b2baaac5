"""Decision p99 while a follower rebuilds 500,000 events, against the same without it."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import orjson

from aggregates.kernel.ids import SiteId
from app.config import Settings
from app.wiring import build
from tests.bench import loads
from tests.bench.intake import send
from tests.bench.report import Row
from tests.bench.server import SITE
from tests.bench.server import Server
from tests.bench.server import serving

EVENTS = 500_000
SECONDS = 15.0


def run() -> list[Row]:
    """One row: every projection is folded anew while decisions are made."""
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as server:
        loads.publish(server, 100, 5)
        send(server.client, EVENTS)
        loads.history(server)
        server.client.connection.close()  # idle for so long that the server let go of it
        bodies = [orjson.dumps(cart) for cart in loads.carts()]
        _ask(server, bodies, 3.0)
        alone = _ask(server, bodies, SECONDS)
        _rebuild_all(server)
        follower = subprocess.Popen([sys.executable, "-m", "app", "follow"], env=server.environment)
        time.sleep(2)
        during = _ask(server, bodies, SECONDS)
        left = _left(server)
        follower.terminate()
        follower.wait(30)
    quiet, busy = _quantile(alone, 0.99), _quantile(during, 0.99)
    medians = f"{_quantile(alone, 0.5) * 1000:.1f} ms, then {_quantile(during, 0.5) * 1000:.1f} ms"
    note = (
        f"p99 {quiet * 1000:.1f} ms, then {busy * 1000:.1f} ms; median {medians};"
        f" {left:,} events left to fold at the end"
    )
    ratio = busy / quiet
    return [
        Row(
            f"decision p99 while {EVENTS:,} events are rebuilt",
            "at most 3 times",
            f"{ratio:.1f} times",
            ratio <= 3 and left > 0,
            note,
        )
    ]


def _ask(server: Server, bodies: list[bytes], seconds: float) -> list[float]:
    wall: list[float] = []
    end = time.perf_counter() + seconds
    while (start := time.perf_counter()) < end:
        server.client.raw("POST", "/v1/decisions/cart", bodies[len(wall) % len(bodies)])
        wall.append(time.perf_counter() - start)
    return wall


def _quantile(wall: list[float], share: float) -> float:
    return sorted(wall)[int(share * (len(wall) - 1))]


def _rebuild_all(server: Server) -> None:
    services = build(Settings.from_environment(server.environment))
    try:
        for name in ("profiles", "activity", "orders", "decisions_index"):
            services.follower.rebuild(SiteId(SITE), name)
    finally:
        services.close()


def _left(server: Server) -> int:
    services = build(Settings.from_environment(server.environment))
    try:
        return max(services.follower.rebuilding(SiteId(SITE)).values(), default=0)
    finally:
        services.close()

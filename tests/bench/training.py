"""Training all types over Online Retail, and decisions while that goes on."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import orjson
import psutil

from aggregates.kernel.ids import SiteId
from app.config import Settings
from app.wiring import build
from tests.bench import loads
from tests.bench import retail_log
from tests.bench.report import Row
from tests.bench.server import SITE
from tests.bench.server import Server
from tests.bench.server import serving

SECONDS_MAX = 30
MEGABYTES_MAX = 1_500
TIMES_MAX = 3
SAMPLE_S = 0.05
ALONE_S = 10.0


@dataclass(slots=True)
class Training:
    """A `rationale train` that runs beside us."""

    process: subprocess.Popen[bytes]
    began: float
    peak_bytes: int = 0

    def runs(self) -> bool:
        """Whether it still does; notes its memory."""
        if self.process.poll() is not None:
            return False
        try:
            resident = psutil.Process(self.process.pid).memory_info().rss
        except psutil.NoSuchProcess:
            return False
        self.peak_bytes = max(self.peak_bytes, resident)
        return True

    def seconds(self) -> float:
        """Since it began, start of the interpreter included."""
        return time.perf_counter() - self.began


def run() -> list[Row]:
    """Three rows."""
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as server:
        loads.publish(server, 100, 5)
        loads.history(server)
        counts = _fill(server)
        loads.follow(server)
        server.client.connection.close()  # idle for so long that the server let go of it
        training = _begun(server)
        while training.runs():
            time.sleep(SAMPLE_S)
        seconds = training.seconds()
        report = orjson.loads(_output(training))
        alone, during = _decisions(server)
    outcomes = {entry["outcome"] for entry in report["types"].values()}
    held = outcomes == {"trained"}
    megabytes = training.peak_bytes / 2**20
    what = f"training all types: {counts['lines']:,} order lines, {counts['views']:,} views"
    parts = f"{counts['orders']:,} orders; {report['seconds']:.1f} s without the start of Python"
    ready = ", ".join(f"{name} {entry['readiness']}" for name, entry in report["types"].items())
    ratio = during / alone
    return [
        Row(
            what,
            f"under {SECONDS_MAX} s",
            f"{seconds:.1f} s",
            held and seconds < SECONDS_MAX,
            parts,
        ),
        Row(
            "memory of that training",
            f"under {MEGABYTES_MAX:,} MB",
            f"{megabytes:,.0f} MB",
            megabytes < MEGABYTES_MAX,
            f"readiness: {ready}",
        ),
        Row(
            "decision p99 while it runs",
            f"at most {TIMES_MAX} times",
            f"{ratio:.1f} times",
            ratio <= TIMES_MAX,
            f"carts, p99 {alone * 1000:.1f} ms, then {during * 1000:.1f} ms",
        ),
    ]


def _fill(server: Server) -> dict[str, int]:
    services = build(Settings.from_environment(server.environment))
    try:
        return retail_log.fill(services.log, SiteId(SITE))
    finally:
        services.close()


def _begun(server: Server) -> Training:
    command = [sys.executable, "-m", "app", "train", "--site", SITE, "--json"]
    environment = {**os.environ, **server.environment, "RATIONALE_LOG_LEVEL": "error"}
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    return Training(process, time.perf_counter())


def _output(training: Training) -> bytes:
    return training.process.communicate()[0]


def _decisions(server: Server) -> tuple[float, float]:
    """p99 of a decision in seconds: alone, and during one more training."""
    bodies = [orjson.dumps(cart) for cart in loads.carts()]
    alone: list[float] = []
    end = time.perf_counter() + ALONE_S
    while time.perf_counter() < end:
        alone.append(_ask(server, bodies[len(alone) % len(bodies)]))
    during: list[float] = []
    training = _begun(server)
    while training.runs():
        during.append(_ask(server, bodies[len(during) % len(bodies)]))
    _output(training)
    return _p99(alone), _p99(during)


def _ask(server: Server, body: bytes) -> float:
    start = time.perf_counter()
    server.client.raw("POST", "/v1/decisions/cart", body)
    return time.perf_counter() - start


def _p99(wall: list[float]) -> float:
    return sorted(wall)[int(0.99 * (len(wall) - 1))]

"""The follower with all its projections, over events of a log in SQLite."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from aggregates.kernel.ids import SiteId
from app.config import Settings
from app.wiring import build
from tests.bench.intake import send
from tests.bench.report import Row
from tests.bench.server import SITE
from tests.bench.server import serving

EVENTS = 40_000
AT_LEAST = 8_000


def run() -> list[Row]:
    """One row."""
    with tempfile.TemporaryDirectory() as folder:
        with serving(Path(folder)) as server:
            send(server.client, EVENTS)
            environment = server.environment
        services = build(Settings.from_environment(environment))
        try:
            head = services.log.head(SiteId(SITE)).position
            wall, cpu = time.perf_counter(), time.process_time()
            services.follower.catch_up(SiteId(SITE))
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        finally:
            services.close()
    rate = head / wall
    return [
        Row(
            "follower with all its projections",
            f"{AT_LEAST:,} events/s",
            f"{rate:,.0f} events/s",
            rate >= AT_LEAST,
            f"{head / cpu:,.0f} events a second of CPU",
        )
    ]

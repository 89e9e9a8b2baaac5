"""A million coupon codes: asked for, made and stored by the scheduler's job, exported."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from aggregates.kernel.ids import SiteId
from app.commands.keys import issued_key
from app.config import Settings
from app.coupons.reading import csv_of_rule
from app.database import migrate
from app.edge.callers import SCOPES
from app.factory import create_app
from app.wiring import Services
from app.wiring import build
from tests.authors import RULE
from tests.authors import Author
from tests.bench.report import Row

CODES = 1_000_000
SECONDS_MAX = 120
MEGABYTES_MAX = 500
SAMPLE_S = 0.5
SITE = SiteId("shop")


def run() -> list[Row]:
    """Two rows: on SQLite files, by `rationale scheduler`, from the question to the last code."""
    with tempfile.TemporaryDirectory() as folder:
        settings = {"RATIONALE_DATA_DIR": folder}
        services = build(Settings.from_environment(settings))
        try:
            return _measured(services, {**os.environ, **settings})
        finally:
            services.close()


def _measured(services: Services, environment: dict[str, str]) -> list[Row]:
    migrate(services.stores)
    key = issued_key(services, SITE, tuple(sorted(SCOPES)), "bench").token
    author = Author(services, create_app(services).test_client(), key)
    rule = author.made("POST", "/v1/cart-rules", {**RULE, "coupon": {"type": "generated"}})["id"]
    command = [sys.executable, "-m", "app", "scheduler"]
    scheduler = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        asked = {"quantity": CODES, "length": 12, "format": "alphanumeric", "dash_every": 4}
        began = time.perf_counter()
        batch = author.made("POST", f"/v1/cart-rules/{rule}/coupons/generate", asked)["batch"]
        peak = 0
        while (now := author.made("GET", f"/v1/coupon-batches/{batch}"))["ended_at"] is None:
            peak = max(peak, psutil.Process(scheduler.pid).memory_info().rss)
            time.sleep(SAMPLE_S)
        seconds = time.perf_counter() - began
    finally:
        scheduler.terminate()
        scheduler.wait(30)
    megabytes = peak / 2**20
    whole = now["added"] == CODES
    return [
        Row(
            f"{CODES:,} coupon codes asked for, made and stored",
            f"under {SECONDS_MAX} s",
            f"{seconds:.1f} s",
            whole and seconds < SECONDS_MAX,
            _beside(services, rule),
        ),
        Row(
            "memory of the scheduler meanwhile",
            f"under {MEGABYTES_MAX} MB",
            f"{megabytes:,.0f} MB",
            0 < megabytes < MEGABYTES_MAX,
        ),
    ]


def _beside(services: Services, rule: str) -> str:
    """What it costs the others: the follower that passes the events by, and the export."""
    began = time.perf_counter()
    services.follower.catch_up(SITE)
    followed = time.perf_counter() - began
    began = time.perf_counter()
    lines = sum(part.count("\n") for part in csv_of_rule(services, SITE, rule))
    exported = time.perf_counter() - began
    database = services.stores.log.url.database or ""
    size = Path(database).stat().st_size / 2**20
    return (
        f"log store {size:,.0f} MB; the follower passes them by in {followed:.1f} s; CSV of"
        f" {lines - 1:,} codes in {exported:.1f} s"
    )

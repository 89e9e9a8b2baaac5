"""Verification of a log: events a second and core, memory; what a checkpoint and a proof cost.

The log is views with sealed parts of the size that intake makes, written by raw SQL.
"""

from __future__ import annotations

import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from aggregates.kernel.canonical import canonical
from aggregates.kernel.clock import SystemClock
from aggregates.kernel.ids import SiteId
from app.checkpoints import proofs
from app.checkpoints.exported import Exported
from app.checkpoints.making import Maker
from app.config import Settings
from app.database import Stores
from app.database import migrate
from app.database import open_stores
from app.eventlog.chain import EMPTY
from app.eventlog.chain import hashed
from app.eventlog.sql import Sql
from app.signing.signing import Signing
from app.verifying.log import verify
from tests.bench.report import Row

SITE = SiteId("shop")
EVENTS = 1_000_000
SHORT = 200_000
ASKED = 100_000
_PAGE = 10_000
_AT = 1_780_000_000_000_000


def run() -> list[Row]:
    """Rows for one core, all cores, memory; checkpoint and proof are reported."""
    with tempfile.TemporaryDirectory() as folder:
        stores = open_stores(f"sqlite:///{folder}/rationale.db")
        try:
            migrate(stores)
            _write(stores.log, 0, SHORT)
            before = _peak(stores, SHORT)
            _write(stores.log, SHORT, EVENTS)
            rows = _rows(stores, Path(folder), before)
        finally:
            stores.close()
    return rows


def _rows(stores: Stores, folder: Path, before: int) -> list[Row]:
    environment = {"RATIONALE_DATA_DIR": str(folder), "RATIONALE_SECRET_KEY": "x" * 16}
    signing = Signing(Settings.from_environment(environment))
    maker = Maker(stores.log, signing, Exported(folder / "out", SITE), SystemClock(), SITE)
    first, _ = _timed(maker.make)
    signed = [made for made in [maker.make()] if made is not None]
    check: dict[str, Any] = {"checkpoints": signed, "treed": EVENTS}
    alone, cpu = _timed(lambda: verify(stores.log, SITE, **check))
    peak = _peak(stores, EVENTS)
    cores = os.cpu_count() or 1
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    whole, _ = _timed(lambda: verify(stores.log, SITE, **check, processes=cores))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    children = after.ru_utime + after.ru_stime - spent.ru_utime - spent.ru_stime
    proof, _ = _timed(lambda: proofs.inclusion(stores.log, SITE, EVENTS // 3))
    what = f"verify, {EVENTS:,} events with keys, tree and checkpoint, SQLite"
    return [
        Row(
            f"{what}, of one core's time",
            f"{ASKED:,} events/s",
            f"{EVENTS / cpu:,.0f} events/s",
            EVENTS / cpu >= ASKED,
            f"{cpu / EVENTS * 1e6:.1f} us of CPU each; {alone:.1f} s by the clock in one process",
        ),
        Row(
            f"{what}, {cores} processes",
            f"{ASKED:,} events/s",
            f"{EVENTS / whole:,.0f} events/s",
            EVENTS / whole >= ASKED,
            f"{whole:.1f} s by the clock, {children:.1f} s of CPU, processes started and ended",
        ),
        Row(
            f"memory of verifying {EVENTS:,} events against {SHORT:,}",
            "within 10 %",
            f"{peak / before - 1:+.1%}",
            peak / before <= 1.1,
            f"{before / 1e6:.0f} MB, then {peak / 1e6:.0f} MB at most",
        ),
        Row(
            f"first checkpoint over {EVENTS:,} events, and a proof from it",
            "reported",
            f"{EVENTS / first:,.0f} events/s",
            True,
            f"{first:.1f} s; the proof {proof * 1000:.1f} ms",
        ),
    ]


def _timed(act: Callable[[], Any]) -> tuple[float, float]:
    """Seconds by the clock, and of CPU of this process."""
    began, cpu = time.perf_counter(), time.process_time()
    act()
    return time.perf_counter() - began, time.process_time() - cpu


def _peak(stores: Stores, events: int) -> int:
    """The most memory that a process of its own needs to verify so many events."""
    script = (
        "import resource; from sqlalchemy import make_url; from app.engines import open_engine;"
        "from app.verifying.log import verify;"
        f"engine = open_engine(make_url({str(stores.log.url)!r}), 'log');"
        f"assert verify(engine, {SITE!r}).events == {events};"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    return int(done.stdout) * 1024


def _write(log: Engine, after: int, upto: int) -> None:
    chance, sql = random.Random(after), Sql(log.dialect.name)
    raw = log.raw_connection()
    cursor = raw.cursor()
    cursor.execute("PRAGMA synchronous=OFF")
    cursor.execute(sql.open_head, (SITE, 0, EMPTY, 0, 0)[: sql.open_head.count("?")])
    cursor.execute("SELECT hash FROM log_heads WHERE site = ?", (SITE,))
    previous = cursor.fetchone()[0]
    for start in range(after, upto, _PAGE):
        cursor.execute("BEGIN")
        rows = hashed(previous, [_row(chance, at) for at in range(start + 1, start + _PAGE + 1)])
        previous = rows[-1][9]
        cursor.executemany(sql.insert_event, rows)
        cursor.executemany(sql.insert_key, [(row[0], row[2], row[3], row[1]) for row in rows])
        cursor.execute(
            "UPDATE log_heads SET position = ?, hash = ?, recorded_at = ? WHERE site = ?",
            (rows[-1][1], previous, rows[-1][7], SITE),
        )
        cursor.execute("COMMIT")
    raw.close()


def _row(chance: random.Random, position: int) -> Any:
    opened = {
        "event": "Product Viewed",
        "sku": f"s{chance.randrange(20_000)}",
        "price_minor": chance.randrange(10_000),
        "currency": "USD",
        "categories": ["men/shoes", "sale"],
        "trust": "server",
        "via": f"{chance.getrandbits(128):032x}",
    }
    state = canonical({"open": opened, "sealed": "A" * 200, "v": 1})
    at = _AT + position * 1_000
    shopper = f"{chance.getrandbits(128):032x}"
    return (SITE, position, chance.randbytes(16), 1, "InteractionRecorded", shopper, at, at, state)

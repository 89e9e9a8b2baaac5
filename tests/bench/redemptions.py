"""Four processes redeem the same hot rule, on SQLite and on PostgreSQL."""

from __future__ import annotations

import multiprocessing
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.commands.keys import issued_key
from app.database import migrate
from app.database import open_stores
from decisions.redemptions import redeem
from tests.bench.report import Row
from tests.published import publish
from tests.redemption_processes import SITE
from tests.redemption_processes import decided
from tests.redemption_processes import opened

PROCESSES = 4
EACH = 250
PER_SECOND_LEAST = 200
_SPAWN = multiprocessing.get_context("spawn")
_RULE: dict[str, Any] = {
    "name": "Hot",
    "priority": 1,
    "stop_further": False,
    "coupon": {"type": "specific", "code": "SAVE", "uses_per_coupon": 1_000_000},
    "uses_total": 1_000_000,
    "uses_per_customer": 1_000,
    "budget": {"amount": "10000000.00"},
    "conditions": {"all": []},
    "action": {"type": "percent", "amount": "10"},
}


def run() -> list[Row]:
    """One row a database."""
    with tempfile.TemporaryDirectory() as folder:
        rows = [_row("SQLite", f"sqlite:///{folder}/data/rationale.db", folder)]
    with tempfile.TemporaryDirectory() as folder, postgresql(folder) as url:
        rows.append(_row("PostgreSQL", url, folder))
    return rows


def _row(name: str, url: str, folder: str) -> Row:
    Path(folder, "data").mkdir(exist_ok=True)
    stores = open_stores(url)
    migrate(stores)
    stores.close()
    services = opened(url, folder)
    issued_key(services, SITE, ("decide",), "bench")
    publish(services.stores.log, SITE, cart_rules={"hot": _RULE})
    gate, ended = _SPAWN.Barrier(PROCESSES + 1), _SPAWN.Queue()
    processes = [
        _SPAWN.Process(target=_redeem, args=((url, folder), f"p{number}", gate, ended))
        for number in range(PROCESSES)
    ]
    for process in processes:
        process.start()
    gate.wait()
    began = time.perf_counter()
    waits = [wait for _ in processes for wait in ended.get()]
    seconds = time.perf_counter() - began
    for process in processes:
        process.join()
    services.close()
    rate = PROCESSES * EACH / seconds
    middle, late = (sorted(waits)[int(len(waits) * share)] * 1_000 for share in (0.5, 0.99))
    return Row(
        f"redemptions of one hot rule, {PROCESSES} processes at once, {name}",
        f"at least {PER_SECOND_LEAST} a second",
        f"{rate:,.0f} a second",
        rate >= PER_SECOND_LEAST,
        f"{PROCESSES * EACH:,} orders, p50 {middle:.1f} ms, p99 {late:.1f} ms",
    )


def _redeem(store: tuple[str, str], name: str, gate: Any, ended: Any) -> None:
    services = opened(*store)
    decisions = [decided(services, f"{name}-{number}", "SAVE") for number in range(EACH)]
    gate.wait()
    waits = []
    for number, decision in enumerate(decisions):
        asked = {"decision_id": decision, "order_id": f"{name}-{number}"}
        start = time.perf_counter()
        redeem(services.means, SITE, asked, lambda status, body: None)
        waits.append(time.perf_counter() - start)
    ended.put(waits)
    services.close()


@contextmanager
def postgresql(folder: str) -> Iterator[str]:
    """The URL of a server of its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pgserver.postgres_server import get_server
    server = get_server(f"{folder}/server", cleanup_mode="stop")
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    finally:
        server.cleanup()

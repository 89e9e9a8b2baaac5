"""Recorded carts decided again under a candidate: how fast a core does it, in which memory.

CPU time, not wall time: a worker shares its core with whatever else runs. Beside it stands what the
machine was doing meanwhile.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil

from aggregates.definition import id_of
from aggregates.kernel.ids import SiteId
from app import collector
from app import issuing
from app.config import Settings
from app.database import migrate
from app.database import open_stores
from app.simulation.work import Stretch
from app.simulation.work import Work
from app.simulation.work import Worker
from app.wiring import Services
from app.wiring import build
from decisions.cart import decide_cart
from decisions.simulation.spec import Candidate
from decisions.simulation.spec import CandidateChange
from decisions.simulation.spec import Simulation
from tests import published
from tests.bench import loads
from tests.bench.report import Row

SITE = SiteId("shop")
DECISIONS = 4_000
RULES = 100
FIRING = 5
AT_LEAST = 2_000
ROUNDS = 5
_WRITERS = 16
_END_OF_TIME = 2**60


def run() -> list[Row]:
    """How fast, and whether memory stays what it was."""
    with tempfile.TemporaryDirectory() as folder:
        services = _opened(Path(folder))
        try:
            return _measured(services)
        finally:
            services.close()


def _opened(folder: Path) -> Services:
    environment = {"RATIONALE_DATA_DIR": str(folder)}
    settings = Settings.from_environment(environment)
    stores = open_stores(settings.database_url, settings.keys_url, settings.data_dir)
    migrate(stores)
    stores.close()
    services = build(settings)
    issuing.open_site(services.log, SITE)
    segments, rules = loads.definitions(RULES, FIRING)
    published.publish(services.stores.log, SITE, segments=segments, cart_rules=rules)
    with ThreadPoolExecutor(_WRITERS) as pool:
        list(pool.map(lambda cart: _decide(services, cart), loads.carts(DECISIONS)))
    return services


def _decide(services: Services, cart: dict[str, Any]) -> None:
    decide_cart(services.means, SITE, cart, lambda made: None)


def _measured(services: Services) -> list[Row]:
    head = services.log.head(SITE).position
    change = {
        "name": "More",
        "priority": 5,
        "stop_further": False,
        "coupon": {"type": "none"},
        "conditions": {"attribute": "cart.subtotal", "operator": ">=", "value": "700.00"},
        "action": {"type": "percent", "amount": "3"},
    }
    revision, settings = services.revisions.current(SITE).revision, 1
    added = CandidateChange("cart-rules", id_of("cart-rules", RULES + 1), None, 1, "", change)
    candidate = Candidate(revision, settings, (added,))
    work = Work(SITE, Simulation(candidate, 0, _END_OF_TIME), None, b"")
    worker = Worker(services, work, threading.Event())
    collector.set_for_folding()
    process = psutil.Process()
    worker.simulate(Stretch(0, head // 4))
    before, rates, note = process.memory_info().rss, [], ""
    for _ in range(ROUNDS):
        began = time.process_time()
        tally = worker.simulate(Stretch(0, head))
        rates.append(tally.counts.compared / (time.process_time() - began))
        counts = tally.counts
        note = f"{counts.changed:,} of {counts.compared:,} come out otherwise"
    rate, grown = sorted(rates)[ROUNDS // 2], process.memory_info().rss - before
    busy = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores meanwhile"
    return [
        Row(
            f"simulation, {RULES} rules, 5 lines",
            f"{AT_LEAST:,} decisions/s of a core",
            f"{rate:,.0f} (best round {max(rates):,.0f})",
            rate >= AT_LEAST,
            f"{note}; {busy}",
        ),
        Row(
            f"its memory after {ROUNDS * DECISIONS:,} decisions",
            "under 5 MB more",
            f"{grown / 2**20:.1f} MB more",
            grown < 5 * 2**20,
            "than after the first quarter of a round",
        ),
    ]

"""Replays of a range, in one process, against deciding alone, which nothing can be faster than."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from aggregates.kernel.ids import SiteId
from app import collector
from app.config import Settings
from app.wiring import Services
from app.wiring import build
from decisions.again import question_of
from decisions.cart import decide_cart
from decisions.past import Past
from decisions.record import TOPIC
from decisions.record import from_event
from decisions.replay_range import Counts
from decisions.replay_range import Range
from decisions.replay_range import pages
from rulesets.pipeline import decide
from tests.bench import loads
from tests.bench.decisions import CARTS
from tests.bench.report import Row
from tests.bench.server import SITE
from tests.bench.server import serving

DECISIONS = 4_000
RULES, FIRING = 100, 5
ASKED = {"recorded": 3_000, "from_log": 500}
_ROUNDS = 3
_MEMORY_PERCENT = 5


def run() -> list[Row]:
    """Two rows of speed, one of memory."""
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as server:
        loads.publish(server, RULES, FIRING)
        loads.history(server)
        services = build(Settings.from_environment(server.environment))
        try:
            carts = loads.carts(CARTS)
            for number in range(DECISIONS):
                decide_cart(services.means, SiteId(SITE), carts[number % CARTS], lambda made: None)
            collector.set_for_folding()
            alone = min(_decide_alone(services) for _ in range(_ROUNDS))
            return [*(_row(services, mode, alone) for mode in ASKED), _memory(services)]
        finally:
            services.close()


def _row(services: Services, mode: str, alone: float) -> Row:
    each = _best(lambda: _replay(services, mode, 1))
    rate, asked = 1 / each, ASKED[mode]
    note = (
        f"{each * 1e6:,.0f} us of CPU each, of which deciding alone is {alone * 1e6:,.0f}:"
        f" {each / alone:.1f} times"
    )
    what = f"replay {mode}, carts of 5 lines, {RULES} rules, {FIRING} fire, one process"
    return Row(what, f"at least {asked:,} a second", f"{rate:,.0f}", rate >= asked, note)


def _memory(services: Services) -> Row:
    process = psutil.Process()
    _replay(services, "from_log", 1)
    before = process.memory_info().rss
    _replay(services, "from_log", 5)
    more = 100 * (process.memory_info().rss - before) / before
    asked = f"within {_MEMORY_PERCENT} %"
    what = f"memory after {5 * DECISIONS:,} replays against {DECISIONS:,}"
    return Row(what, asked, f"{more:+.1f} %", more <= _MEMORY_PERCENT, f"{before / 2**20:.0f} MB")


def _best(measured: Callable[[], int]) -> float:
    """Seconds of CPU for each decision, in the best round."""
    found = []
    for _ in range(_ROUNDS):
        began = time.process_time()
        count = measured()
        found.append((time.process_time() - began) / count)
    return min(found)


def _replay(services: Services, mode: str, times: int) -> int:
    site, counts = SiteId(SITE), Counts()
    asked = Range(site, mode, 0, services.log.head(site).position)
    for _ in range(times):
        for page in pages(services.means, asked, Past.of(services.log, site)):
            counts.add(page.counts)
    if counts.replayed != counts.identical:
        msg = f"{counts.replayed - counts.identical} replays differ"
        raise RuntimeError(msg)
    return counts.replayed


def _decide_alone(services: Services) -> float:
    """Seconds of CPU of the rules, from facts and questions that are ready."""
    site = SiteId(SITE)
    past = Past.of(services.log, site)
    events = services.log.read(site, 0, DECISIONS, topics=frozenset({TOPIC}), unseal=True)
    records = [from_event(event) for event in events]
    newest = records[-1]
    compiled = past.compiled(
        services.means.revisions, newest.revision, newest.positions["settings"]
    )
    ready = [(one, question_of(one, one.sources, compiled)) for one in records]
    began = time.process_time()
    for record, question in ready:
        decide(compiled, record.sources.facts, question, record.decided_at, record.seed)
    return (time.process_time() - began) / len(ready)

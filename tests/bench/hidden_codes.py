"""How long a cart takes with a code that does not exist, against codes that do and are for others.

Requests of one process are mixed at random and compared by their wall times, without recording
(`dry_run`), which is what a guesser would choose: nothing else is as quiet.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from itertools import chain
from typing import Any

from aggregates.coupon import ADDED
from aggregates.coupon import ASKED
from aggregates.coupon import batch_id
from aggregates.coupon import batch_stream
from aggregates.kernel.ids import SiteId
from aggregates.log import Append
from aggregates.log import Counter
from aggregates.log import NewEvent
from app.commands.keys import issued_key
from app.config import Settings
from app.database import migrate
from app.wiring import Services
from app.wiring import build
from decisions.answer import answer_bytes
from decisions.cart import decide_cart
from projections.coupons import uses_counter
from tests.bench.redemptions import postgresql
from tests.bench.report import Row
from tests.published import publish

SITE = SiteId("shop")
SAMPLES = 1_000
APART_MAX = 0.02
"""Of the median: far less than a network adds or takes."""
UNKNOWN = ("N-0001", "N-0002", "N-0003", "N-0004")
OTHERS = {
    "of another segment": "G-FREE",
    "of another segment, used up": "G-USED",
    "of another segment, expired": "G-LATE",
    "of another group, in its rule": "VIPVIP",
}
_RULE: dict[str, Any] = {
    "name": "Rule",
    "priority": 1,
    "stop_further": False,
    "coupon": {"type": "none"},
    "conditions": {"all": []},
    "action": {"type": "percent", "amount": "10"},
}
_GOLD = {"attribute": "shopper.segments", "operator": "contains", "value": "gold"}
_TIER = {"attribute": "context.custom.tier", "operator": "==", "value": "gold"}


def run() -> list[Row]:
    """One row for each kind of code and each database."""
    with tempfile.TemporaryDirectory() as folder:
        rows = _rows("SQLite", f"sqlite:///{folder}/rationale.db", folder)
        with postgresql(folder) as url:
            return rows + _rows("PostgreSQL", url, folder)


def _rows(database: str, url: str, folder: str) -> list[Row]:
    environment = {"RATIONALE_DATA_DIR": folder, "RATIONALE_DATABASE_URL": url}
    services = build(Settings.from_environment(environment))
    try:
        migrate(services.stores)
        issued_key(services, str(SITE), ("decide",), "bench")
        _publish(services)
        times = _mixed(services)
    finally:
        services.close()
    rows = []
    for what, code in {"that does not exist either": UNKNOWN[0], **OTHERS}.items():
        rest = sorted(chain.from_iterable(times[one] for one in UNKNOWN if one != code))
        usual = statistics.median(rest)
        apart = statistics.median(times[code]) - usual
        rows.append(
            Row(
                f"{database}: a code {what}, against codes that do not exist",
                f"medians at most {APART_MAX:.0%} apart",
                f"{apart / usual:+.1%}",
                abs(apart) <= APART_MAX * usual,
                f"{apart / 1_000:+.1f} us of {usual / 1_000:.0f} us;"
                f" Mann-Whitney z {_z(times[code], rest):+.1f}",
            )
        )
    return rows


def _mixed(services: Services) -> dict[str, list[int]]:
    """Nanoseconds of every request, by code; their order is drawn."""
    codes = [*UNKNOWN, *OTHERS.values()]
    turns = codes * SAMPLES
    random.Random(7).shuffle(turns)
    times: dict[str, list[int]] = {code: [] for code in codes}
    for code in codes * 50:
        _ask(services, code)
    for code in turns:
        times[code].append(_ask(services, code))
    return times


def _ask(services: Services, code: str) -> int:
    lines = [{"line_id": "1", "sku": "a", "quantity": 1, "unit_price": "100.00"}]
    asked = {
        "cart_id": "c",
        "currency": "USD",
        "lines": lines,
        "coupons": [code],
        "shopper": {"customer_id": "ada"},
        "dry_run": True,
    }
    began = time.perf_counter_ns()
    made = decide_cart(services.means, SITE, asked, lambda _: None)
    body = answer_bytes(made, audit=False)
    spent = time.perf_counter_ns() - began
    assert b'"reason":"unknown"' in body
    return spent


def _z(some: list[int], others: list[int]) -> float:
    """How many standard deviations the ranks of two samples lie from those of one."""
    every = sorted([(value, 0) for value in some] + [(value, 1) for value in others])
    ranks = sum(rank for rank, (_, which) in enumerate(every, 1) if which == 0)
    n, m = len(some), len(others)
    mean = n * (n + m + 1) / 2
    return float((ranks - mean) / (n * m * (n + m + 1) / 12) ** 0.5)


def _publish(services: Services) -> None:
    vip = {**_RULE, "coupon": {"type": "specific", "code": "VIPVIP"}, "customer_groups": ["vip"]}
    generated = {"type": "generated", "uses_per_coupon": 1}
    rules = {
        "generated": {**_RULE, "coupon": generated, "conditions": _GOLD},
        "vip": vip,
        "all": _RULE,
    }
    segment = {"name": "Gold", "apply_to": "all", "conditions": _TIER}
    publish(services.stores.log, SITE, cart_rules=rules, segments={"gold": segment})
    for number, (codes, expires_at) in enumerate(
        ((["G-FREE", "G-USED"], None), (["G-LATE"], 1)), 1
    ):
        batch = {"batch": batch_id(number), "rule_id": "rul_0000000001"}
        asked = {**batch, "kind": "imported", "spec": {}, "quantity": 2, "actor": "bench"}
        limits = {"expires_at": expires_at, "uses_max": None, "customer_uses_max": None}
        stream = batch_stream(SITE, batch_id(number))
        added = {**batch, "codes": codes, **limits}
        events = (NewEvent(stream, 1, ASKED, asked), NewEvent(stream, 2, ADDED, added))
        services.log.append(Append(SITE, events))
    services.log.append(Append(SITE, move=(Counter(uses_counter("g-used"), 1),)))


if __name__ == "__main__":
    for row in run():
        sys.stdout.write(row.text() + "\n")

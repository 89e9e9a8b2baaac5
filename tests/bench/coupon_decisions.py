"""A cart with a code among a million generated ones, against the same cart without a code."""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import orjson

from aggregates.coupon import ADDED
from aggregates.coupon import ASKED
from aggregates.coupon import CHUNK_CODES
from aggregates.coupon import batch_id
from aggregates.coupon import batch_stream
from aggregates.kernel.ids import SiteId
from aggregates.log import Append
from aggregates.log import NewEvent
from app.config import Settings
from app.wiring import Services
from app.wiring import build
from tests.bench import loads
from tests.bench.cpu import cpu_ns
from tests.bench.report import Row
from tests.bench.report import microseconds
from tests.bench.server import SITE
from tests.bench.server import Server
from tests.bench.server import serving
from tests.published import publish

CODES = 1_000_000
AT_MOST = 1.3
RULES = 100
FIRING = 5
ROUNDS = 8
_RULE: dict[str, Any] = {
    "name": "Codes",
    "priority": 50,
    "stop_further": False,
    "coupon": {"type": "generated", "uses_per_coupon": 1},
    "conditions": {"all": []},
    "action": {"type": "percent", "amount": "1"},
}


def run() -> list[Row]:
    """One row: medians of rounds that alternate. The code's rule is one more of 100 rules."""
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as server:
        _prepare(server)
        server.client.connection.close()  # it was idle for too long
        carts = loads.carts()
        plain = [orjson.dumps(cart) for cart in carts]
        coded = [
            orjson.dumps({**cart, "coupons": [_code(number * 997)]})
            for number, cart in enumerate(carts)
        ]
        applied = server.client.call("POST", "/v1/decisions/cart", orjson.loads(coded[1]))
        assert applied["coupons"][0]["status"] == "applied", applied["coupons"]
        without, with_code = _alternating(server, plain, coded)
    ratio = with_code / without
    return [
        Row(
            f"cart with a code among {CODES:,}, against one without",
            f"at most {AT_MOST} times",
            f"{ratio:.2f} times",
            ratio <= AT_MOST,
            f"{microseconds(with_code)} against {microseconds(without)}",
        )
    ]


def _prepare(server: Server) -> None:
    loads.publish(server, RULES, FIRING)
    services = build(Settings.from_environment(server.environment))
    try:
        _add_codes(services)
        chance = random.Random(7)
        rules = {
            f"rule-{n}": loads.rule(chance, n, fires=n < FIRING, runs=False) for n in range(RULES)
        }
        publish(services.stores.log, SITE, cart_rules={"codes": _RULE, **rules})
    finally:
        services.close()


def _add_codes(services: Services) -> None:
    site, batch = SiteId(SITE), {"batch": batch_id(1), "rule_id": "rul_0000000001"}
    stream = batch_stream(site, batch_id(1))
    asked = {**batch, "kind": "imported", "spec": {}, "quantity": CODES, "actor": "bench"}
    services.log.append(Append(site, (NewEvent(stream, 1, ASKED, asked),)))
    limits = {"expires_at": None, "uses_max": None, "customer_uses_max": None}
    for chunk in range(CODES // CHUNK_CODES):
        codes = [_code(number) for number in range(chunk * CHUNK_CODES, (chunk + 1) * CHUNK_CODES)]
        added = NewEvent(stream, chunk + 2, ADDED, {**batch, "codes": codes, **limits})
        services.log.append(Append(site, (added,)))


def _code(number: int) -> str:
    """Spread over the index, as drawn codes are."""
    return f"{number * 2_654_435_761 % 2**40:010X}"


def _alternating(server: Server, plain: list[bytes], coded: list[bytes]) -> tuple[float, float]:
    for bodies in (plain, coded):
        _round(server, bodies)
    pairs = [(_round(server, plain), _round(server, coded)) for _ in range(ROUNDS)]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def _round(server: Server, bodies: list[bytes], seconds: float = 1.0) -> float:
    before, count, end = cpu_ns(server.pid), 0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        server.client.raw("POST", "/v1/decisions/cart", bodies[count % len(bodies)])
        count += 1
    return (cpu_ns(server.pid) - before) / count

"""Processes that settle at once, and die, settle each order once, on both databases."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aggregates.kernel.ids import stream_id
from aggregates.log import Append
from aggregates.log import NewEvent
from aggregates.redemption import SETTLED
from aggregates.redemption import TOPICS
from app.commands.keys import issued_key
from app.wiring import Services
from decisions.uses_of_log import UsesOfLog
from tests.published import publish
from tests.redemption_processes import opened
from tests.settlement_given import coupon_rule
from tests.settlement_processes import SITE
from tests.settlement_processes import settle_all

SPAWN = multiprocessing.get_context("spawn")
ORDERS = 120


@pytest.fixture
def services(database_url: str, tmp_path: Path) -> Iterator[Services]:
    made = opened(database_url, str(tmp_path))
    issued_key(made, SITE, ("decide",), "test")
    rule = coupon_rule(uses_per_coupon=ORDERS // 2)
    publish(made.stores.log, SITE, cart_rules={"save": rule})
    made.log.append(Append(SITE, tuple(_told())))
    made.follower.catch_up(SITE)
    yield made
    made.close()


def _told() -> Iterator[NewEvent]:
    """Every order is completed; of four one is edited, one refunded in part, one cancelled."""
    for number in range(ORDERS):
        data: dict[str, Any] = {"order": f"{number:064x}", "trust": "server"}
        sale = {**data, "currency": "USD", "total_minor": 2_000, "coupons": ["SAVE"]}
        second = {
            0: ("OrderUpdated", {**sale, "coupons": ["WRONG"]}),
            1: ("OrderRefunded", {**data, "currency": "USD", "total_minor": 700}),
            2: ("OrderCancelled", data),
        }
        yield NewEvent(stream_id(SITE, "message", f"{number}"), 1, "OrderCompleted", sale)
        if number % 4 in second:
            topic, said = second[number % 4]
            yield NewEvent(stream_id(SITE, "message", f"{number}/2"), 1, topic, said)


def test_orders_are_settled_once_by_processes_that_die(services: Services, tmp_path: Path) -> None:
    url, gate = services.settings.database_url, SPAWN.Event()
    gate.set()
    for wave in range(3):
        pair = [SPAWN.Process(target=settle_all, args=(url, str(tmp_path), gate)) for _ in "ab"]
        before = services.log.head(SITE).position
        for process in pair:
            process.start()
        deadline = time.monotonic() + 90
        while wave < 2 and services.log.head(SITE).position < before + 15:
            assert time.monotonic() < deadline
            time.sleep(0.001)  # so that it dies anywhere
        for process in pair:
            assert process.pid is not None
            if wave < 2:
                os.kill(process.pid, signal.SIGKILL)
            process.join(90)
    assert [process.exitcode for process in pair] == [0, 0]
    acts: Counter[str] = Counter()
    settled: Counter[str] = Counter()
    for event in services.log.read(SITE, 0, 10_000, topics=TOPICS):
        acts[event.topic] += 1
        settled[event.data["order"]] += event.topic == SETTLED and event.data["coupons"] == ["SAVE"]
    quarter = ORDERS // 4
    assert set(settled.values()) == {1}
    assert acts == {
        "OrderSettled": ORDERS + quarter,
        "RedemptionReduced": quarter,
        "RedemptionReleased": 2 * quarter,
    }
    with services.stores.log.connect() as connection:
        rows = connection.exec_driver_sql("SELECT key, used FROM counters").fetchall()
    found = {key: used for key, used in rows if used}
    assert found == UsesOfLog(services.log, SITE).at(services.log.head(SITE).position, 0)
    assert set(found.values()) == {2 * quarter}

"""Processes that redeem at once never pass a limit, whoever dies, on both databases."""

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

from aggregates.redemption import TOPICS
from app.commands.keys import issued_key
from app.wiring import Services
from decisions.redemptions import redeem
from decisions.reservations import release_expired
from decisions.uses_of_log import UsesOfLog
from tests.published import publish
from tests.redemption_processes import SITE
from tests.redemption_processes import act
from tests.redemption_processes import buy
from tests.redemption_processes import decided
from tests.redemption_processes import edit
from tests.redemption_processes import opened
from tests.redemptions_given import RULE as PLAIN

PROCESSES = 4
SPAWN = multiprocessing.get_context("spawn")
RULE: dict[str, Any] = {**PLAIN, "coupon": {"type": "specific", "code": "SAVE"}}


@pytest.fixture
def services(database_url: str, tmp_path: Path) -> Iterator[Services]:
    made = opened(database_url, str(tmp_path))
    issued_key(made, SITE, ("decide",), "test")
    yield made
    made.close()


def bought(
    services: Services, folder: Path, rule: dict[str, Any], buyers: list[list[str]]
) -> Counter[str]:
    """How often processes that start together were sold the rule, and what else they were told."""
    publish(services.stores.log, SITE, cart_rules={"rule": rule})
    gate, sold = SPAWN.Barrier(len(buyers)), SPAWN.Queue()
    url = services.settings.database_url
    processes = [
        SPAWN.Process(target=buy, args=((url, str(folder)), f"p{number}", names, gate, sold))
        for number, names in enumerate(buyers)
    ]
    for process in processes:
        process.start()
    told: Counter[str] = Counter()
    for _ in range(sum(map(len, buyers))):
        _, answer = sold.get(timeout=120)
        told["sold" if isinstance(answer, list) else answer] += 1
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0] * len(buyers)
    return told


def used(services: Services) -> dict[str, int]:
    """The counters that are not 0; they equal the sum of what the log says moved them."""
    with services.stores.log.connect() as connection:
        rows = connection.exec_driver_sql("SELECT key, used FROM counters").fetchall()
    found = {key: by for key, by in rows if by}
    head = services.log.head(SITE).position
    assert found == UsesOfLog(services.log, SITE).at(head, 0)
    return found


def highest(services: Services, end: str) -> int:
    """The most that a counter ever was, at any position of the log."""
    now: Counter[str] = Counter()
    most = 0
    for event in services.log.read(SITE, 0, 100_000, topics=TOPICS):
        now.update(event.data["moves"])  # in the order in which they were judged
        most = max([most, *(by for key, by in now.items() if key.endswith(end))])
    return most


def test_a_coupon_of_seven_uses_is_sold_seven_times(services: Services, tmp_path: Path) -> None:
    rule = {**RULE, "coupon": {**RULE["coupon"], "uses_per_coupon": 7}}
    buyers = [[f"c-{one}-{number}" for number in range(6)] for one in range(PROCESSES)]
    assert bought(services, tmp_path, rule, buyers) == {"sold": 7, "limit_reached": 17}
    assert next(by for key, by in used(services).items() if key.endswith("/coupon_uses")) == 7


def test_orders_that_are_edited_meanwhile_keep_their_uses(
    services: Services, tmp_path: Path
) -> None:
    rule = {**RULE, "coupon": {**RULE["coupon"], "uses_per_coupon": 4}}
    publish(services.stores.log, SITE, cart_rules={"rule": rule})
    orders = ["e-0", "e-1"]
    for order in orders:
        asked = {"decision_id": decided(services, order, "SAVE"), "order_id": order}
        redeem(services.means, SITE, asked, lambda status, body: None)
    gate, told = SPAWN.Barrier(2 * len(orders)), SPAWN.Queue()
    store = (services.settings.database_url, str(tmp_path))
    buyers = [[f"c-{one}-{number}" for number in range(10)] for one in range(2)]
    processes = [
        *(SPAWN.Process(target=edit, args=(store, order, 10, gate, told)) for order in orders),
        *(
            SPAWN.Process(target=buy, args=(store, f"p{number}", names, gate, told))
            for number, names in enumerate(buyers)
        ),
    ]
    for process in processes:
        process.start()
    answers = [told.get(timeout=120) for _ in range(40)]
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0] * 4
    assert [answer for order, answer in answers if order in orders] == [["2.00"]] * 20
    bought = Counter(str(answer) for order, answer in answers if order not in orders)
    assert bought == {"['2.00']": 2, "limit_reached": 18}
    assert next(by for key, by in used(services).items() if key.endswith("/coupon_uses")) == 4
    assert highest(services, "/coupon_uses") == 4


def test_a_customer_who_buys_everywhere_at_once_gets_two(
    services: Services, tmp_path: Path
) -> None:
    rule = {**RULE, "uses_per_customer": 2}
    told = bought(services, tmp_path, rule, [["ada"] * 5] * PROCESSES)
    assert told == {"sold": 2, "limit_reached": 18}
    assert used(services)


def test_a_budget_of_money_is_spent_to_the_cent_and_not_beyond(
    services: Services, tmp_path: Path
) -> None:
    rule = {**RULE, "budget": {"amount": "11.99"}}  # five discounts of 2.00 and a rest
    buyers = [[f"c-{one}-{number}" for number in range(4)] for one in range(PROCESSES)]
    assert bought(services, tmp_path, rule, buyers) == {"sold": 5, "limit_reached": 11}
    assert next(by for key, by in used(services).items() if "/spent/" in key) == 1_000


def test_whatever_processes_do_at_once_the_counters_are_what_the_log_says(
    services: Services, tmp_path: Path
) -> None:
    limits = {"uses_total": 5, "uses_per_customer": 3, "budget": {"amount": "9.00"}}
    coupon = {**RULE["coupon"], "uses_per_coupon": 3}
    rules = {"rule": {**RULE, "coupon": coupon}, "auto": {**RULE, **limits, "coupon": NO_COUPON}}
    publish(services.stores.log, SITE, cart_rules=rules)
    url, gate = services.settings.database_url, SPAWN.Event()
    processes = [
        SPAWN.Process(target=act, args=(url, str(tmp_path), seed, 25, gate))
        for seed in range(PROCESSES)
    ]
    for process in processes:
        process.start()
    gate.set()
    for process in processes:
        process.join(150)
    assert [process.exitcode for process in processes] == [0] * PROCESSES
    assert used(services)
    assert highest(services, "/uses") <= 5
    assert highest(services, "/coupon_uses") <= 3
    assert highest(services, "/customer_uses") <= 3
    assert highest(services, "/spent/USD") <= 900 + 300 * 200  # the coupon's rule has no budget


def test_processes_that_are_killed_leave_the_counters_as_the_log_says(
    services: Services, tmp_path: Path
) -> None:
    limits = {"uses_total": 4, "budget": {"amount": "100.00"}}
    publish(services.stores.log, SITE, cart_rules={"auto": {**RULE, **limits, "coupon": NO_COUPON}})
    url, gate = services.settings.database_url, SPAWN.Event()
    gate.set()
    for seed in range(3):
        pair = [
            SPAWN.Process(target=act, args=(url, str(tmp_path), 10 * seed + one, 10_000, gate))
            for one in range(2)
        ]
        before = services.log.head(SITE).position
        for process in pair:
            process.start()
        deadline = time.monotonic() + 60
        while services.log.head(SITE).position < before + 20 + 7 * seed:
            assert time.monotonic() < deadline
            time.sleep(0.001)  # so that it dies anywhere
        for process in pair:
            assert process.pid is not None
            os.kill(process.pid, signal.SIGKILL)
            process.join(30)
        used(services)
    assert highest(services, "/uses") <= 4
    release_expired(services.means, SITE)
    used(services)


NO_COUPON = {"type": "none"}

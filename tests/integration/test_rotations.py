"""Slots that show one block at a time: each shopper's own turns, recorded and replayed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from app.database import Stores
from decisions.content import decide_content
from decisions.made import Made
from decisions.replay import find
from decisions.replay import replay
from tests.decisions_given import SITE
from tests.decisions_given import Given
from tests.decisions_given import given_site
from tests.fakes import SettableClock

NAMES = ("a", "b", "c")
BLOCK: dict[str, Any] = {"types": ["content"], "priority": 1}


@pytest.fixture
def given(stores: Stores, clock: SettableClock) -> Iterator[Given]:
    site = given_site(stores, clock)
    yield site
    site.close()


def publish(given: Given, rotation: str) -> None:
    slot = {"name": "S", "source": "specified", "blocks": list(NAMES), "rotation": rotation}
    given.publish(
        dynamic_blocks={name: {**BLOCK, "name": name, "content": {"html": name}} for name in NAMES},
        slots={key: {**slot, "key": key} for key in ("home", "other")},
    )


def ask(given: Given, slot: str = "home", **request: Any) -> Made:
    return decide_content(given.means, SITE, {"slot": slot, **request}, lambda made: None)


def shown(given: Given, customer: str = "42", slot: str = "home", **request: Any) -> str:
    made = ask(given, slot, shopper={"customer_id": customer}, **request)
    return block_of(made)


def block_of(made: Made) -> str:
    (block,) = made.record.outcome["blocks"]
    name: str = made.compiled.definitions["dynamic-blocks", block[0]].body["name"]
    return name


def test_a_series_goes_on_with_each_request_of_a_shopper(given: Given) -> None:
    publish(given, "series")
    assert [shown(given) for _ in range(5)] == ["a", "b", "c", "a", "b"]
    assert shown(given, "43") == "a"
    assert shown(given, slot="other") == "a"
    assert shown(given, slot="slt_0000000001") == "c"


def test_a_visitor_has_turns_too(given: Given) -> None:
    publish(given, "series")
    visits = [ask(given, shopper={"anonymous_id": "v"}) for _ in range(3)]
    assert [block_of(made) for made in visits] == ["a", "b", "c"]


def test_a_shuffle_repeats_nothing_before_all_had_their_turn(given: Given) -> None:
    publish(given, "shuffle")
    for customer in ("42", "43", "44"):
        turns = [shown(given, customer) for _ in range(12)]
        assert all(len(set(turns[cycle : cycle + 3])) == 3 for cycle in range(0, 12, 3))
        assert all(one != next_one for one, next_one in pairwise(turns))
    first = {shown(given, f"new {number}") for number in range(20)}
    assert first == set(NAMES)


@pytest.mark.parametrize("rotation", ["series", "shuffle"])
def test_without_an_id_it_is_drawn_by_the_recorded_seed(given: Given, rotation: str) -> None:
    publish(given, rotation)
    visits = [ask(given) for _ in range(30)]
    assert {block_of(made) for made in visits} == set(NAMES)
    assert replays(given, visits[7])


@pytest.mark.parametrize("rotation", ["series", "shuffle", "random"])
def test_each_turn_replays_both_ways(given: Given, rotation: str) -> None:
    publish(given, rotation)
    visits = [ask(given, shopper={"customer_id": "42"}) for _ in range(4)]
    assert all(replays(given, made) for made in visits)


def test_a_turn_that_the_log_does_not_bear_out_is_a_difference(given: Given) -> None:
    publish(given, "series")
    ask(given, shopper={"customer_id": "42"})
    record = find(given.means, SITE, ask(given, shopper={"customer_id": "42"}).record.decision_id)
    assert record.turn is not None
    wrong = replace(record, turn=replace(record.turn, number=5))
    found = replay(given.means, SITE, wrong, "from_log")
    assert ("/turn", 5, 1) in {(d.path, d.recorded, d.replayed) for d in found.differences}


def test_a_dry_run_looks_and_does_not_take_the_turn(given: Given) -> None:
    publish(given, "series")
    assert shown(given, dry_run=True) == "a"
    assert shown(given) == "a"
    assert [shown(given, dry_run=True) for _ in range(2)] == ["b", "b"]


def test_requests_at_the_same_time_take_different_turns(given: Given) -> None:
    publish(given, "series")
    given.shopper("customer", "42")
    with ThreadPoolExecutor(4) as pool:
        visits = list(pool.map(lambda _: ask(given, shopper={"customer_id": "42"}), range(12)))
    assert Counter(block_of(made) for made in visits) == {"a": 4, "b": 4, "c": 4}
    assert all(replays(given, made) for made in visits)


def test_a_slot_that_shows_all_counts_no_turns(given: Given) -> None:
    publish(given, "all")
    made = ask(given, shopper={"customer_id": "42"})
    assert made.record.turn is None
    head = given.log.head(SITE).position
    ask(given, shopper={"customer_id": "42"})
    assert given.log.head(SITE).position == head + 1


def replays(given: Given, made: Made) -> bool:
    record = find(given.means, SITE, made.record.decision_id)
    return all(
        replay(given.means, SITE, record, mode).identical for mode in ("recorded", "from_log")
    )

"""The decision index and the quarantine find events again."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.kernel.clock import SystemClock
from aggregates.log import RecordedEvent
from projections import decisions_index
from projections import quarantine
from projections.decisions_index import DecisionFilter
from projections.followed import followed
from projections.follower import Follower
from tests.projection_events import ANNA
from tests.projection_events import BEN
from tests.projection_events import NOON
from tests.projection_events import SITE
from tests.projection_events import MemoryLog
from tests.projection_events import recorded

LONG = "券" * 1_024


def _decided(
    position: int, kind: str, shoppers: list[str], rules: list[str], coupons: list[str]
) -> RecordedEvent:
    outcome = {
        "rules": [[rule, [100], 0, [], False] for rule in rules],
        "coupons": [[code, None] for code in coupons],
    }
    if kind == "content":
        outcome = {"slot": "slt_1", "rules": rules, "blocks": []}
    return recorded(
        "DecisionRecorded",
        position,
        None,
        decision_id=f"dec_{position}",
        kind=kind,
        revision=3,
        decided_at=NOON + position,
        engine="durable_rules",
        shoppers=shoppers,
        outcome=outcome,
    )


@pytest.fixture
def connection(stores: Any) -> Any:
    log = MemoryLog(
        [
            _decided(1, "cart", [ANNA], ["rul_1", "rul_2"], ["TEN"]),
            _decided(2, "cart", [ANNA, BEN], ["rul_2"], []),
            _decided(3, "content", [BEN], ["rul_3"], []),
            recorded("MessageQuarantined", 4, None, code="too_long", detail="at most 32 kB"),
            recorded("MessageQuarantined", 5, None, code="no_event", detail="track without event"),
            _decided(6, "cart", [], ["rul_1"], ["TEN", "VIP", LONG]),
        ]
    )
    Follower(stores, log, followed(), SystemClock()).catch_up(SITE)  # type: ignore[arg-type]
    with stores.read.connect() as connection:
        yield connection


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (DecisionFilter(), [6, 3, 2, 1]),
        (DecisionFilter(kind="content"), [3]),
        (DecisionFilter(rule_id="rul_1"), [6, 1]),
        (DecisionFilter(rule_id="rul_2", person=frozenset({BEN})), [2]),
        (DecisionFilter(rule_id="rul_3"), [3]),
        (DecisionFilter(coupon="TEN"), [6, 1]),
        (DecisionFilter(coupon="vip"), [6]),
        (DecisionFilter(person=frozenset({ANNA, BEN})), [3, 2, 1]),
        (DecisionFilter(person=frozenset()), []),
        (DecisionFilter(from_at=NOON + 2, to_at=NOON + 6), [3, 2]),
        (DecisionFilter(coupon=LONG), [6]),
        (DecisionFilter(coupon="NONE"), []),
    ],
)
def test_decisions_are_found_by_what_they_were_about(
    connection: Any, wanted: DecisionFilter, found: list[int]
) -> None:
    listed = decisions_index.listed(connection, SITE, wanted, 10)

    assert [decision.position for decision in listed] == found


def test_decisions_are_listed_newest_first_page_by_page(connection: Any) -> None:
    first = decisions_index.listed(connection, SITE, DecisionFilter(), 2)
    assert [decision.position for decision in first] == [6, 3]
    rest = decisions_index.listed(connection, SITE, DecisionFilter(), 2, first[-1].position)
    assert [decision.position for decision in rest] == [2, 1]


def test_a_decision_is_found_by_its_id(connection: Any) -> None:
    found = decisions_index.find(connection, SITE, "dec_2")

    assert found == decisions_index.IndexedDecision(
        2, "dec_2", "cart", 3, NOON + 2, "durable_rules"
    )
    assert decisions_index.find(connection, SITE, "dec_9") is None


def test_refused_messages_are_listed_newest_first(connection: Any) -> None:
    newest, older = quarantine.listed(connection, SITE, 10)

    assert (newest.position, newest.code) == (5, "no_event")
    assert older == quarantine.Quarantined(4, "too_long", "at most 32 kB", NOON, "server", None)
    assert quarantine.listed(connection, SITE, 10, before=5) == [older]

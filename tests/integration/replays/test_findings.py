"""What is wrong with one decision is a finding of it, and the range goes on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import orjson
import pytest
from sqlalchemy import select
from sqlalchemy import update

from aggregates.kernel.ids import SiteId
from app.database import Stores
from app.eventlog.tables import events
from decisions.cart import decide_cart
from decisions.findings import EVENT_SHAPE_UNKNOWN
from decisions.findings import EVENT_UNREADABLE
from decisions.findings import MODEL_MISSING
from decisions.findings import REPLAY_FAILED
from decisions.findings import REVISION_DAMAGED
from decisions.findings import REVISION_MISSING
from decisions.findings import SEMANTICS_UNKNOWN
from decisions.made import Made
from decisions.record import ModelRef
from decisions.record import Record
from decisions.replay import MODES
from decisions.replay import find
from decisions.replay import replay
from decisions.replay_range import replay_range
from tests.decisions_given import SITE
from tests.decisions_given import Given
from tests.decisions_given import given_site
from tests.fakes import SettableClock
from tests.given import a_rule

CART: dict[str, Any] = {
    "cart_id": "c",
    "currency": "USD",
    "shopper": {"customer_id": "42"},
    "lines": [{"line_id": "1", "sku": "a", "quantity": 2, "unit_price": "10.00"}],
}


@pytest.fixture
def given(stores: Stores, clock: SettableClock) -> Iterator[Given]:
    site = given_site(stores, clock)
    site.publish(cart_rules={"ten": a_rule()})
    yield site
    site.close()


def ask(given: Given) -> Made:
    return decide_cart(given.means, SITE, CART, lambda made: None)


def record_of(given: Given) -> Record:
    """A new decision as the log has it."""
    return find(given.means, SITE, ask(given).record.decision_id)


def codes(given: Given, record: Record, mode: str) -> list[str]:
    return [one.code for one in replay(given.means, SITE, record, mode).findings]


@pytest.mark.parametrize("mode", MODES)
def test_what_is_missing_is_named(given: Given, mode: str) -> None:
    record = record_of(given)
    assert codes(given, record, mode) == []
    assert codes(given, replace(record, semantics=99), mode) == [SEMANTICS_UNKNOWN]
    asked = replace(record, models=(ModelRef("mdl_0000000009", "0" * 64),))
    assert codes(given, asked, mode) == ([MODEL_MISSING] if mode == "from_log" else [])
    broken = replace(record, positions={"settings": 1})
    assert codes(given, broken, mode) == ([REPLAY_FAILED] if mode == "from_log" else [])


@pytest.mark.parametrize("mode", MODES)
def test_a_revision_that_is_missing_or_damaged_ends_no_range(
    given: Given, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(given)
    given.publish(cart_rules={"ten": a_rule(), "two": a_rule()})
    ask(given)
    given.revisions.missing.add(1)
    given.revisions.compiled.clear()
    counts = replay_range(given.means, SITE, mode)
    assert (counts.replayed, counts.identical) == (2, 1)
    (found,) = counts.different.values()
    assert [one.code for one in found.findings] == [REVISION_MISSING]
    given.revisions.missing.clear()
    given.revisions.published[1][0].body.pop("action")
    (found,) = replay_range(given.means, SITE, mode).different.values()
    assert [one.code for one in found.findings] == [REVISION_DAMAGED]


def rewrite(given: Given, position: int, **changed: Any) -> None:
    """Changes the stored state of an event, as somebody with the database could."""
    with given.stores.log.begin() as connection:
        here = (events.c.site == SITE) & (events.c.position == position)
        state = connection.execute(select(events.c.state).where(here)).scalar_one()
        told = orjson.dumps({**orjson.loads(state), **changed})
        connection.execute(update(events).where(here).values(state=told))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"v": 99}, EVENT_SHAPE_UNKNOWN),
        ({"open": {"decision_id": "dec_1"}}, EVENT_SHAPE_UNKNOWN),
        ({"sealed": "AAAA" * 20}, EVENT_UNREADABLE),
        ({"key": "f" * 32}, EVENT_UNREADABLE),
    ],
)
def test_an_event_that_cannot_be_read_is_a_finding_of_its_position(
    given: Given, mode: str, changed: dict[str, Any], code: str
) -> None:
    first, second = ask(given), ask(given)
    rewrite(given, first.log_position, **changed)
    counts = replay_range(given.means, SITE, mode)
    assert (counts.replayed, counts.identical) == (2, 1)
    (position,) = counts.different
    assert position == first.log_position != second.log_position
    assert [one.code for one in counts.different[position].findings] == [code]


def test_an_event_of_the_history_in_an_unknown_shape_is_told(given: Given) -> None:
    condition = {"history": "Seen", "within_days": 9, "operator": ">=", "value": 1}
    given.publish(cart_rules={"ten": a_rule(conditions=condition)})
    customer = given.shopper("customer", "42")
    given.tell("InteractionRecorded", customer, kind="track", event="Seen")
    position = given.log.head(SITE).position
    made = ask(given)
    rewrite(given, position, v=7)
    (found,) = replay(given.means, SITE, made.record, "from_log").findings
    assert (found.code, found.detail) == (
        EVENT_SHAPE_UNKNOWN,
        f"InteractionRecorded at position {position}",
    )


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("changed", "paths"),
    [
        ({"seed": 12345}, set()),
        ({"trace_digest": "0" * 64}, {"/trace_digest"}),
        ({"outcome_digest": "0" * 64}, {"/outcome_digest"}),
        ({"disagreed": ("rul_0000000001",)}, {"/disagreed"}),
        ({"revision_digest": "0" * 64}, {"/revision_digest"}),
    ],
)
def test_a_changed_record_differs_in_just_that_place(
    given: Given, mode: str, changed: dict[str, Any], paths: set[str]
) -> None:
    record = replace(record_of(given), **changed)
    told = replay(given.means, SITE, record, mode)
    assert {one.path for one in told.differences} == paths


@pytest.mark.parametrize("mode", MODES)
def test_a_changed_outcome_and_a_changed_fact_are_told_with_both_values(
    given: Given, mode: str
) -> None:
    record = record_of(given)
    outcome = {**record.outcome, "totals": [2000, 0, 201, 0]}
    (found,) = replay(given.means, SITE, replace(record, outcome=outcome), mode).differences
    assert (found.path, found.recorded, found.replayed) == ("/outcome/totals/2", 201, 200)
    sources = record.sources
    sources.facts.values["cart.subtotal"] = 1
    paths = {one.path for one in replay(given.means, SITE, record, mode).differences}
    assert paths == ({"/facts/values/cart.subtotal"} if mode == "from_log" else set())


def test_a_person_forgotten_in_part_is_not_rebuilt(given: Given) -> None:
    vip = {"attribute": "shopper.traits.vip", "operator": "==", "value": True}
    given.publish(cart_rules={"ten": a_rule(conditions=vip)})
    customer, browser = given.shopper("customer", "42"), given.shopper("anonymous", "b")
    given.link(browser, customer)
    given.tell("ShopperIdentified", browser, traits={"vip": True})
    record = record_of(given)
    given.keys.destroy(SITE, [browser], given.clock.now())
    told = replay(given.means, SiteId(SITE), record, "from_log")
    assert [one.to_json() for one in told.not_rebuilt] == [
        {"name": "shopper.traits", "code": "key_destroyed"}
    ]
    assert not told.identical

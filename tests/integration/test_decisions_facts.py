"""Decisions over a real log: recorded, explained, replayed, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from aggregates.kernel.clock import DAY
from aggregates.kernel.errors import Erased
from app.database import Stores
from decisions.answer import answer
from decisions.cart import decide_cart
from decisions.content import decide_content
from decisions.made import Made
from decisions.replay import find
from decisions.replay import replay
from decisions.replay_range import replay_range
from rulesets.engine import EngineFailed
from rulesets.stratum import Stratum
from tests.decisions_given import SITE
from tests.decisions_given import Given
from tests.decisions_given import given_site
from tests.fakes import SettableClock

CART: dict[str, Any] = {
    "cart_id": "c",
    "currency": "USD",
    "lines": [
        {"line_id": "1", "sku": "A", "quantity": 2, "unit_price": "10.00"},
        {"line_id": "2", "sku": "B", "quantity": 1, "unit_price": "5.00"},
    ],
    "shipping": {"method": "post", "amount": "4.00"},
}
TEN: dict[str, Any] = {
    "name": "Ten",
    "priority": 1,
    "stop_further": False,
    "coupon": {"type": "none"},
    "conditions": {"all": []},
    "action": {"type": "percent", "amount": "10"},
    "labels": {"default": "Ten percent"},
}


@pytest.fixture
def given(stores: Stores, clock: SettableClock) -> Iterator[Given]:
    site = given_site(stores, clock)
    yield site
    site.close()


def ask(given: Given, **request: Any) -> Made:
    return decide_cart(given.means, SITE, {**CART, **request}, lambda made: None)


def rule(conditions: Any, **body: Any) -> dict[str, Any]:
    return {**TEN, "conditions": conditions, **body}


def orders(measure: str, operator: str, value: Any, **more: Any) -> dict[str, Any]:
    return {"orders": measure, "operator": operator, "value": value, **more}


def viewed(operator: str, value: int, **more: Any) -> dict[str, Any]:
    within = {"within_days": 30, **more}
    return {"history": "Product Viewed", "operator": operator, "value": value, **within}


def both_replays_agree(given: Given, made: Made) -> None:
    record = find(given.means, SITE, made.record.decision_id)
    for mode in ("recorded", "from_log"):
        result = replay(given.means, SITE, record, mode)
        assert result.identical, (mode, result.differences, result.not_rebuilt)


def test_the_example_of_the_contract_is_answered_and_recorded(given: Given) -> None:
    given.publish(cart_rules={"ten": {**TEN, "free_shipping": "shipment"}})
    made = ask(given)
    body = answer(made, audit=True)
    assert body["totals"] == {
        "subtotal": "25.00",
        "shipping": "4.00",
        "line_discount": "2.50",
        "shipping_discount": "4.00",
        "discount": "6.50",
        "total": "22.50",
    }
    assert made.log_position == given.log.head(SITE).position
    record = find(given.means, SITE, made.record.decision_id)
    assert record.outcome == orjson.loads(orjson.dumps(made.record.outcome))
    assert record.sources.facts_json() == made.record.sources.facts_json()
    both_replays_agree(given, made)


def test_a_dry_run_records_nothing(given: Given) -> None:
    given.publish(cart_rules={"ten": TEN})
    head = given.log.head(SITE).position
    made = ask(given, dry_run=True, shopper={"customer_id": "new"})
    assert answer(made, audit=False)["decision_id"] is None
    assert given.log.head(SITE).position == head
    assert given.keys.find(SITE, "customer", "new") is None


@pytest.mark.parametrize("followed", [False, True], ids=["tail", "rows"])
def test_orders_and_history_count_whether_followed_or_not(given: Given, followed: bool) -> None:
    customer = given.shopper("customer", "42")
    for number in range(3):
        given.tell(
            "OrderCompleted",
            customer,
            ago=number * 40 * DAY,
            order=f"o{number}",
            currency="USD",
            total_minor=1000 + number,
            products=[{"sku": "A", "quantity": 1, "price_minor": 1000 + number}],
        )
        given.tell(
            "InteractionRecorded",
            customer,
            ago=number * 40 * DAY,
            kind="track",
            event="Product Viewed",
            products=[{"sku": "A"}],
        )
    given.publish(
        cart_rules={
            "count": rule(orders("count", "==", 3)),
            "recent": rule(orders("count", "==", 1, within_days=30)),
            "sum": rule(orders("sum", "==", "30.03")),
            "average": rule(orders("average", "==", "10.01")),
            "seen": rule(viewed("==", 2, within_days=41)),
            "seen-a": rule(
                viewed(
                    "==",
                    3,
                    within_days=99,
                    where={"attribute": "event.sku", "operator": "==", "value": "a"},
                )
            ),
            "not": rule(orders("count", "==", 2)),
        }
    )
    if followed:
        given.follower.catch_up(SITE)
    made = ask(given, shopper={"customer_id": "42"})
    assert [one.rule_id[-1] for one in made.decided.outcome.applied] == list("123456")
    both_replays_agree(given, made)


def test_the_tail_counts_after_the_rows(given: Given) -> None:
    customer = given.shopper("customer", "42")
    order = {"currency": "USD", "products": [], "total_minor": 100}
    given.tell("OrderCompleted", customer, order="o1", **order)
    given.follower.catch_up(SITE)
    given.tell("OrderCompleted", customer, order="o2", **order)
    given.tell("OrderCancelled", customer, order="o1")
    given.publish(cart_rules={"one": rule(orders("count", "==", 1))})
    made = ask(given, shopper={"customer_id": "42"})
    assert len(made.decided.outcome.applied) == 1
    assert made.record.positions["profile"] < made.record.positions["head"]
    both_replays_agree(given, made)


def test_traits_groups_and_first_seen_come_from_the_profile(given: Given) -> None:
    customer = given.shopper("customer", "42")
    given.tell("ShopperIdentified", customer, traits={"vip": True, "customer_group": "gold"})
    given.publish(
        cart_rules={
            "vip": rule({"attribute": "shopper.traits.vip", "operator": "==", "value": True}),
            "gold": rule({"attribute": "shopper.group", "operator": "==", "value": "gold"}),
            "seen": rule({"attribute": "shopper.first_seen_at", "operator": "is_defined"}),
        }
    )
    made = ask(given, shopper={"customer_id": "42"})
    assert len(made.decided.outcome.applied) == 3
    both_replays_agree(given, made)


def test_what_a_server_linked_counts_and_what_a_client_linked_does_not(given: Given) -> None:
    customer = given.shopper("customer", "42")
    mine, foreign = given.shopper("anonymous", "a"), given.shopper("anonymous", "b")
    order = {"currency": "USD", "products": [], "total_minor": 100}
    given.tell("OrderCompleted", customer, order="o1", **order)
    given.link(mine, customer)
    given.link(foreign, customer, trust="client")
    given.publish(cart_rules={"one": rule(orders("count", "==", 1))})
    known = ask(given, shopper={"anonymous_id": "a"})
    stranger = ask(given, shopper={"anonymous_id": "b"})
    assert len(known.decided.outcome.applied) == 1
    assert len(stranger.decided.outcome.applied) == 0
    for made in (known, stranger):
        both_replays_agree(given, made)


def test_an_anonymous_id_beside_a_customer_counts_for_this_answer_only(given: Given) -> None:
    given.shopper("customer", "42")
    browser = given.shopper("anonymous", "a")
    given.tell("InteractionRecorded", browser, kind="track", event="Product Viewed")
    given.publish(cart_rules={"seen": rule(viewed("==", 1))})
    both = ask(given, shopper={"customer_id": "42", "anonymous_id": "a"})
    alone = ask(given, shopper={"customer_id": "42"})
    assert [len(made.decided.outcome.applied) for made in (both, alone)] == [1, 0]
    both_replays_agree(given, both)


def test_the_catalogue_gives_categories_and_floors_and_a_replay_the_old_ones(given: Given) -> None:
    given.list_product(
        "A", categories=["men/shoes"], minimum_price_minor=950, currency="USD", attributes={"x": 1}
    )
    in_men = {"attribute": "line.categories", "operator": "contains", "value": "men"}
    given.publish(cart_rules={"men": rule({"lines": "found", "where": in_men})})
    made = ask(given)
    assert made.record.sources.floors == {"1": 950}
    assert made.decided.outcome.line_discount_minor == 100 + 50
    given.list_product("A", categories=["women"], currency="USD")
    assert not ask(given).decided.outcome.applied
    both_replays_agree(given, made)


def test_settings_of_then_decide_a_replay(given: Given) -> None:
    given.settle(time_zone="Pacific/Kiritimati")
    tomorrow = {"attribute": "time.date", "operator": "==", "value": "2026-11-24"}
    given.publish(cart_rules={"tomorrow": rule(tomorrow)})
    made = ask(given)
    given.settle(time_zone="UTC")
    assert len(made.decided.outcome.applied) == 1
    assert not ask(given).decided.outcome.applied
    both_replays_agree(given, made)


def test_rows_in_days_of_another_zone_are_not_continued(given: Given) -> None:
    customer = given.shopper("customer", "42")
    seen = {"kind": "track", "event": "Product Viewed"}
    given.tell("InteractionRecorded", customer, ago=DAY // 2 + DAY // 48, **seen)
    given.follower.catch_up(SITE)
    given.publish(cart_rules={"today": rule(viewed("==", 1, within_days=1))})
    assert not ask(given, shopper={"customer_id": "42"}).decided.outcome.applied
    given.settle(time_zone="Europe/Berlin")
    made = ask(given, shopper={"customer_id": "42"})
    assert len(made.decided.outcome.applied) == 1
    both_replays_agree(given, made)


def test_a_decision_is_never_earlier_than_the_log(given: Given) -> None:
    given.tell("InteractionRecorded", given.shopper("customer", "1"), kind="track", event="X")
    head = given.log.head(SITE).recorded_at
    given.clock.advance(-DAY)
    given.publish(cart_rules={"ten": TEN})
    assert ask(given).record.decided_at == head


def test_a_decision_does_not_lengthen_its_shoppers_history(given: Given) -> None:
    given.publish(cart_rules={"ten": TEN})
    made = ask(given, shopper={"customer_id": "42"})
    customer = given.shopper("customer", "42")
    assert made.record.shoppers == (customer,)
    assert given.log.read_shopper(SITE, [customer], 0) == []


def test_the_facts_are_exactly_what_the_revision_needs(given: Given) -> None:
    given.publish(
        cart_rules={
            "us": rule({"attribute": "context.country", "operator": "==", "value": "US"}),
            "card": rule({"attribute": "cart.payment_method", "operator": "==", "value": "card"}),
        }
    )
    made = ask(given, context={"country": "DE", "device": "mobile"})
    assert made.record.sources.facts.values == {"context.country": "DE"}
    assert made.record.sources.facts.lines == [{}, {}]


def test_content_chains_segments_and_fired_rules(given: Given) -> None:
    given.publish(
        segments={
            "us": {
                "name": "US",
                "apply_to": "all",
                "conditions": {"attribute": "context.country", "operator": "==", "value": "US"},
            }
        },
        cart_rules={"ten": {**TEN, "dynamic_blocks": ["banner"]}},
        dynamic_blocks={
            "flag": {
                "name": "Flag",
                "types": ["content"],
                "segments": ["us"],
                "content": {"html": "US"},
                "priority": 1,
            },
            "banner": {
                "name": "Banner",
                "types": ["header"],
                "cart_rules": ["ten"],
                "content": {"html": "10 %"},
                "priority": 2,
            },
        },
        slots={
            "home": {
                "key": "home",
                "name": "Home",
                "source": "specified",
                "blocks": ["flag", "banner"],
                "rotation": "all",
            }
        },
    )
    request = {"slot": "home", "context": {"country": "US"}, "cart": CART}
    made = decide_content(given.means, SITE, request, lambda made: None)
    shown = answer(made, audit=True)["blocks"]
    assert [block["name"] for block in shown] == ["Flag", "Banner"]
    both_replays_agree(given, made)


def test_a_range_is_replayed_and_a_difference_is_found(given: Given) -> None:
    given.publish(cart_rules={"ten": TEN})
    for _ in range(3):
        ask(given)
    counts = replay_range(given.means, SITE, "from_log")
    assert (counts.replayed, counts.identical) == (3, 3)
    given.revisions.compiled.clear()
    given.publish(cart_rules={"ten": rule({"all": []}, action={"type": "percent", "amount": "20"})})
    given.revisions.published[1] = given.revisions.published[2]
    counts = replay_range(given.means, SITE, "recorded")
    assert counts.identical == 0
    paths = {difference.path for difference in next(iter(counts.different.values())).differences}
    assert {"/revision_digest", "/outcome_digest", "/outcome/rules/0/1/0"} <= paths


def test_an_engine_error_is_decided_by_the_evaluator_and_recorded_as_such(
    given: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(stratum: Stratum, true: Any) -> list[str]:
        raise EngineFailed("the C code gave up")

    given.publish(cart_rules={"ten": TEN})
    expected = ask(given)
    with monkeypatch.context() as broken:
        broken.setattr(Stratum, "fired", fail)
        made = ask(given)
    record = find(given.means, SITE, made.record.decision_id)
    assert record.engine == "fallback"
    assert record.outcome_digest == expected.record.outcome_digest
    both_replays_agree(given, made)


def test_a_decision_of_a_forgotten_person_is_gone(given: Given) -> None:
    given.publish(cart_rules={"ten": TEN})
    made = ask(given, shopper={"customer_id": "42"})
    given.keys.destroy(SITE, [given.shopper("customer", "42")], given.clock.now())
    with pytest.raises(Erased):
        find(given.means, SITE, made.record.decision_id)
    counts = replay_range(given.means, SITE, "recorded")
    assert (counts.replayed, counts.erased) == (0, 1)


def test_an_event_that_cannot_be_folded_does_not_stop_a_decision(given: Given) -> None:
    customer = given.shopper("customer", "42")
    given.tell("OrderCompleted", customer, order="o1", currency="USD", products=[{"no": "sku"}])
    given.tell("OrderCompleted", customer, order="o2", currency="USD", total_minor=1)
    given.publish(cart_rules={"one": rule(orders("count", "==", 1))})
    tail = ask(given, shopper={"customer_id": "42"})
    given.follower.catch_up(SITE)
    rows = ask(given, shopper={"customer_id": "42"})
    for made in (tail, rows):
        assert len(made.decided.outcome.applied) == 1
        both_replays_agree(given, made)

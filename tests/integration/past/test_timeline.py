"""The timeline of a person: all that the log holds of them, in its order, and nothing of others."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from aggregates.kernel.clock import DAY
from aggregates.kernel.clock import SECOND
from aggregates.kernel.clock import format_moment
from aggregates.log import RecordedEvent
from tests.desk import SITE
from tests.desk import Desk
from tests.desk import identify
from tests.redemptions_given import RULE
from tests.redemptions_given import cart

SLOT = {"name": "Hero", "source": "specified", "rotation": "series"}
BLOCKS = ("one", "two")


@pytest.fixture
def person(desk: Desk) -> str:
    """Anna, who did everything; Bert did the same beside her."""
    desk.made("PUT", "/v1/cart-rules/save", {**RULE, "uses_total": 90})
    desk.made("POST", "/v1/cart-rules/save/publish", {})
    _publish_slot(desk)
    for user, browser, other in (("bert", "b1", "b2"), ("anna", "a1", "a2"), ("bert", "b1", "b2")):
        _live(desk, user, browser, other)
    return desk.person(customer_id="anna")


def _publish_slot(desk: Desk) -> None:
    for key in BLOCKS:
        block = {"name": key, "types": ["content"], "content": {"html": key}, "priority": 1}
        desk.made("PUT", f"/v1/dynamic-blocks/{key}", block)
        desk.made("POST", f"/v1/dynamic-blocks/{key}/publish", {})
    desk.made("PUT", "/v1/slots/hero", {**SLOT, "blocks": list(BLOCKS)})
    desk.made("POST", "/v1/slots/hero/publish", {})


def _live(desk: Desk, user: str, browser: str, other: str) -> None:
    """A day of somebody: seen, known, decided for, bought, refunded, gone again."""
    order = f"{user}-{desk.head}"
    desk.clock.advance(3_600 * SECOND)
    desk.send(_track("Product Viewed", anonymousId=browser, product_id="A"))
    desk.send(identify(user, browser, traits={"city": "Kiel"}))
    desk.made("POST", "/v1/decisions/content", {"slot": "hero", "shopper": {"customer_id": user}})
    decided = desk.made("POST", "/v1/decisions/cart", cart(user))["decision_id"]
    held = desk.made("POST", "/v1/reservations", {"decision_id": decided, "ttl_s": 600})
    assert held["uses"]
    asked = {"decision_id": decided, "order_id": order}
    desk.made("POST", "/v1/redemptions", asked)
    desk.send(_track("Order Completed", userId=user, order_id=order, total=20, currency="USD"))
    desk.made("POST", f"/v1/redemptions/{order}/partial", {"amount": "5.00"})
    nameless = {**cart(), "shopper": {"anonymous_id": other}}
    decided = desk.made("POST", "/v1/decisions/cart", nameless)["decision_id"]
    desk.made("POST", "/v1/redemptions", {"decision_id": decided, "order_id": f"{order}-2"})
    desk.made("DELETE", f"/v1/redemptions/{order}-2")
    of_nobody = desk.made("POST", "/v1/decisions/cart", {**cart(), "shopper": {}})["decision_id"]
    asked = {"decision_id": of_nobody, "order_id": f"{order}-3"}
    desk.made("POST", "/v1/redemptions", {**asked, "shopper": {"customer_id": user}})
    desk.send(_track("Cart Viewed", anonymousId=other))
    desk.send(identify(user, other))
    desk.follow()


def _track(event: str, **more: Any) -> dict[str, Any]:
    ids = {name: more.pop(name) for name in ("userId", "anonymousId") if name in more}
    return {"type": "track", "event": event, **ids, "properties": more}


def _about(desk: Desk, person: str) -> list[RecordedEvent]:
    """What of the whole log is about a person, found by reading all of it."""
    log = desk.services.log
    names = set(desk.made("GET", f"/v1/shoppers/{person}")["pseudonyms"])
    events = log.read(SITE, 0, 10_000, unseal=True)
    decided = {
        event.data["decision_id"]
        for event in events
        if "decision_id" in event.data
        and names & {*event.data.get("shoppers", ()), event.data.get("customer")}
    }
    orders = {
        event.data["order"]
        for event in events
        if event.data.get("decision_id") in decided and "order" in event.data
    }
    return [
        event
        for event in events
        if {event.shopper_id, event.data.get("shopper"), event.data.get("anonymous")} & names
        or event.data.get("customer") in names
        or event.data.get("decision_id") in decided
        or event.data.get("order") in orders
    ]


def walked(desk: Desk, person: str, query: str = "", limit: int = 3) -> list[dict[str, Any]]:
    """All items, page by page."""
    items: list[dict[str, Any]] = []
    cursor = ""
    while True:
        path = f"/v1/shoppers/{person}/timeline?limit={limit}{cursor}{query}"
        answer = desk.made("GET", path)
        items += answer["items"]
        if answer["next_cursor"] is None:
            return items
        cursor = f"&cursor={answer['next_cursor']}"


def test_it_is_all_that_the_log_holds_of_a_person_and_nothing_else(desk: Desk, person: str) -> None:
    expected = _about(desk, person)
    items = walked(desk, person)
    assert [one["log_position"] for one in items] == [event.position for event in expected]
    kinds = {one["kind"] for one in items}
    assert kinds == {
        "interaction", "profile", "order", "link", "decision", "turn", "reservation", "redemption"
    }  # fmt: skip
    (known,) = [one for one in items if one["kind"] == "profile"][:1]
    assert known["data"]["traits"] == {"city": "Kiel"}
    carts = [one for one in items if one["data"].get("kind") == "cart"]
    assert carts[0]["data"]["request"]["shopper"] == {"customer_id": "anna"}
    assert not any(one["erased"] for one in items)


def test_filters_leave_what_fits(desk: Desk, person: str) -> None:
    expected = _about(desk, person)
    cases: list[tuple[str, Any]] = [
        ("&kind=order", lambda event: event.topic == "OrderCompleted"),
        ("&kind=turn", lambda event: event.topic == "SlotTurned"),
        ("&kind=link", lambda event: event.topic == "IdentitiesLinked"),
        ("&event=Cart%20Viewed", lambda event: event.data.get("event") == "Cart Viewed"),
        ("&event=Order%20Completed", lambda event: event.topic == "OrderCompleted"),
        ("&decision_kind=cart", lambda event: event.data.get("kind") == "cart"),
        ("&kind=link&decision_kind=cart", lambda event: False),
    ]
    for query, holds in cases:
        found = [one["log_position"] for one in walked(desk, person, query, limit=2)]
        assert found == [event.position for event in expected if holds(event)], query
    middle = expected[len(expected) // 2].occurred_at
    for query, kept in (
        (f"&from={format_moment(middle)}", [e for e in expected if e.occurred_at >= middle]),
        (f"&to={format_moment(middle)}", [e for e in expected if e.occurred_at < middle]),
        (f"&as_of={expected[7].position}", expected[:8]),
    ):
        found = [one["log_position"] for one in walked(desk, person, query)]
        assert found == [event.position for event in kept], query


@pytest.mark.parametrize("way", ["parameter", "accept"])
def test_as_lines_it_is_the_same_at_once(desk: Desk, person: str, way: str) -> None:
    path = f"/v1/shoppers/{person}/timeline"
    if way == "parameter":
        answer = desk.call("GET", f"{path}?format=ndjson")
    else:
        answer = desk.call("GET", path, Accept="application/x-ndjson")
    assert answer.content_type == "application/x-ndjson"
    assert [orjson.loads(line) for line in answer.data.splitlines()] == walked(desk, person)


def test_it_ends_where_the_index_has_come_and_waits_when_asked_to(desk: Desk) -> None:
    desk.send(identify("cora", "c1"))
    desk.follow()
    reached = desk.head
    person = desk.person(customer_id="cora")
    decided = desk.made("POST", "/v1/decisions/cart", cart("cora"))
    path = f"/v1/shoppers/{person}/timeline"
    answer = desk.made("GET", path)
    assert answer["upto"] == reached
    assert "decision" not in {one["kind"] for one in answer["items"]}
    for query in (f"min_position={decided['log_position']}", f"as_of={decided['log_position']}"):
        status, answer = desk.ask("GET", f"{path}?{query}")
        assert (status, answer["code"]) == (503, "not_caught_up")
    desk.follow()
    answer = desk.made("GET", f"{path}?min_position={decided['log_position']}")
    assert answer["items"][-1]["data"]["decision_id"] == decided["decision_id"]


def test_of_what_a_destroyed_key_sealed_the_open_part_stays(desk: Desk) -> None:
    """An order that a browser began and a customer finished, who was forgotten."""
    order = {"order_id": "o1", "total": 5, "currency": "USD"}
    desk.send(_track("Order Completed", anonymousId="a1", **order))
    desk.send(_track("Order Updated", userId="anna", **order))
    desk.services.keys.destroy(SITE, [desk.person(customer_id="anna")], desk.clock.now())
    desk.follow()
    items = walked(desk, desk.person(anonymous_id="a1"))
    assert [(one["event"], one["erased"]) for one in items] == [
        ("Order Completed", False), ("Order Updated", True)
    ]  # fmt: skip
    assert items[1]["data"]["total_minor"] == 500


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ("kind=orders", "/kind", "not_one_of"),
        ("decision_kind=cat", "/decision_kind", "not_one_of"),
        ("format=csv", "/format", "not_one_of"),
        ("from=today", "/from", "not_a_moment"),
        ("as_of=0", "/as_of", "before_log"),
        ("order=desc", "/order", "unknown_parameter"),
        ("limit=0", "/limit", "invalid_limit"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_its_place(
    desk: Desk, query: str, pointer: str, code: str
) -> None:
    desk.send(_track("Cart Viewed", anonymousId="a1"))
    person = desk.person(anonymous_id="a1")
    status, answer = desk.ask("GET", f"/v1/shoppers/{person}/timeline?{query}")
    assert status == 422
    assert (answer["errors"][0]["pointer"], answer["errors"][0]["code"]) == (pointer, code)


def test_late_events_stand_where_they_were_recorded(desk: Desk) -> None:
    desk.send(_track("Cart Viewed", anonymousId="a1"))
    late = {**_track("Product Viewed", anonymousId="a1"), "timestamp": "2026-11-20T12:00:00Z"}
    desk.clock.advance(DAY)
    desk.send(late)
    desk.follow()
    items = walked(desk, desk.person(anonymous_id="a1"))
    assert [one["event"] for one in items] == ["Cart Viewed", "Product Viewed"]
    assert items[1]["occurred_at"] < items[0]["occurred_at"] < items[1]["recorded_at"]

"""What was known of a person: profile, segments by the rules of then, moments and positions."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.kernel.clock import DAY
from aggregates.kernel.clock import SECOND
from aggregates.kernel.clock import format_moment
from tests.desk import SITE
from tests.desk import Desk
from tests.desk import identify
from tests.redemptions_given import RULE
from tests.redemptions_given import cart

VIEWER = {
    "name": "Viewers",
    "apply_to": "all",
    "conditions": {
        "history": "Product Viewed",
        "within_days": 2,
        "operator": ">=",
        "value": 2,
    },
}
MEMBER = {"name": "Members", "apply_to": "registered", "conditions": {"all": []}}
GERMAN = {
    "name": "German",
    "apply_to": "all",
    "conditions": {"attribute": "context.country", "operator": "==", "value": "DE"},
}


def viewed(**ids: str) -> dict[str, Any]:
    return {"type": "track", "event": "Product Viewed", **ids, "properties": {"product_id": "s1"}}


def publish(desk: Desk, key: str, body: dict[str, Any]) -> int:
    """A segment live by this key; the log position."""
    status, _ = desk.ask("PUT", f"/v1/segments/{key}", body)
    if status == 428:
        version = desk.made("GET", f"/v1/segments/{key}")["version"]
        desk.made("PUT", f"/v1/segments/{key}", body, If_Match=f'"{version}"')
    return int(desk.made("POST", f"/v1/segments/{key}/publish", {})["log_position"])


def members(desk: Desk, person: str, as_of: Any = None) -> list[str]:
    """The keys of the segments that a person was in."""
    asked = f"?as_of={as_of}" if as_of is not None else ""
    answer = desk.made("GET", f"/v1/shoppers/{person}{asked}")
    return [segment["key"] for segment in answer["segments"]["members"]]


def test_a_profile_says_which_event_told_each_trait(desk: Desk) -> None:
    address = {"country": "DE", "city": "Kiel", "postalCode": "24103"}
    traits = {"email": "anna@example.org", "address": address, "age": 41.5}
    position = desk.send(identify("anna", "a1", traits=traits))
    desk.send({"type": "group", "userId": "anna", "groupId": "trade"})
    person = desk.person(customer_id="anna")
    answer = desk.made("GET", f"/v1/shoppers/{person}")
    profile = answer["profile"]
    assert profile["group"] == "trade"
    assert profile["addresses"]["default_billing"] == {
        "country": "DE", "city": "Kiel", "postcode": "24103"
    }  # fmt: skip
    assert profile["traits"]["email"]["value"] == "anna@example.org"
    assert profile["traits"]["age"]["value"] == "41.5"
    assert profile["traits"]["email"]["log_position"] < position
    assert answer["registered"]
    assert answer["as_of"]["log_position"] == desk.head
    before = desk.made("GET", f"/v1/shoppers/{person}?as_of={position}")
    assert before["profile"]["group"] == "general"


def test_segments_are_those_of_the_revision_and_the_days_of_then(desk: Desk) -> None:
    desk.send(viewed(anonymousId="a1"), viewed(anonymousId="a1"))
    person, nothing = desk.person(anonymous_id="a1"), desk.head
    live = publish(desk, "viewers", VIEWER)
    publish(desk, "german", GERMAN)
    assert members(desk, person, nothing) == []
    assert members(desk, person, live) == ["viewers"]
    desk.clock.advance(3 * DAY)
    desk.send(viewed(anonymousId="a1"))
    assert members(desk, person) == []
    assert members(desk, person, format_moment(desk.clock.now() - 2 * DAY)) == ["viewers"]
    conditions = {**VIEWER["conditions"], "value": 1}
    eased = publish(desk, "viewers", {**VIEWER, "conditions": conditions})
    assert members(desk, person, eased - 2) == []
    assert members(desk, person, eased) == ["viewers"]
    (open_one,) = desk.made("GET", f"/v1/shoppers/{person}")["segments"]["not_told"]
    assert (open_one["key"], open_one["reads"]) == ("german", ["context.country"])


def test_a_decision_saw_the_segments_that_are_told_of_the_position_before_it(desk: Desk) -> None:
    desk.send(identify("anna", "a1"), viewed(anonymousId="a1"), viewed(anonymousId="a1"))
    for key, body in (("viewers", VIEWER), ("members", MEMBER)):
        publish(desk, key, body)
    needed = {"attribute": "shopper.segments", "operator": "contains", "value": "viewers"}
    desk.made("PUT", "/v1/cart-rules/ten", {**RULE, "conditions": needed})
    desk.made("POST", "/v1/cart-rules/ten/publish", {})
    person, seen = desk.person(customer_id="anna"), []
    for _ in range(3):
        seen.append(desk.made("POST", "/v1/decisions/cart", cart("anna"))["log_position"])
        desk.clock.advance(DAY)
    for position in seen:
        record = desk.services.log.read_position(SITE, position)
        assert record is not None
        answer = desk.made("GET", f"/v1/shoppers/{person}?as_of={position}")
        told = sorted(segment["id"] for segment in answer["segments"]["members"])
        assert told == record.data["outcome"]["segments"]
    assert members(desk, person, seen[0]) == ["viewers", "members"]
    assert members(desk, person, seen[-1]) == ["members"]


def test_a_customer_is_one_with_and_without_links(desk: Desk) -> None:
    desk.send(
        {"type": "page", "name": "Home", "userId": "cora"},
        {"type": "page", "name": "Home", "userId": "dora", "anonymousId": "d1"},
        {"type": "page", "name": "Home", "anonymousId": "e1"},
        identify("bert", "b1"),
    )
    publish(desk, "members", MEMBER)
    found = {
        value: members(desk, desk.person(**{kind: value}))
        for kind, value in (
            ("customer_id", "bert"),
            ("anonymous_id", "b1"),
            ("customer_id", "cora"),
            ("customer_id", "dora"),
            ("anonymous_id", "e1"),
        )
    }
    member = ["members"]
    assert found == {"bert": member, "b1": member, "cora": member, "dora": member, "e1": []}


def test_an_order_whose_owner_is_a_browser_makes_no_customer_of_it(desk: Desk) -> None:
    order = {"type": "track", "properties": {"order_id": "o1", "total": 5, "currency": "USD"}}
    desk.send(
        {**order, "event": "Order Completed", "anonymousId": "a1"},
        {**order, "event": "Order Updated", "userId": "anna"},
    )
    person = desk.person(anonymous_id="a1")
    assert not desk.made("GET", f"/v1/shoppers/{person}")["registered"]


def test_links_have_a_beginning_and_an_end(desk: Desk) -> None:
    first = desk.send(identify("anna", "a1"))
    desk.clock.advance(60 * SECOND)
    desk.send(identify("bert", "a1"))
    anna, bert = desk.person(customer_id="anna"), desk.person(customer_id="bert")
    assert bert == desk.person(anonymous_id="a1")
    (link,) = desk.made("GET", f"/v1/shoppers/{anna}")["links"]
    assert link["until"] == format_moment(desk.clock.now())
    then = desk.made("GET", f"/v1/shoppers/{anna}?as_of={first}")
    assert (len(then["pseudonyms"]), then["links"][0]["until"]) == (2, None)
    assert desk.made("GET", f"/v1/shoppers/{bert}?as_of={first}")["profile"] is None


def test_a_moment_is_the_last_position_recorded_by_then(desk: Desk) -> None:
    person_of = {}
    moments = []
    for name in ("a1", "a2", "a3"):
        desk.clock.advance(60 * SECOND)
        desk.send(viewed(anonymousId="all"), viewed(anonymousId="all"))
        person_of[name] = desk.head
        moments.append(desk.clock.now())
    person = desk.person(anonymous_id="all")
    for moment, position in zip(moments, person_of.values(), strict=True):
        for late in (0, 59 * SECOND):
            if moment + late > desk.clock.now():
                continue
            path = f"/v1/shoppers/{person}?as_of={format_moment(moment + late)}"
            assert desk.made("GET", path)["as_of"]["log_position"] == position


@pytest.mark.parametrize(
    ("as_of", "code"),
    [
        ("0", "before_log"),
        ("2020-01-01T00:00:00Z", "before_log"),
        ("999999", "after_head"),
        ("9" * 40, "after_head"),
        ("2999-01-01T00:00:00Z", "after_head"),
        ("yesterday", "not_a_moment_or_position"),
        ("2026-11-23T12:00:00", "not_a_moment_or_position"),
        ("-1", "not_a_moment_or_position"),
        ("", "not_a_moment_or_position"),
    ],
)
def test_what_is_no_past_of_the_log_is_refused_with_its_place(
    desk: Desk, as_of: str, code: str
) -> None:
    desk.send(viewed(anonymousId="a1"))
    person = desk.person(anonymous_id="a1")
    status, answer = desk.ask("GET", f"/v1/shoppers/{person}?as_of={as_of}")
    assert status == 422
    assert (answer["errors"][0]["pointer"], answer["errors"][0]["code"]) == ("/as_of", code)


def test_what_is_no_person_is_404_and_another_parameter_422(desk: Desk) -> None:
    for name in ("anna", "0" * 32, "site", "A" * 32):
        status, answer = desk.ask("GET", f"/v1/shoppers/{name}")
        assert (status, answer["code"]) == (404, "person_unknown")
    desk.send(viewed(anonymousId="a1"))
    person = desk.person(anonymous_id="a1")
    status, answer = desk.ask("GET", f"/v1/shoppers/{person}?asof=3")
    assert (status, answer["errors"][0]["pointer"]) == (422, "/asof")


def test_of_a_forgotten_person_it_is_gone_with_the_moment(desk: Desk) -> None:
    desk.send(identify("anna", "a1"), viewed(anonymousId="a1"))
    person, at = desk.person(customer_id="anna"), desk.clock.now()
    desk.services.keys.destroy(SITE, [person], at)
    status, answer = desk.ask("GET", f"/v1/shoppers/{person}")
    assert (status, answer["code"]) == (410, "person_erased")
    assert answer["erased_at"] == format_moment(at)

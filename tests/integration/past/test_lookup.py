"""Persons are found by the ids of clients, which stand in bodies and never in a path."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.kernel.clock import format_moment
from aggregates.kernel.errors import Erased
from decisions.persons import person_at
from tests.desk import SITE
from tests.desk import Desk
from tests.desk import identify

LOOKUP = "/v1/shoppers/lookup"


def test_a_person_is_the_customer_and_all_browsers_that_are_joined_to_it(desk: Desk) -> None:
    desk.send(identify("anna", "a1"), identify("anna", "a2"), identify("bert", "b1"))
    keys = desk.services.keys
    anna, a1, a2 = (
        keys.find(SITE, kind, value)
        for kind, value in (("customer", "anna"), ("anonymous", "a1"), ("anonymous", "a2"))
    )
    expected = {"person": anna, "pseudonyms": sorted([str(anna), str(a1), str(a2)])}
    for asked in ({"customer_id": "anna"}, {"anonymous_id": "a1"}, {"anonymous_id": "a2"}):
        assert desk.made("POST", LOOKUP, asked) == expected


def test_a_browser_without_a_customer_is_a_person_by_itself(desk: Desk) -> None:
    desk.send({"type": "page", "name": "Home", "anonymousId": "a9"})
    found = desk.made("POST", LOOKUP, {"anonymous_id": "a9"})
    assert found["pseudonyms"] == [found["person"]]


def test_a_link_that_only_a_browser_claimed_joins_nobody(desk: Desk) -> None:
    desk.send(identify("anna", "a1"))
    desk.send(identify("anna", "stranger"), key=desk.key("collect"))
    found = desk.made("POST", LOOKUP, {"anonymous_id": "stranger"})
    assert found["pseudonyms"] == [found["person"]]
    assert len(desk.made("POST", LOOKUP, {"customer_id": "anna"})["pseudonyms"]) == 2


def test_asking_for_an_unknown_id_makes_no_pseudonym(desk: Desk) -> None:
    status, answer = desk.ask("POST", LOOKUP, {"customer_id": "nobody"})
    assert (status, answer["code"]) == (404, "person_unknown")
    assert desk.services.keys.find(SITE, "customer", "nobody") is None


def test_of_a_forgotten_person_nothing_is_found_by_id_and_410_by_pseudonym(desk: Desk) -> None:
    desk.send(identify("anna", "a1"), identify("bert", "b1"))
    person = desk.person(customer_id="anna")
    keys, at = desk.services.keys, desk.clock.now()
    keys.destroy(SITE, desk.made("POST", LOOKUP, {"customer_id": "anna"})["pseudonyms"], at)
    assert desk.ask("POST", LOOKUP, {"customer_id": "anna"})[0] == 404
    with pytest.raises(Erased) as found:
        person_at(desk.services.means, SITE, person, desk.head)
    assert found.value.data == {"erased_at": format_moment(at)}
    assert desk.person(customer_id="bert")


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({}, "", "customer_or_anonymous"),
        ({"customer_id": "a", "anonymous_id": "b"}, "", "customer_or_anonymous"),
        ({"customer_id": ""}, "/customer_id", "wrong_length"),
        ({"customer_id": 7}, "/customer_id", "wrong_type"),
        ({"email": "a@b.c"}, "/email", "unknown_field"),
        ({"customer_id": "a", "min_position": -1}, "/min_position", "out_of_range"),
    ],
)
def test_what_is_no_lookup_is_refused_with_its_place(
    desk: Desk, body: dict[str, Any], pointer: str, code: str
) -> None:
    status, answer = desk.ask("POST", LOOKUP, body)
    assert status == 422
    assert (answer["errors"][0]["pointer"], answer["errors"][0]["code"]) == (pointer, code)


def test_a_lookup_needs_a_key_of_an_auditor(desk: Desk) -> None:
    status, answer = desk.ask("POST", LOOKUP, {"customer_id": "a"}, key=desk.key("author"))
    assert (status, answer["code"]) == (403, "missing_scope")

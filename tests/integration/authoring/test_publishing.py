"""Revisions: many definitions at once, all of it or nothing."""

from __future__ import annotations

import time
from typing import Any

import pytest

from aggregates.kernel.ids import SiteId
from aggregates.ruleset import Entry
from aggregates.ruleset import digest_of_entries
from app.authoring import soundness
from tests.authors import BLOCK
from tests.authors import RULE
from tests.authors import SEGMENT
from tests.authors import Author

NAMES_LOYAL = {"attribute": "shopper.segments", "operator": "contains", "value": "loyal"}


def _revision(author: Author) -> int:
    items = author.made("GET", "/v1/rulesets")["items"]
    return items[0]["revision"] if items else 0


def _errors(problem: dict[str, Any]) -> list[tuple[str, str]]:
    return [(error["pointer"], error["code"]) for error in problem["errors"]]


def test_a_batch_is_one_revision_and_its_order_does_not_matter(author: Author) -> None:
    author.made("PUT", "/v1/segments/loyal", SEGMENT)
    author.made("PUT", "/v1/cart-rules/ten", {**RULE, "conditions": NAMES_LOYAL})
    author.made("PUT", "/v1/dynamic-blocks/hello", {**BLOCK, "cart_rules": ["ten"]})
    made = author.publish(
        ("dynamic-blocks", "hello"), ("cart-rules", "ten"), ("segments", "loyal"), note="first"
    )
    assert made["revision"] == 1
    shown = author.made("GET", "/v1/rulesets/1")
    assert {name: shown[name] for name in made if name != "log_position"} == {
        name: made[name] for name in made if name != "log_position"
    }
    assert [entry["key"] for entry in shown["entries"]] == ["ten", "hello", "loyal"]
    assert shown["note"] == "first"
    entries = {(one["kind"], one["id"]): Entry.from_json(one) for one in shown["entries"]}
    assert digest_of_entries(entries) == shown["digest"], "the digest proves the list"


def test_one_wrong_definition_stops_the_batch(author: Author) -> None:
    author.made("PUT", "/v1/cart-rules/good", RULE)
    author.made("PUT", "/v1/cart-rules/bad", {**RULE, "conditions": NAMES_LOYAL})
    named = [{"kind": "cart-rules", "id": key} for key in ("good", "bad")]
    before = author.services.log.head(SiteId("shop")).position
    problem = author.refused(422, "POST", "/v1/rulesets", {"publish": named})
    assert _errors(problem) == [("/publish/1/body/conditions/value", "reference_not_live")]
    assert author.services.log.head(SiteId("shop")).position == before
    assert author.made("GET", "/v1/cart-rules/good")["status"] == "draft"
    assert author.discount() == "0.00"


def test_every_unknown_or_repeated_name_is_pointed_at(author: Author) -> None:
    one = author.made("PUT", "/v1/cart-rules/good", RULE)
    named = [{"kind": "cart-rules", "id": name} for name in ("good", "gone", one["id"])]
    problem = author.refused(422, "POST", "/v1/rulesets", {"publish": named})
    assert _errors(problem) == [
        ("/publish/1/id", "definition_unknown"),
        ("/publish/2/id", "named_twice"),
    ]
    problem = author.refused(422, "POST", "/v1/rulesets", {"note": "nothing"})
    assert _errors(problem) == [("", "nothing_to_publish")]
    problem = author.refused(422, "POST", "/v1/rulesets", {"publish": [], "delete": []})
    assert _errors(problem) == [("/delete", "unknown_field")]


@pytest.mark.parametrize(
    ("kind", "body", "pointer"),
    [
        ("cart-rules", {**RULE, "conditions": {"none": [NAMES_LOYAL]}}, "/conditions/none/0/value"),
        ("cart-rules", {**RULE, "dynamic_blocks": ["loyal"]}, "/dynamic_blocks/0"),
        ("segments", {**SEGMENT, "conditions": NAMES_LOYAL}, "/conditions/value"),
        ("dynamic-blocks", {**BLOCK, "segments": ["loyal"]}, "/segments/0"),
        ("dynamic-blocks", {**BLOCK, "cart_rules": ["loyal"]}, "/cart_rules/0"),
        (
            "slots",
            {
                "key": "home",
                "name": "Home",
                "source": "specified",
                "blocks": ["loyal"],
                "rotation": "all",
            },
            "/blocks/0",
        ),
    ],
)
def test_what_is_not_live_cannot_be_named(
    author: Author, kind: str, body: dict[str, Any], pointer: str
) -> None:
    draft = author.made("POST", f"/v1/{kind}", body)
    problem = author.refused(422, "POST", f"/v1/{kind}/{draft['id']}/publish")
    assert _errors(problem) == [(f"/body{pointer}", "reference_not_live")]


def test_what_is_named_cannot_be_archived_before_what_names_it(author: Author) -> None:
    author.made("PUT", "/v1/segments/loyal", SEGMENT)
    rule = author.made("PUT", "/v1/cart-rules/ten", {**RULE, "conditions": NAMES_LOYAL})
    author.publish(("segments", "loyal"), ("cart-rules", "ten"))
    problem = author.refused(409, "POST", "/v1/segments/loyal/archive")
    assert (problem["code"], problem["by"]) == ("referenced_by", [rule["id"]])
    assert author.made("POST", "/v1/segments/loyal/pause")["status"] == "paused"
    both = [{"kind": "segments", "id": "loyal"}, {"kind": "cart-rules", "id": "ten"}]
    author.made("POST", "/v1/rulesets", {"archive": both})
    assert author.made("GET", "/v1/rulesets/3")["entries"] == []


def test_a_draft_that_names_nothing_live_does_not_hold_anything(author: Author) -> None:
    author.made("PUT", "/v1/segments/loyal", SEGMENT)
    author.publish(("segments", "loyal"))
    author.made("PUT", "/v1/cart-rules/ten", {**RULE, "conditions": NAMES_LOYAL})
    assert author.made("POST", "/v1/segments/loyal/archive")["status"] == "archived"


def test_segments_in_a_circle_are_refused(author: Author) -> None:
    for one, other in (("a", "b"), ("b", "a")):
        tree = {"attribute": "shopper.segments", "operator": "contains", "value": other}
        author.made("PUT", f"/v1/segments/{one}", {**SEGMENT, "conditions": tree})
    named = [{"kind": "segments", "id": key} for key in ("a", "b")]
    problem = author.refused(422, "POST", "/v1/rulesets", {"publish": named})
    found = [(error["code"], error["pointer"]) for error in problem["errors"]]
    assert found == [("segment_cycle", "/publish/0/body/conditions")]
    assert _revision(author) == 0


def test_rules_that_say_different_things_of_one_group_are_refused(author: Author) -> None:
    for key, mode in (("ten", "best"), ("other", "first"), ("alike", "best")):
        group = {"name": "Offers", "mode": mode, "per": "line"}
        author.made("PUT", f"/v1/cart-rules/{key}", {**RULE, "group": group})
    author.publish(("cart-rules", "ten"), ("cart-rules", "alike"))
    refused = author.refused(422, "POST", "/v1/cart-rules/other/publish")
    assert _errors(refused) == [("/body/group", "group_contradicts")]
    within = {"name": "All", "mode": "best", "per": "line"}
    outer = {**within, "within": {"name": "Offers", "mode": "best", "per": "line"}}
    inner = {"name": "Offers", "mode": "best", "per": "line", "within": within}
    author.made("PUT", "/v1/cart-rules/outer", {**RULE, "group": outer})
    author.made("PUT", "/v1/cart-rules/inner", {**RULE, "group": inner})
    named = [{"kind": "cart-rules", "id": key} for key in ("outer", "inner")]
    problem = author.refused(422, "POST", "/v1/rulesets", {"publish": named})
    assert ("/publish/1/body/group/name", "group_cycle") in _errors(problem)
    assert _revision(author) == 1


def test_a_rule_that_can_never_apply_is_told_while_it_is_written(author: Author) -> None:
    hours = [
        {"attribute": "time.hour", "operator": "<", "value": 8},
        {"attribute": "time.hour", "operator": ">=", "value": 20},
    ]
    draft = {**RULE, "conditions": {"all": hours}}
    problem = author.refused(422, "PUT", "/v1/cart-rules/night", draft)
    assert _errors(problem) == [("/conditions/all/1", "unreachable")]


def test_asking_for_what_is_so_already_makes_no_revision(author: Author) -> None:
    author.made("PUT", "/v1/cart-rules/ten", RULE)
    first = author.publish(("cart-rules", "ten"))
    answer = author.call("POST", "/v1/rulesets", {"publish": [{"kind": "cart-rules", "id": "ten"}]})
    assert (answer.status_code, answer.json) == (200, first)
    author.made("POST", "/v1/cart-rules/ten/pause")
    author.made("POST", "/v1/cart-rules/ten/pause")
    assert _revision(author) == 2


def test_a_draft_is_neither_paused_nor_archived(author: Author) -> None:
    author.made("PUT", "/v1/cart-rules/ten", RULE)
    for verb in ("pause", "resume", "archive"):
        assert author.refused(409, "POST", f"/v1/cart-rules/ten/{verb}")["code"] == "not_live"
    author.refused(404, "POST", "/v1/cart-rules/gone/publish")


def test_a_paused_rule_gives_nothing_and_publishing_resumes_it(author: Author) -> None:
    author.made("PUT", "/v1/cart-rules/ten", RULE)
    author.publish(("cart-rules", "ten"))
    author.made("POST", "/v1/cart-rules/ten/pause")
    assert author.discount() == "0.00"
    author.publish(("cart-rules", "ten"))
    assert author.discount() == "10.00"


def test_more_than_decisions_can_bear_is_not_published(
    author: Author, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(soundness.LIVE_MAX, "segments", 2)
    for key in ("a", "b", "c"):
        author.made("PUT", f"/v1/segments/{key}", SEGMENT)
    author.publish(("segments", "a"), ("segments", "b"))
    problem = author.refused(409, "POST", "/v1/segments/c/publish")
    assert (problem["code"], problem["limit"]) == ("too_many_live", 2)
    named = {"archive": [{"kind": "segments", "id": "a"}]}
    author.publish(("segments", "c"), **named)


def test_a_thousand_rules_are_one_revision(author: Author) -> None:
    for number in range(1_000):
        body = {**RULE, "name": f"Rule {number}", "conditions": _subtotal(1_000 + number)}
        author.made("PUT", f"/v1/cart-rules/r{number}", body)
    made = author.publish(*[("cart-rules", f"r{number}") for number in range(1_000)])
    assert made["revision"] == 1
    assert len(author.made("GET", "/v1/rulesets/1")["entries"]) == 1_000
    author.made("PUT", "/v1/cart-rules/one", RULE)
    author.publish(("cart-rules", "one"))
    deadline = time.monotonic() + 60  # so many are compiled beside the requests
    while author.discount() != "10.00":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert len(author.made("GET", "/v1/rulesets/1")["entries"]) == 1_000


def test_revisions_are_listed_newest_first(author: Author) -> None:
    author.made("PUT", "/v1/cart-rules/ten", RULE)
    author.publish(("cart-rules", "ten"))
    for verb in ("pause", "resume"):
        author.made("POST", f"/v1/cart-rules/ten/{verb}", {"note": verb})
    page = author.made("GET", "/v1/rulesets?limit=2")
    assert [one["note"] for one in page["items"]] == ["resume", "pause"]
    rest = author.made("GET", f"/v1/rulesets?limit=2&cursor={page['next_cursor']}")
    assert [one["revision"] for one in rest["items"]] == [1]
    author.refused(404, "GET", "/v1/rulesets/9")
    author.refused(404, "GET", "/v1/rulesets/x")


def _subtotal(amount: int) -> dict[str, Any]:
    return {"attribute": "cart.subtotal", "operator": ">=", "value": f"{amount}.00"}

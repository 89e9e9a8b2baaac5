"""A definition from draft to archive."""

from __future__ import annotations

import pytest

from aggregates.definition import PREFIXES
from aggregates.kernel.clock import DAY
from aggregates.kernel.clock import format_moment
from app.http.definitions import NOT_BUILT
from tests.authors import BLOCK
from tests.authors import RULE
from tests.authors import SEGMENT
from tests.authors import Author
from tests.fakes import SettableClock

SLOT = {"key": "home", "name": "Home", "source": "cart_rules", "rotation": "all"}
RANKING = {"category": "men/shoes", "ranking": {"strategy": "most-viewed"}}
UNIT = {"name": "Top", "page_type": "home", "type": "most-viewed", "label": "Top"}
BODIES = {
    "cart-rules": RULE,
    "segments": SEGMENT,
    "dynamic-blocks": BLOCK,
    "slots": SLOT,
    "category-rankings": RANKING,
    "recommendation-units": UNIT,
}


@pytest.mark.parametrize("kind", sorted(PREFIXES))
def test_each_kind_goes_through_the_same_life(author: Author, kind: str) -> None:
    draft = author.call("POST", f"/v1/{kind}", BODIES[kind])
    assert draft.status_code == 201
    made = draft.json
    assert made["id"] == f"{PREFIXES[kind]}_0000000001"
    assert draft.headers["Location"] == f"/v1/{kind}/{made['id']}"
    assert draft.headers["ETag"] == '"1"'
    assert (made["status"], made["live_version"], made["has_draft_changes"]) == (
        "draft",
        None,
        True,
    )
    path = f"/v1/{kind}/{made['id']}"
    lives = {
        verb: author.made("POST", f"{path}/{verb}")
        for verb in ("publish", "pause", "resume", "archive")
    }
    assert [one["status"] for one in lives.values()] == ["live", "paused", "live", "archived"]
    assert [one["revision"] for one in lives.values()] == [1, 2, 3, 4]
    assert author.made("GET", path)["status"] == "archived"
    assert author.made("POST", f"{path}/publish")["status"] == "live"


def test_an_edit_never_touches_the_live_version(author: Author) -> None:
    author.made("PUT", "/v1/cart-rules/ten", RULE)
    author.publish(("cart-rules", "ten"))
    assert author.discount() == "10.00"
    body = {**RULE, "action": {"type": "percent", "amount": "90"}}
    edited = author.made("PUT", "/v1/cart-rules/ten", body, If_Match='"1"')
    assert (edited["version"], edited["live_version"], edited["has_draft_changes"]) == (2, 1, True)
    assert edited["status"] == "live"
    assert author.discount() == "10.00"
    author.publish(("cart-rules", "ten"))
    assert author.discount() == "90.00"


def test_an_older_version_can_be_published_again(author: Author) -> None:
    author.made("PUT", "/v1/cart-rules/ten", RULE)
    author.made("PUT", "/v1/cart-rules/ten", {**RULE, "priority": 11}, If_Match='"1"')
    author.publish(("cart-rules", "ten"))
    one = author.made("POST", "/v1/cart-rules/ten/publish", {"version": 1})
    assert (one["version"], one["live_version"]) == (2, 1)
    items = author.made("GET", "/v1/cart-rules/ten/versions")["items"]
    assert [(item["version"], item["live"]) for item in items] == [(2, False), (1, True)]
    assert [item["body"]["priority"] for item in items] == [11, 10]
    problem = author.refused(422, "POST", "/v1/cart-rules/ten/publish", {"version": 3})
    assert problem["errors"][0]["code"] == "version_unknown"


def test_an_edit_needs_the_version_it_was_made_from(author: Author) -> None:
    author.made("PUT", "/v1/segments/all", SEGMENT)
    changed = {**SEGMENT, "name": "Everybody"}
    path = "/v1/segments/all"
    assert author.refused(428, "PUT", path, changed)["code"] == "if_match_required"
    assert author.refused(412, "PUT", path, changed, If_Match='"2"')["code"] == "version_stale"
    assert author.refused(412, "PUT", path, changed, If_Match='W/"1"')["code"] == "version_stale"
    assert author.refused(400, "PUT", path, changed, If_Match="1")["code"] == "invalid_header"
    assert author.made("PUT", path, changed, If_Match='"9", "1"')["version"] == 2
    assert author.made("PUT", path, SEGMENT, If_Match="*")["version"] == 3
    author.refused(412, "PUT", "/v1/segments/none", SEGMENT, If_Match='"1"')


def test_the_same_body_again_saves_nothing(author: Author) -> None:
    first = author.made("PUT", "/v1/segments/all", SEGMENT)
    again = author.made("PUT", "/v1/segments/all", SEGMENT, If_Match='"1"')
    assert again == first


def test_a_key_is_unique_in_its_kind_and_fixed(author: Author) -> None:
    first = author.made("POST", "/v1/segments", {**SEGMENT, "key": "all"})
    assert author.refused(409, "POST", "/v1/segments", {**SEGMENT, "key": "all"})["code"] == (
        "key_taken"
    )
    author.made("POST", "/v1/cart-rules", {**RULE, "key": "all"})
    assert author.made("GET", "/v1/segments/all") == author.made(
        "GET", f"/v1/segments/{first['id']}"
    )
    problem = author.refused(
        409, "PUT", "/v1/segments/all", {**SEGMENT, "key": "other"}, If_Match='"1"'
    )
    assert problem["code"] == "key_is_fixed"
    keyless = author.made("POST", "/v1/segments", SEGMENT)
    path = f"/v1/segments/{keyless['id']}"
    assert author.refused(409, "PUT", path, {**SEGMENT, "key": "all"}, If_Match='"1"')["code"] == (
        "key_taken"
    )
    assert author.made("PUT", path, {**SEGMENT, "key": "late"}, If_Match='"1"')["key"] == "late"


def test_only_what_was_never_published_is_deleted(author: Author) -> None:
    author.made("PUT", "/v1/segments/all", SEGMENT)
    author.refused(428, "DELETE", "/v1/segments/all")
    author.made("DELETE", "/v1/segments/all", If_Match='"1"')
    author.refused(404, "GET", "/v1/segments/all")
    again = author.made("PUT", "/v1/segments/all", SEGMENT)
    assert again["id"] == "seg_0000000002", "no id is given twice"
    author.publish(("segments", "all"))
    author.made("POST", "/v1/segments/all/archive")
    assert author.refused(409, "DELETE", "/v1/segments/all", If_Match='"1"')["code"] == (
        "was_published"
    )


def test_status_follows_the_schedule(author: Author, clock: SettableClock) -> None:
    author.made("PUT", "/v1/cart-rules/ten", RULE)
    day = {
        "starts_at": format_moment(clock.now() + DAY),
        "ends_at": format_moment(clock.now() + 2 * DAY),
    }
    made = author.made("POST", "/v1/cart-rules/ten/publish", day)
    assert (made["status"], made["starts_at"]) == ("scheduled", day["starts_at"])
    assert author.discount() == "0.00"
    clock.advance(DAY)
    assert author.made("GET", "/v1/cart-rules/ten")["status"] == "live"
    assert author.discount() == "10.00"
    clock.advance(DAY)
    assert author.made("GET", "/v1/cart-rules/ten")["status"] == "expired"
    assert author.discount() == "0.00"
    turned = {"starts_at": day["ends_at"], "ends_at": day["starts_at"]}
    author.refused(422, "POST", "/v1/cart-rules/ten/publish", turned)


def test_status_follows_the_local_days_of_the_live_body(author: Author) -> None:
    author.made("PUT", "/v1/cart-rules/ten", {**RULE, "to_date": "2020-01-01"})
    assert author.made("POST", "/v1/cart-rules/ten/publish")["status"] == "expired"
    author.made("PUT", "/v1/cart-rules/ten", RULE, If_Match='"1"')
    assert author.made("GET", "/v1/cart-rules/ten")["status"] == "expired"


def test_lists_are_pages_in_order_of_creation(author: Author) -> None:
    for number in range(5):
        author.made("POST", "/v1/segments", {**SEGMENT, "name": f"Segment {number}"})
    seen = []
    path = "/v1/segments?limit=2"
    while True:
        page = author.made("GET", path)
        seen += [item["body"]["name"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        path = f"/v1/segments?limit=2&cursor={page['next_cursor']}"
    assert seen == [f"Segment {number}" for number in range(5)]


@pytest.mark.parametrize("kind", NOT_BUILT)
def test_a_kind_that_is_not_built_says_so(author: Author, kind: str) -> None:
    for method, path in (
        ("GET", f"/v1/{kind}"),
        ("POST", f"/v1/{kind}"),
        ("PUT", f"/v1/{kind}/x"),
        ("POST", f"/v1/{kind}/x/publish"),
    ):
        body = None if method == "GET" else {}
        assert author.refused(404, method, path, body)["code"] == "kind_not_available"


def test_a_repeated_request_with_a_key_is_answered_from_what_it_did(author: Author) -> None:
    first = author.made("POST", "/v1/cart-rules", RULE, Idempotency_Key="one")
    again = author.call("POST", "/v1/cart-rules", RULE, Idempotency_Key="one")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json == first
    assert again.headers["ETag"] == '"1"'
    path = f"/v1/cart-rules/{first['id']}/publish"
    published = author.made("POST", path, Idempotency_Key="two")
    assert author.made("POST", path, Idempotency_Key="two") == published
    assert author.made("GET", "/v1/rulesets")["items"][0]["revision"] == 1


def test_attributes_are_the_table_that_conditions_are_read_by(author: Author) -> None:
    names = {item["name"] for item in author.made("GET", "/v1/attributes")["items"]}
    assert {"cart.subtotal", "shopper.segments", "line.sku"} <= names

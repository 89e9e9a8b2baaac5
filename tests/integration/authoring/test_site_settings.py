"""A site's settings over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.site import SiteSettings
from tests.authors import RULE
from tests.authors import SEGMENT
from tests.authors import Author


def test_a_new_site_has_the_defaults(author: Author) -> None:
    assert author.made("GET", "/v1/site") == SiteSettings(name="shop").to_json()


def test_what_is_left_out_takes_its_default(author: Author) -> None:
    author.made("PUT", "/v1/site", {"name": "Shop", "max_coupons": 3})
    made = author.made("PUT", "/v1/site", {"base_currency": "EUR"})
    assert made.pop("log_position") > 0
    assert made == SiteSettings(base_currency="EUR").to_json() == author.made("GET", "/v1/site")


def test_the_same_settings_are_no_event(author: Author) -> None:
    first = author.made("PUT", "/v1/site", {"name": "Shop"})
    assert author.made("PUT", "/v1/site", {"name": "Shop"}) == first


def test_if_match_guards_against_settings_that_were_not_seen(author: Author) -> None:
    seen = author.call("GET", "/v1/site").headers["ETag"]
    made = author.call("PUT", "/v1/site", {"max_coupons": 2}, If_Match=seen)
    assert (made.status_code, made.headers["ETag"]) == (200, f'"{made.json["log_position"]}"')
    author.made("PUT", "/v1/cart-rules/ten", RULE)  # the log goes on, the settings do not
    assert author.call("GET", "/v1/site").headers["ETag"] == made.headers["ETag"]
    for wanted in ({"max_coupons": 3}, {"max_coupons": 2}):
        stale = author.refused(412, "PUT", "/v1/site", wanted, If_Match=seen)
        assert stale["code"] == "version_stale"
    again = author.call("PUT", "/v1/site", {"max_coupons": 2}, If_Match=made.headers["ETag"])
    assert again.headers["ETag"] == made.headers["ETag"]
    author.made("PUT", "/v1/site", {"max_coupons": 4}, If_Match="*")
    author.made("PUT", "/v1/site", {"max_coupons": 5})
    assert author.made("GET", "/v1/site")["max_coupons"] == 5


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("base_currency", "XXX", "unknown_currency"),
        ("time_zone", "Mars/Olympus", "unknown_time_zone"),
        ("history_days", 401, "out_of_range"),
        ("history_days", 0, "out_of_range"),
        ("history_days", True, "wrong_type"),
        ("max_coupons", -1, "out_of_range"),
        ("consent", "maybe", "not_one_of"),
        ("seal_search_phrases", "no", "wrong_type"),
        ("counted_properties", ["x"] * 51, "too_long"),
        ("colour", "red", "unknown_field"),
    ],
)
def test_a_wrong_setting_is_pointed_at(author: Author, field: str, value: Any, code: str) -> None:
    problem = author.refused(422, "PUT", "/v1/site", {field: value})
    assert [(one["pointer"], one["code"]) for one in problem["errors"]] == [(f"/{field}", code)]


def test_the_base_currency_of_what_is_live_stays(author: Author) -> None:
    author.made("PUT", "/v1/cart-rules/ten", RULE)
    author.publish(("cart-rules", "ten"))
    problem = author.refused(409, "PUT", "/v1/site", {"base_currency": "EUR"})
    assert problem["code"] == "settings_in_use"
    author.made("POST", "/v1/cart-rules/ten/archive")
    author.made("PUT", "/v1/site", {"base_currency": "EUR"})


def test_settings_under_which_a_live_definition_has_no_meaning_are_refused(
    author: Author,
) -> None:
    tree = {"history": "Product Viewed", "within_days": 300, "operator": ">=", "value": 1}
    segment = author.made("PUT", "/v1/segments/old", {**SEGMENT, "conditions": tree})
    author.publish(("segments", "old"))
    problem = author.refused(409, "PUT", "/v1/site", {"history_days": 200})
    assert problem["by"] == [segment["id"]]


def test_a_draft_is_judged_again_when_it_is_published(author: Author) -> None:
    tree = {"history": "Product Viewed", "within_days": 300, "operator": ">=", "value": 1}
    author.made("PUT", "/v1/segments/old", {**SEGMENT, "conditions": tree})
    author.made("PUT", "/v1/site", {"history_days": 200})
    problem = author.refused(422, "POST", "/v1/segments/old/publish")
    assert problem["errors"][0]["pointer"] == "/body/conditions/within_days"

"""Who did what: every change of an author, with who, why, and what was before and after."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.kernel.ids import SiteId
from tests.authors import RULE
from tests.authors import SEGMENT
from tests.authors import Author
from tests.coupon_processes import fill

SITE = SiteId("shop")


def _listed(author: Author, query: str = "") -> list[dict[str, Any]]:
    author.services.follower.catch_up(SITE)
    items: list[dict[str, Any]] = author.made("GET", f"/v1/changes{query}")["items"]
    return items


def _one(author: Author, position: int) -> dict[str, Any]:
    return author.made("GET", f"/v1/changes/{position}")


def test_each_act_on_a_rule_says_who_and_why(author: Author) -> None:
    author.made("PUT", "/v1/cart-rules/ten?note=spring", RULE)
    author.made("PUT", "/v1/cart-rules/ten?note=more", {**RULE, "priority": 5}, If_Match='"1"')
    author.made("POST", "/v1/cart-rules/ten/publish", {"note": "go"})
    author.made("POST", "/v1/cart-rules/ten/pause", {"note": "wrong price"})
    author.made("POST", "/v1/cart-rules/ten/resume?note=mended")
    author.made("POST", "/v1/cart-rules/ten/archive")
    draft = author.made("POST", "/v1/segments?note=try", SEGMENT)
    author.made("DELETE", f"/v1/segments/{draft['id']}?note=no+use", If_Match='"1"')

    told = [(item["act"], item["note"]) for item in _listed(author) if item["kind"] != "keys"]
    assert told[::-1] == [
        ("opened", None),
        ("drafted", "spring"),
        ("revised", "more"),
        ("published", "go"),
        ("paused", "wrong price"),
        ("resumed", "mended"),
        ("archived", None),
        ("drafted", "try"),
        ("deleted", "no use"),
    ]
    assert {item["actor"] for item in _listed(author, "?kind=cart-rules")} == {author.key_id}
    assert {item["actor"] for item in _listed(author, "?kind=site")} == {"command-line"}


def test_a_change_shows_before_and_after_and_what_differs(author: Author) -> None:
    author.made("PUT", "/v1/cart-rules/ten", RULE)
    edited = {**RULE, "action": {"type": "percent", "amount": "20"}}
    position = author.made("PUT", "/v1/cart-rules/ten", edited, If_Match='"1"')["log_position"]
    author.made("POST", "/v1/cart-rules/ten/publish")

    change = _one(author, position)
    assert change["before"]["body"]["action"]["amount"] == "10"
    assert change["after"]["body"]["action"]["amount"] == "20"
    assert {one["path"]: (one["before"], one["after"]) for one in change["changes"]} == {
        "/body/action/amount": ("10", "20"),
        "/version": (1, 2),
    }
    (published,) = _listed(author, "?act=published")
    live = _one(author, published["log_position"])
    assert (live["before"]["live_body"], live["after"]["live_body"]["action"]["amount"]) == (
        None,
        "20",
    )


def test_settings_keys_and_codes_are_changes_too(author: Author) -> None:
    rule = {**RULE, "coupon": {"type": "generated"}}
    author.made("PUT", "/v1/cart-rules/codes", rule)
    author.made("PUT", "/v1/site?note=more+codes", {"name": "Shop", "max_coupons": 3})
    key = author.made("POST", "/v1/keys?note=the+till", {"name": "till", "scopes": ["decide"]})
    author.made("DELETE", f"/v1/keys/{key['key_id']}?note=lost")
    asked = {"quantity": 5, "length": 12, "format": "alphanumeric"}
    author.made("POST", "/v1/cart-rules/codes/coupons/generate?note=mailing", asked)

    items = {(item["kind"], item["act"], item["note"]): item for item in _listed(author)}
    settings = _one(author, items["site", "changed", "more codes"]["log_position"])
    assert (settings["before"]["max_coupons"], settings["after"]["max_coupons"]) == (1, 3)
    revoked = _one(author, items["keys", "revoked", "lost"]["log_position"])
    assert [one["path"] for one in revoked["changes"]] == ["/revoked"]
    batch = _one(author, items["coupons", "asked", "mailing"]["log_position"])
    assert batch["after"]["quantity"] == 5
    assert "seed" not in batch["after"]


def test_the_list_is_filtered_and_paged(author: Author, colleague: Author) -> None:
    author.made("PUT", "/v1/cart-rules/ten", RULE)
    colleague.made("PUT", "/v1/cart-rules/ten", {**RULE, "priority": 5}, If_Match='"1"')

    mine = _listed(author, f"?actor={colleague.key_id}")
    assert [(item["kind"], item["act"]) for item in mine] == [("cart-rules", "revised")]
    assert [item["act"] for item in _listed(author, f"?id={mine[0]['id']}&act=drafted")] == [
        "drafted"
    ]
    assert _listed(author, "?from=2027-01-01T00:00:00Z") == []
    page = author.made("GET", "/v1/changes?limit=1")
    other = author.made("GET", f"/v1/changes?limit=1&cursor={page['next_cursor']}")
    assert page["items"][0]["log_position"] > other["items"][0]["log_position"]


def test_codes_that_are_deleted_were_there_before(author: Author) -> None:
    author.made("PUT", "/v1/cart-rules/codes", {**RULE, "coupon": {"type": "generated"}})
    asked = {"quantity": 2, "length": 12, "format": "alphanumeric"}
    author.made("POST", "/v1/cart-rules/codes/coupons/generate", asked)
    fill(author.services)
    codes = [one["code"] for one in author.made("GET", "/v1/cart-rules/codes/coupons")["items"]]
    author.made("POST", "/v1/cart-rules/codes/coupons/delete?note=leak", {"codes": codes})

    (deleted,) = _listed(author, "?kind=coupons&act=deleted")
    change = _one(author, deleted["log_position"])
    assert (change["actor"], change["note"]) == (author.key_id, "leak")
    assert change["before"] == {**change["after"], "codes": sorted(codes)}
    assert change["after"]["codes"] == []


def test_what_is_no_change_of_an_author_is_unknown(author: Author) -> None:
    assert author.refused(404, "GET", "/v1/changes/999")["code"] == "change_unknown"
    assert author.refused(422, "GET", "/v1/changes?act=sneezed")["code"] == "invalid_input"


def test_a_site_can_ask_for_reasons(author: Author) -> None:
    author.made("PUT", "/v1/site", {"name": "Shop", "notes": "required"})

    problem = author.refused(422, "PUT", "/v1/cart-rules/ten", RULE)
    assert [(one["pointer"], one["code"]) for one in problem["errors"]] == [
        ("/note", "note_required")
    ]
    author.made("PUT", "/v1/cart-rules/ten?note=because", RULE)
    assert author.refused(422, "POST", "/v1/cart-rules/ten/publish")["code"] == "invalid_input"
    author.made("POST", "/v1/cart-rules/ten/publish", {"note": "because"})


BLANK: list[tuple[str, str, dict[str, Any] | None]] = [
    ("POST", "/v1/rulesets", {"publish": [{"kind": "cart-rules", "id": "ten"}], "note": " "}),
    ("POST", "/v1/cart-rules/ten/publish", {"note": ""}),
    ("POST", "/v1/cart-rules/ten/publish?note=+", {"note": "\t"}),
    ("PUT", "/v1/cart-rules/other?note=+", RULE),
]


@pytest.mark.parametrize(("method", "path", "body"), BLANK)
def test_a_blank_note_is_none(
    author: Author, method: str, path: str, body: dict[str, Any] | None
) -> None:
    author.made("PUT", "/v1/cart-rules/ten", RULE)
    author.made("PUT", "/v1/site", {"name": "Shop", "notes": "required"})

    problem = author.refused(422, method, path, body)
    assert problem["errors"][0]["code"] == "note_required"


def test_a_revision_takes_its_reason_from_the_query_as_well(author: Author) -> None:
    author.made("PUT", "/v1/cart-rules/ten", RULE)
    author.made("PUT", "/v1/site", {"name": "Shop", "notes": "required"})

    wanted = {"publish": [{"kind": "cart-rules", "id": "ten"}]}
    assert author.made("POST", "/v1/rulesets?note=spring", wanted)["note"] == "spring"

"""Recommendation units over HTTP: shown with evidence, explained, replayed whatever comes after."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.commands.keys import issued_key
from app.config import Settings
from app.edge.callers import SCOPES
from app.factory import create_app
from app.wiring import build
from tests.authors import Author
from tests.fakes import SettableClock
from tests.training_given import SITE
from tests.training_given import Trainer

PRODUCTS = [
    {"sku": sku, "name": sku, "categories": ["shoes"], "price": "10.00", "currency": "USD"}
    for sku in ("boot", "clog", "mule", "pump")
]
UNITS: dict[str, dict[str, Any]] = {
    "also": {
        "name": "Also viewed",
        "page_type": "product",
        "type": "viewed-viewed",
        "label": {"default": "Others looked at", "de": "Auch angesehen"},
        "size": 2,
        "position": 1,
    },
    "seen": {
        "name": "Seen",
        "page_type": "product",
        "type": "recently-viewed",
        "label": "You looked at",
        "size": 3,
        "position": 2,
    },
}
ASKED: dict[str, Any] = {
    "page_type": "product",
    "sku": "boot",
    "shopper": {"customer_id": "ada"},
    "context": {},
}
PATH = "/v1/decisions/recommendations"


@pytest.fixture
def shop(database_url: str, tmp_path: Path, clock: SettableClock) -> Iterator[Author]:
    """A shop with four shoes and two units on the product page."""
    settings = Settings.from_environment(
        {"RATIONALE_DATA_DIR": str(tmp_path), "RATIONALE_DATABASE_URL": database_url}
    )
    services = build(settings, clock)
    key = issued_key(services, SITE, tuple(sorted(SCOPES)), "test").token
    author = Author(services, create_app(services).test_client(), key)
    Trainer(services).open()
    author.made("PUT", "/v1/catalog/products", {"products": PRODUCTS})
    for name, body in UNITS.items():
        author.made("PUT", f"/v1/recommendation-units/{name}", body)
    author.publish(*(("recommendation-units", name) for name in UNITS))
    yield author
    services.close()


@pytest.fixture
def trained(shop: Author) -> Author:
    """The same, with sessions in which boots and mules are looked at together."""
    trainer = Trainer(shop.services)
    for number in range(8):
        trainer.views(f"s{number}", "boot", "mule")
        trainer.views(f"t{number}", "clog", "pump")
    trainer.train()
    return shop


def say(shop: Author, event: str, number: int, minutes_ago: int = 5, **properties: Any) -> None:
    message = {
        "type": "track",
        "event": event,
        "messageId": f"m{number}",
        "userId": "ada",
        "timestamp": f"2026-11-23T11:{60 - minutes_ago:02}:00Z",
        "properties": properties,
    }
    answer = shop.made("POST", "/v1/batch", {"batch": [message]})
    assert answer["accepted"] == 1, answer


def ask(shop: Author, **more: Any) -> dict[str, Any]:
    return shop.made("POST", PATH, {**ASKED, **more})


def storefront(shop: Author) -> Author:
    """Who may ask, and not audit."""
    key = issued_key(shop.services, SITE, ("decide",), "checkout").token
    return Author(shop.services, create_app(shop.services).test_client(), key)


def skus(answer: dict[str, Any]) -> list[list[str]]:
    return [[item["sku"] for item in unit["items"]] for unit in answer["units"]]


def assert_replays(shop: Author, answer: dict[str, Any]) -> None:
    for mode in ("recorded", "from_log"):
        path = f"/v1/decisions/{answer['decision_id']}/replay"
        result = shop.made("POST", path, {"mode": mode})
        assert result["identical"], result


def test_units_say_what_they_show_and_what_speaks_for_it(trained: Author) -> None:
    say(trained, "Product Viewed", 1, 9, sku="clog")
    answer = ask(trained)
    also, seen = answer["units"]
    assert (also["unit_id"], also["type"], also["label"]) == (
        "unt_0000000001",
        "viewed-viewed",
        "Others looked at",
    )
    first = also["items"][0]
    assert (first["sku"], first["rank"], first["source"]) == ("mule", 1, "primary")
    assert first["because"] == {"viewed_with": "boot", "sessions": 8}
    assert also["fallback"] == "too_few"
    assert also["items"][1]["source"] == "backup"
    assert also["items"][1]["because"] == {"sessions": 8, "within_days": 7}
    assert "clog" in [item["sku"] for unit in answer["units"] for item in unit["items"]]
    assert answer["model"]["id"] == "mdl_0000000001"
    assert seen["name"] == "Seen"
    assert_replays(trained, answer)


def test_rows_and_tail_tell_the_same_views(shop: Author) -> None:
    for number, sku in enumerate(("clog", "mule", "clog", "pump")):
        say(shop, "Product Viewed", number, 20 - number, sku=sku)
        tail = ask(shop)
        shop.services.follower.catch_up(SITE)
        rows = ask(shop)
        assert skus(tail) == skus(rows)
        assert_replays(shop, tail)
        assert_replays(shop, rows)
    assert skus(rows) == [[], ["pump", "clog", "mule"]]


def test_views_of_a_linked_browser_are_the_customer_s(shop: Author) -> None:
    view = {
        "type": "track",
        "event": "Product Viewed",
        "messageId": "b1",
        "anonymousId": "browser",
        "properties": {"sku": "mule"},
    }
    link = {"type": "identify", "messageId": "b2", "anonymousId": "browser", "userId": "ada"}
    shop.made("POST", "/v1/batch", {"batch": [view]})
    assert skus(ask(shop))[1] == []
    shop.made("POST", "/v1/batch", {"batch": [link]})
    answer = ask(shop)
    assert skus(answer)[1] == ["mule"]
    assert_replays(shop, answer)


def test_what_was_bought_is_left_out_and_only_an_auditor_is_told(trained: Author) -> None:
    order = {"order_id": "1", "currency": "USD", "total": "10.00"}
    say(trained, "Order Completed", 1, **order, products=[{"sku": "mule", "quantity": 1}])
    answer = ask(trained, explain=True)
    assert "mule" not in [sku for unit in skus(answer) for sku in unit]
    dropped = answer["explanation"]["dropped"]
    assert {"unit_id": "unt_0000000001", "sku": "mule", "code": "purchased"} in dropped
    told = trained.made("GET", f"/v1/decisions/{answer['decision_id']}/explanation")
    assert "“Also viewed” leaves out mule: the shopper bought it before." in told["summary"]
    hidden = storefront(trained).made("POST", PATH, {**ASKED, "explain": True})["explanation"]
    assert "purchased" not in str(hidden)
    assert "bought it before" not in str(hidden)


def test_when_a_product_was_viewed_only_an_auditor_is_told(shop: Author) -> None:
    say(shop, "Product Viewed", 1, 9, sku="clog")
    say(shop, "Product Viewed", 2, 7, sku="mule")
    audited = ask(shop, explain=True)
    viewed_at = "2026-11-23T11:53:00.000000Z"
    assert audited["units"][1]["items"][0]["because"] == {"viewed_at": viewed_at}
    assert f"mule (viewed at {viewed_at})" in str(audited["explanation"]["summary"])
    hidden = storefront(shop).made("POST", PATH, {**ASKED, "explain": True})
    for unit in (hidden["units"][1], hidden["explanation"]["units"][1]):
        told = [(one["sku"], one["because"]["viewed_at"], one["score"]) for one in unit["items"]]
        assert told == [("mule", "(profile)", "2"), ("clog", "(profile)", "1")]
    assert "mule (viewed at (profile))" in str(hidden["explanation"]["summary"])
    assert "2026-11-23T11" not in str(hidden["units"]) + str(hidden["explanation"])


def test_units_replay_identically_after_everything_has_changed(trained: Author) -> None:
    say(trained, "Product Viewed", 1, 9, sku="pump")
    before = ask(trained)
    say(trained, "Product Viewed", 2, 3, sku="clog")
    order = {"order_id": "1", "currency": "USD", "total": "10.00"}
    say(trained, "Order Completed", 3, **order, products=[{"sku": "mule", "quantity": 1}])
    trained.made("DELETE", "/v1/catalog/products/pump")
    trainer = Trainer(trained.services)
    for number in range(9):
        trainer.views(f"t{number}", "boot", "clog")
    trainer.train()
    trained.services.models.current(SITE, 2)
    trained.services.models.settle()
    trained.services.follower.catch_up(SITE)
    after = ask(trained)
    assert after["model"]["id"] == "mdl_0000000002"
    assert skus(after) != skus(before)
    for answer in (before, after):
        assert_replays(trained, answer)


def test_a_model_of_the_same_content_is_told_apart_in_a_replay(trained: Author) -> None:
    first = ask(trained)
    Trainer(trained.services).train()
    trained.services.models.current(SITE, 2)
    trained.services.models.settle()
    second = ask(trained)
    assert (first["model"]["id"], second["model"]["id"]) == ("mdl_0000000001", "mdl_0000000002")
    for answer in (first, second):
        assert_replays(trained, answer)


def test_without_a_model_units_say_so(shop: Author) -> None:
    answer = ask(shop)
    assert answer["model"] is None
    assert answer["units"][0]["fallback"] == "no_model"
    assert answer["units"][0]["items"] == []
    told = shop.made("GET", f"/v1/decisions/{answer['decision_id']}/explanation")
    assert "“Also viewed” has no model yet: it shows fewer." in told["summary"]
    assert_replays(shop, answer)


def test_a_store_view_has_its_label(shop: Author) -> None:
    assert ask(shop, context={"store_view": "de"})["units"][0]["label"] == "Auch angesehen"


def test_a_decision_is_found_by_its_unit_and_by_its_kind(shop: Author) -> None:
    decision = ask(shop)["decision_id"]
    shop.services.follower.catch_up(SITE)
    for wanted in ("rule_id=unt_0000000002", "kind=recommendations"):
        found = shop.made("GET", f"/v1/decisions?{wanted}")["items"]
        assert [item["decision_id"] for item in found] == [decision]
    assert shop.made("GET", f"/v1/decisions/{decision}")["answer"]["units"]


def test_a_repeated_key_gets_the_same_units(shop: Author) -> None:
    first = shop.made("POST", PATH, ASKED, Idempotency_Key="k")
    say(shop, "Product Viewed", 1, sku="mule")
    again = shop.call("POST", PATH, ASKED, Idempotency_Key="k")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json == first


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"page_type": "shelf"}, "/page_type", "not_one_of"),
        ({"page_type": None}, "/page_type", "not_null"),
        ({"units": ["x"]}, "/units/0", "unit_unknown"),
        ({"units": "also"}, "/units", "wrong_type"),
        ({"units": ["a"] * 26}, "/units", "too_long"),
        ({"cart_skus": [5]}, "/cart_skus/0", "wrong_type"),
        ({"sku": ""}, "/sku", "wrong_length"),
        ({"size": 5}, "/size", "unknown_field"),
    ],
)
def test_a_wrong_question_is_refused_with_its_place(
    shop: Author, change: dict[str, Any], pointer: str, code: str
) -> None:
    head = shop.services.log.head(SITE).position
    refused = shop.refused(422, "POST", PATH, {**ASKED, **change})
    assert (pointer, code) in {(one["pointer"], one["code"]) for one in refused["errors"]}
    assert shop.services.log.head(SITE).position == head


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"page_type": "home"}, "/type", "type_not_for_page"),
        ({"type": "just-for-you"}, "/type", "not_one_of"),
        ({"size": 21}, "/size", "out_of_range"),
        ({"size": 0}, "/size", "out_of_range"),
        ({"label": ""}, "/label", "wrong_type"),
        ({"label": {"de": "x"}}, "/label/default", "required"),
        (
            {"filters": {"include": [{"attribute": "stock.status", "eq": "in_stock"}]}},
            "/filters/include/0/attribute",
            "exclusion_only",
        ),
        (
            {"filters": {"exclude": [{"attribute": "x", "eq": 1}]}},
            "/filters/exclude/0/attribute",
            "unknown_attribute",
        ),
        ({"filters": {"only": []}}, "/filters/only", "unknown_field"),
        (
            {
                "page_type": "home",
                "type": "trending",
                "filters": {"include": [{"attribute": "categories", "same": True}]},
            },
            "/filters/include/0",
            "not_for_this_page",
        ),
    ],
)
def test_a_wrong_unit_is_refused_with_its_place(
    shop: Author, change: dict[str, Any], pointer: str, code: str
) -> None:
    body = {**UNITS["also"], **change}
    refused = shop.refused(422, "POST", "/v1/recommendation-units", body)
    assert (pointer, code) in {(one["pointer"], one["code"]) for one in refused["errors"]}


def test_a_saved_unit_keeps_its_page_and_its_type(shop: Author) -> None:
    path = "/v1/recommendation-units/also"
    other = {**UNITS["also"], "type": "bought-bought"}
    assert shop.refused(409, "PUT", path, other, If_Match='"1"')["code"] == "type_is_fixed"
    shop.made("PUT", path, {**UNITS["also"], "size": 7}, If_Match='"1"')


def test_a_type_of_page_has_fifty_live_units_at_most(shop: Author) -> None:
    for number in range(49):
        shop.made("PUT", f"/v1/recommendation-units/u{number}", UNITS["seen"])
    named = [{"kind": "recommendation-units", "id": f"u{number}"} for number in range(49)]
    refused = shop.refused(422, "POST", "/v1/rulesets", {"publish": named})
    assert refused["errors"][0]["code"] == "too_many_on_page"
    shop.made("POST", "/v1/rulesets", {"publish": named[1:]})

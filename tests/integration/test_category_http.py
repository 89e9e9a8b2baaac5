"""Category pages over HTTP: ranked, explained, replayed, whatever comes after them."""

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
from tests.authors import SEGMENT
from tests.authors import Author
from tests.fakes import SettableClock
from tests.training_given import SITE
from tests.training_given import Trainer

PRODUCTS = [
    {"sku": sku, "name": sku, "categories": ["men/shoes"], "price": price, "currency": "USD"}
    for sku, price in (("boot", "90.00"), ("clog", "30.00"), ("mule", "40.00"), ("pump", "50.00"))
]
GERMAN = {
    **SEGMENT,
    "name": "German",
    "conditions": {"attribute": "context.country", "operator": "==", "value": "DE"},
}
RANKING: dict[str, Any] = {
    "name": "Shoes",
    "category": "men/shoes",
    "ranking": {"strategy": "most-purchased"},
    "events": [
        {"effect": "pin", "sku": "pump", "position": 1, "segments": ["german"]},
        {"effect": "hide", "sku": "clog"},
    ],
}
ASKED: dict[str, Any] = {
    "category": "men/shoes",
    "shopper": {"customer_id": "ada"},
    "context": {"country": "DE"},
}


@pytest.fixture
def shop(database_url: str, tmp_path: Path, clock: SettableClock) -> Iterator[Author]:
    """A shop with four shoes and a ranking of them."""
    settings = Settings.from_environment(
        {"RATIONALE_DATA_DIR": str(tmp_path), "RATIONALE_DATABASE_URL": database_url}
    )
    services = build(settings, clock)
    key = issued_key(services, SITE, tuple(sorted(SCOPES)), "test").token
    author = Author(services, create_app(services).test_client(), key)
    Trainer(services).open()
    author.made("PUT", "/v1/catalog/products", {"products": PRODUCTS})
    author.made("PUT", "/v1/segments/german", GERMAN)
    author.made("PUT", "/v1/category-rankings/shoes", RANKING)
    author.publish(("segments", "german"), ("category-rankings", "shoes"))
    yield author
    services.close()


@pytest.fixture
def trained(shop: Author) -> Author:
    """The same, once it is known that mules sell best."""
    trainer = Trainer(shop.services)
    for number in range(20):
        trainer.order(f"o{number}", "mule" if number % 3 else "boot")
    trainer.train("most-purchased")
    return shop


def ask(shop: Author, **more: Any) -> dict[str, Any]:
    return shop.made("POST", "/v1/decisions/category", {**ASKED, **more})


def skus(answer: dict[str, Any]) -> list[str]:
    return [item["sku"] for item in answer["items"]]


def assert_replays(shop: Author, answer: dict[str, Any]) -> None:
    for mode in ("recorded", "from_log"):
        path = f"/v1/decisions/{answer['decision_id']}/replay"
        result = shop.made("POST", path, {"mode": mode})
        assert result["identical"], result


def test_a_page_is_ranked_by_sales_and_by_hand_and_says_so(trained: Author) -> None:
    answer = ask(trained)
    assert answer["items"] == [
        {
            "sku": "pump",
            "position": 1,
            "score": "0",
            "moved_by": [{"rule_id": "cat_0000000001", "effect": "pin"}],
        },
        {
            "sku": "mule",
            "position": 2,
            "score": "5",
            "moved_by": [{"rule_id": "cat_0000000001", "effect": "most-purchased"}],
        },
        {
            "sku": "boot",
            "position": 3,
            "score": "2.69231",
            "moved_by": [{"rule_id": "cat_0000000001", "effect": "most-purchased"}],
        },
    ]
    assert answer["total"] == 3
    ranking = {"strategy": "most-purchased", "rule_id": "cat_0000000001", "inherited": False}
    assert answer["ranking"] == ranking
    assert_replays(trained, answer)


def test_an_explanation_tells_every_event(trained: Author) -> None:
    path = f"/v1/decisions/{ask(trained)['decision_id']}/explanation"
    told = trained.made("GET", path)
    assert told["summary"] == [
        "The shopper is in the segment “German”.",
        "“Shoes” orders the category by what is most purchased.",
        "What moved products up: mule (in 13 orders of 7 days), boot (in 7 orders of 7 days).",
        "The product pump is pinned to place 1 because of the segment “German”.",
        "The product clog is hidden.",
    ]
    mule = told["items"][1]
    assert (mule["sku"], mule["position"], mule["signal"]) == ("mule", 2, 13)
    french = trained.made("POST", "/v1/decisions/category", {**ASKED, "context": {"country": "FR"}})
    told = trained.made("GET", f"/v1/decisions/{french['decision_id']}/explanation")
    assert skus(french) == ["mule", "boot", "pump"]
    assert told["summary"][3] == (
        "The product pump is not pinned: the shopper is in none of its segments."
    )
    assert told["events"][0] == {
        "effect": "pin",
        "sku": "pump",
        "position": 1,
        "code": "segment_missing",
    }


def test_an_explanation_claims_no_move_that_did_not_happen(shop: Author) -> None:
    def told(**more: Any) -> list[str]:
        decision = ask(shop, **more)["decision_id"]
        sentences: list[str] = shop.made("GET", f"/v1/decisions/{decision}/explanation")["summary"]
        return sentences[1:]

    shop.made("DELETE", "/v1/catalog/products/pump")
    assert told()[-2:] == [
        "The product pump is not pinned: it is not among the products of this page's results.",
        "The product clog is hidden.",
    ]
    assert told(sort=[{"attribute": "price"}]) == [
        "The products stand in the order that was asked for, where no ranking counts."
    ]
    assert told(category="nowhere") == ["No product is in a category “nowhere”."]


def test_an_auditor_sees_which_model_was_asked(trained: Author) -> None:
    decision = ask(trained)["decision_id"]
    (model,) = trained.made("GET", f"/v1/decisions/{decision}")["models"]
    assert model["id"] == "mdl_0000000001"
    assert len(model["digest"]) == 64
    refused = trained.refused(422, "GET", "/v1/decisions?kind=category-rankings")
    assert refused["errors"][0]["code"] == "not_one_of"


def test_a_page_replays_identically_after_everything_has_changed(trained: Author) -> None:
    before = [ask(trained), ask(trained, sort=[{"attribute": "price", "direction": "desc"}])]
    before.append(ask(trained, filter=[{"attribute": "price", "range": {"to": "60.00"}}]))
    assert [skus(answer) for answer in before] == [
        ["pump", "mule", "boot"],
        ["boot", "pump", "mule", "clog"],
        ["pump", "mule"],
    ]
    trained.made("DELETE", "/v1/catalog/products/mule")
    cheaper = {**PRODUCTS[0], "price": "1.00"}
    new = {**PRODUCTS[0], "sku": "sock", "name": "sock"}
    trained.made("PUT", "/v1/catalog/products", {"products": [cheaper, new]})
    trainer = Trainer(trained.services)
    for number in range(40):
        trainer.order(f"later{number}", "boot")
    trainer.train("most-purchased")
    trained.services.models.current(SITE, 2)
    trained.services.models.settle()
    changed = {**RANKING, "events": []}
    trained.made("PUT", "/v1/category-rankings/shoes", changed, If_Match='"1"')
    trained.publish(("category-rankings", "shoes"))
    after = ask(trained)
    assert skus(after) == ["boot", "clog", "pump", "sock"]
    for answer in (*before, after):
        assert_replays(trained, answer)


def test_a_product_is_on_the_page_the_moment_it_is_listed(shop: Author) -> None:
    assert "sock" not in skus(ask(shop))
    new = {**PRODUCTS[0], "sku": "sock", "name": "sock"}
    shop.made("PUT", "/v1/catalog/products", {"products": [new]})
    assert "sock" in skus(ask(shop))
    shop.made("DELETE", "/v1/catalog/products/sock")
    assert "sock" not in skus(ask(shop))
    shop.made("PUT", "/v1/catalog/products", {"products": [new]})
    assert skus(ask(shop))[-1] == "sock"


def test_another_process_starts_with_the_same_catalogue(shop: Author) -> None:
    shop.made("DELETE", "/v1/catalog/products/boot")
    answer = ask(shop)
    services = build(shop.services.settings)
    try:
        key = issued_key(services, SITE, ("decide",), "other").token
        other = Author(services, create_app(services).test_client(), key)
        assert ask(other)["items"] == answer["items"]
    finally:
        services.close()


def test_a_decision_is_found_by_the_ranking_that_made_it(shop: Author) -> None:
    decision = ask(shop)["decision_id"]
    shop.services.follower.catch_up(SITE)
    found = shop.made("GET", "/v1/decisions?rule_id=cat_0000000001")["items"]
    assert [item["decision_id"] for item in found] == [decision]
    whole = shop.made("GET", f"/v1/decisions/{decision}")
    assert whole["kind"] == "category"


def test_a_repeated_key_gets_the_same_page(shop: Author) -> None:
    path = "/v1/decisions/category"
    first = shop.made("POST", path, ASKED, Idempotency_Key="k")
    shop.made("DELETE", "/v1/catalog/products/mule")
    again = shop.call("POST", path, ASKED, Idempotency_Key="k")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json == first


def test_a_dry_run_leaves_nothing(shop: Author) -> None:
    head = shop.services.log.head(SITE).position
    assert ask(shop, dry_run=True)["decision_id"] is None
    assert shop.services.log.head(SITE).position == head


def test_a_page_that_is_not_there_leaves_nothing(shop: Author) -> None:
    head = shop.services.log.head(SITE).position
    body = {**ASKED, "page": 2}
    refused = shop.refused(422, "POST", "/v1/decisions/category", body)
    assert refused["errors"][0]["code"] == "page_beyond_last"
    assert shop.services.log.head(SITE).position == head


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"category": None}, "/category", "not_null"),
        ({"category": 5}, "/category", "wrong_type"),
        ({"page": "2"}, "/page", "wrong_type"),
        ({"page_size": 0}, "/page_size", "out_of_range"),
        ({"filter": {}}, "/filter", "wrong_type"),
        ({"filter": [5]}, "/filter/0", "wrong_type"),
        ({"filter": [{"attribute": "x", "eq": 1}]}, "/filter/0/attribute", "unknown_attribute"),
        ({"sort": [{"attribute": "x"}]}, "/sort/0/attribute", "unknown_attribute"),
        ({"strategy": "none"}, "/strategy", "unknown_field"),
        ({"cart": {"cart_id": "c"}}, "/cart/currency", "required"),
    ],
)
def test_a_wrong_question_is_refused_with_its_place(
    shop: Author, change: dict[str, Any], pointer: str, code: str
) -> None:
    refused = shop.refused(422, "POST", "/v1/decisions/category", {**ASKED, **change})
    assert (pointer, code) in {(one["pointer"], one["code"]) for one in refused["errors"]}


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"ranking": {"strategy": "newest"}}, "/ranking/strategy", "not_one_of"),
        ({"ranking": {"strategy": "trending", "boost": 101}}, "/ranking/boost", "out_of_range"),
        ({"ranking": {"strategy": "none", "boost": 5}}, "/ranking/boost", "not_for_this_strategy"),
        ({"category": "/"}, "/category", "empty_value"),
        ({"events": [{"effect": "pin", "sku": "a"}]}, "/events/0/position", "required"),
        (
            {"events": [{"effect": "hide", "sku": "a", "position": 1}]},
            "/events/0/position",
            "not_for_this_effect",
        ),
        (
            {"events": [{"effect": "pin", "sku": "a", "position": 101}]},
            "/events/0/position",
            "out_of_range",
        ),
        (
            {"events": [{"effect": "hide", "sku": "a"}, {"effect": "bury", "sku": "a"}]},
            "/events/1/sku",
            "named_twice",
        ),
        ({"events": [{"effect": "hide", "sku": str(n)} for n in range(26)]}, "/events", "too_long"),
        ({"ranking": None}, "/ranking", "not_null"),
    ],
)
def test_a_wrong_ranking_is_refused_with_its_place(
    shop: Author, change: dict[str, Any], pointer: str, code: str
) -> None:
    refused = shop.refused(422, "POST", "/v1/category-rankings", {**RANKING, **change})
    assert (pointer, code) in {(one["pointer"], one["code"]) for one in refused["errors"]}


def test_a_ranking_without_a_strategy_has_nothing_to_pass_on(shop: Author) -> None:
    body = {"category": "c", "apply_to_subcategories": True}
    refused = shop.refused(422, "POST", "/v1/category-rankings", body)
    assert [one["code"] for one in refused["errors"]] == ["nothing_to_pass_on", "required"]


def test_two_rankings_of_a_category_meet_only_in_different_store_views(shop: Author) -> None:
    second = {"category": "Men/Shoes/", "ranking": {"strategy": "trending"}}
    shop.made("PUT", "/v1/category-rankings/second", second)
    wanted = {"publish": [{"kind": "category-rankings", "id": "second"}]}
    refused = shop.refused(422, "POST", "/v1/rulesets", wanted)
    assert [(one["pointer"], one["code"]) for one in refused["errors"]] == [
        ("/publish/0/body/category", "category_ranked_twice")
    ]
    german = {**RANKING, "store_views": ["de"]}
    shop.made("PUT", "/v1/category-rankings/shoes", german, If_Match='"1"')
    english = {**second, "store_views": ["en"]}
    shop.made("PUT", "/v1/category-rankings/second", english, If_Match='"1"')
    shop.publish(("category-rankings", "shoes"), ("category-rankings", "second"))


def test_a_segment_that_an_event_names_must_be_live_and_stays(shop: Author) -> None:
    other = {
        "category": "hats",
        "events": [{"effect": "hide", "sku": "a", "segments": ["nobody"]}],
    }
    shop.made("PUT", "/v1/category-rankings/hats", other)
    wanted = {"publish": [{"kind": "category-rankings", "id": "hats"}]}
    refused = shop.refused(422, "POST", "/v1/rulesets", wanted)
    assert refused["errors"][0]["pointer"] == "/publish/0/body/events/0/segments/0"
    assert refused["errors"][0]["code"] == "reference_not_live"
    kept = shop.refused(409, "POST", "/v1/segments/german/archive")
    assert kept["code"] == "referenced_by"

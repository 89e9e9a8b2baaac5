"""Explanations over HTTP lead from each value to the events of the log behind it, for auditors."""

from __future__ import annotations

from typing import Any

import pytest

from decisions.messages.catalogue import CATALOGUES
from tests.authors import RULE
from tests.authors import Author
from tests.training_given import SITE
from tests.training_given import Trainer

VIEWED = {"history": "Product Viewed", "within_days": 30, "operator": ">=", "value": 2}
OF_TEA = {"attribute": "product.name", "operator": "==", "value": "Tea"}
CONDITIONS: list[dict[str, Any]] = [
    {"attribute": "shopper.traits.tier", "operator": "==", "value": "gold"},
    {"attribute": "shopper.group", "operator": "==", "value": "vip"},
    {**VIEWED, "where": OF_TEA},
    {"orders": "sum", "operator": ">=", "value": "10.00"},
    {"lines": "found", "where": {"attribute": "line.name", "operator": "==", "value": "Tea"}},
    {"attribute": "shopper.address.any.country", "operator": "==", "value": "GB"},
    {"attribute": "shopper.first_seen_at", "operator": "is_defined"},
]
CART: dict[str, Any] = {
    "cart_id": "c",
    "currency": "USD",
    "lines": [{"line_id": "1", "sku": "TEA", "quantity": 1, "unit_price": "10.00"}],
    "shopper": {"customer_id": "ada"},
}


def told(shop: Author, number: int, kind: str, name: str | None = None, **more: Any) -> int:
    """One message of ada, and its position."""
    message = {"type": kind, "messageId": f"m{number}", "userId": "ada", **more}
    if name is not None:
        message["event"] = name
    position: int = shop.made("POST", "/v1/batch", {"batch": [message]})["log_position"]
    return position


@pytest.fixture
def past(shop: Author) -> dict[str, int]:
    """What ada did, by name of the position; a rule that asks for all of it is live."""
    shop.made("PUT", "/v1/cart-rules/all", {**RULE, "conditions": {"all": CONDITIONS}})
    shop.publish(("cart-rules", "all"))
    listed = {"products": [{"sku": "TEA", "name": "Tea", "price": "10.00", "currency": "USD"}]}
    order = {"order_id": "1", "currency": "USD", "total": "30.00", "products": []}
    found = {
        "listed": shop.made("PUT", "/v1/catalog/products", listed)["log_position"],
        "silver": told(shop, 1, "identify", traits={"tier": "silver"}),
        "gold": told(shop, 2, "identify", traits={"tier": "gold", "address": {"country": "GB"}}),
        "group": told(shop, 3, "group", groupId="vip"),
        "first": told(shop, 4, "track", "Product Viewed", properties={"sku": "TEA"}),
        "other": told(shop, 5, "track", "Product Viewed", properties={"sku": "CUP"}),
        "second": told(shop, 6, "track", "Product Viewed", properties={"sku": "TEA"}),
        "order": told(shop, 7, "track", "Order Completed", properties=order),
    }
    shop.services.follower.catch_up(SITE)
    return found


def origins(explained: dict[str, Any]) -> list[dict[str, Any]]:
    """Where the value of each leaf of the one rule came from."""
    return [leaf["from"] for leaf in explained["rules"][0]["because"]["all"]]


def test_every_value_leads_to_the_events_that_made_it(shop: Author, past: dict[str, int]) -> None:
    answer = shop.made("POST", "/v1/decisions/cart", CART)
    head = answer["log_position"] - 1
    later = told(shop, 8, "identify", traits={"tier": "iron"})
    assert later > answer["log_position"]
    explained = shop.made("GET", f"/v1/decisions/{answer['decision_id']}/explanation")
    assert explained["rules"][0]["fired"] is True
    profile = {"source": "profile", "position": head}
    assert origins(explained) == [
        {**profile, "events": [past["gold"]]},
        {**profile, "events": [past["group"]]},
        {"source": "activity", "position": head, "events": [past["first"], past["second"]]},
        {"source": "orders", "position": head, "events": [past["order"]]},
        {"source": "request", "pointer": "/lines"},
        {**profile, "events": [past["gold"]]},
        {**profile, "events": [past["silver"]]},
    ]
    line = explained["rules"][0]["because"]["all"][4]
    listing = {"source": "catalogue", "sku": "TEA", "position": head, "events": [past["listed"]]}
    assert line["where"]["from"] == listing
    assert line["matching"] == ["1"]


def test_who_may_not_audit_sees_no_value_and_no_event(
    shop: Author, checkout: Author, past: dict[str, int]
) -> None:
    answer = checkout.made("POST", "/v1/decisions/cart", {**CART, "explain": True})
    explained = answer["explanation"]
    assert "facts" not in explained
    personal = [0, 1, 2, 3, 5, 6]
    leaves = explained["rules"][0]["because"]["all"]
    assert [leaves[at]["actual"] for at in personal] == ["(profile)"] * 6
    sources = [leaves[at]["from"]["source"] for at in personal]
    assert sources == ["profile", "profile", "activity", "orders", "profile", "profile"]
    assert "'events':" not in str(explained)
    assert "tier” is (profile) (it had to be gold)" in explained["summary"][0]
    for path in ("", "/explanation"):
        problem = checkout.refused(403, "GET", f"/v1/decisions/{answer['decision_id']}{path}")
        assert problem["code"] == "missing_scope"


def test_a_group_by_registration_is_told_to_auditors_alone(shop: Author, checkout: Author) -> None:
    conditions = {"attribute": "shopper.group", "operator": "==", "value": "general"}
    shop.made("PUT", "/v1/cart-rules/all", {**RULE, "conditions": conditions})
    shop.publish(("cart-rules", "all"))
    answer = checkout.made("POST", "/v1/decisions/cart", {**CART, "explain": True})
    hidden = answer["explanation"]["rules"][0]["because"]
    assert (hidden["actual"], hidden["from"]["source"]) == ("(profile)", "profile")
    path = f"/v1/decisions/{answer['decision_id']}/explanation"
    leaf = shop.made("GET", path)["rules"][0]["because"]
    assert (leaf["actual"], leaf["from"]["source"]) == ("general", "registration")


@pytest.mark.parametrize(
    ("query", "header", "language"),
    [
        ("", "de-CH, en;q=0.5", "de"),
        ("?locale=de", "en", "de"),
        ("?locale=en", "de", "en"),
        ("?locale=tlh", "de", "en"),
        ("", "fr", "en"),
        ("", "", "en"),
    ],
)
def test_an_explanation_speaks_the_language_that_is_asked_for(
    shop: Author, query: str, header: str, language: str
) -> None:
    shop.made("PUT", "/v1/cart-rules/ten", RULE)
    shop.publish(("cart-rules", "ten"))
    decision = shop.made("POST", "/v1/decisions/cart", CART)["decision_id"]
    path = f"/v1/decisions/{decision}/explanation{query}"
    answer = shop.call("GET", path, Accept_Language=header)
    texts = CATALOGUES[language]
    amount = texts.amount("1.00", "USD")
    why = texts.text("leaf.no_conditions")
    expected = texts.text("told.took_off", rule="Ten percent", amount=amount, why=why)
    assert (answer.json or {})["summary"] == [expected]
    assert answer.headers["Content-Language"] == language
    assert answer.headers["Vary"] == "Accept-Language"


UNIT: dict[str, Any] = {
    "name": "Popular",
    "page_type": "home",
    "type": "most-viewed",
    "label": "Popular",
    "size": 2,
    "filters": {"exclude": [{"attribute": "categories", "eq": "secret"}]},
}
SHOES = [
    {"sku": sku, "name": sku, "categories": categories, "price": "10.00", "currency": "USD"}
    for sku, categories in (
        ("boot", ["shoes"]),
        ("clog", ["secret"]),
        ("mule", ["shoes"]),
        ("pump", ["shoes"]),
    )
]


def test_a_recommended_product_tells_its_counts_and_what_the_filters_took(shop: Author) -> None:
    shop.made("PUT", "/v1/catalog/products", {"products": SHOES})
    shop.made("PUT", "/v1/recommendation-units/popular", UNIT)
    shop.publish(("recommendation-units", "popular"))
    trainer = Trainer(shop.services)
    for number in range(4):
        trainer.views(f"s{number}", "clog", "boot", *(["mule"] if number else []))
    mine = told(
        shop, 1, "track", "Product Viewed", properties={"sku": "boot"}
    )  # counted: it is before the training
    trainer.views("x", "gone")
    trainer.views("y", "gone", "clog", "boot")
    report = trainer.train()
    assert report is not None
    model = trainer.newest()
    assert model is not None
    later = told(shop, 2, "track", "Product Viewed", properties={"sku": "boot"})
    assert later > model.trained_to
    question = {"page_type": "home", "shopper": {"customer_id": "ada"}}
    answer = shop.made("POST", "/v1/decisions/recommendations", question)
    explained = shop.made("GET", f"/v1/decisions/{answer['decision_id']}/explanation")
    assert explained["model"]["log_position"] == model.trained_to
    (unit,) = explained["units"]
    first = unit["items"][0]
    assert (first["sku"], first["type"], first["because"]["sessions"]) == ("boot", "most-viewed", 6)
    assert first["events"]["own"] == {"events": [mine]}
    assert first["events"]["upto_position"] == model.trained_to
    removed = [(one["sku"], one["code"], one.get("filter")) for one in unit["removed"]]
    assert removed == [("clog", "excluded", {"attribute": "categories", "eq": "secret"})]
    assert unit["removed"][0]["detail"] in explained["summary"]


def test_a_ranked_product_tells_its_base_score_and_the_orders_behind_it(shop: Author) -> None:
    shop.made("PUT", "/v1/catalog/products", {"products": SHOES})
    events = [{"effect": "boost", "sku": "pump"}]
    ranking = {
        "name": "Shoes",
        "category": "shoes",
        "ranking": {"strategy": "most-purchased"},
        "events": events,
    }
    shop.made("PUT", "/v1/category-rankings/shoes", ranking)
    shop.publish(("category-rankings", "shoes"))
    trainer = Trainer(shop.services)
    for number in range(3):
        trainer.order(f"o{number}", "mule", *(["boot"] if number == 2 else []))
    order = {"order_id": "z", "currency": "USD", "total": "1.00", "products": [{"sku": "mule"}]}
    mine = told(shop, 1, "track", "Order Completed", properties=order)
    trainer.train("most-purchased")
    question = {"category": "shoes", "shopper": {"customer_id": "ada"}}
    answer = shop.made("POST", "/v1/decisions/category", question)
    explained = shop.made("GET", f"/v1/decisions/{answer['decision_id']}/explanation")
    items = {item["sku"]: item for item in explained["items"]}
    assert [item["sku"] for item in explained["items"]] == ["pump", "mule", "boot"]
    mule, pump = items["mule"], items["pump"]
    assert (mule["signal"], mule["base_score"], mule["score"]) == (4, "5", "5")
    assert mule["evidence"]["purchases"] == 4
    assert mule["evidence"]["events"]["own"] == {"events": [mine]}
    assert (pump["base_score"], pump["score"]) == ("0", "10")
    assert pump["by_hand"] == {"effect": "boost", "sku": "pump", "because": {"default": True}}
    assert explained["ranking"]["model"]["id"] == "mdl_0000000001"
    counted = "mule (in 4 orders of 7 days), boot (in 1 orders of 7 days)"
    assert f"What moved products up: {counted}." in explained["summary"]


def test_a_slot_tells_every_block_that_could_have_stood_in_it(shop: Author) -> None:
    french = {"attribute": "context.country", "operator": "==", "value": "FR"}
    shop.made("PUT", "/v1/segments/fr", {"name": "French", "apply_to": "all", "conditions": french})
    for name, more in (("one", {}), ("two", {}), ("fr", {"segments": ["fr"]})):
        body = {"name": name, "types": ["content"], "content": {"html": name}, "priority": 1}
        shop.made("PUT", f"/v1/dynamic-blocks/{name}", {**body, **more})
    slot = {
        "key": "home",
        "name": "Home",
        "source": "specified",
        "blocks": ["one", "two", "fr"],
        "rotation": "series",
    }
    shop.made("PUT", "/v1/slots/home", slot)
    named = [("dynamic-blocks", name) for name in ("one", "two", "fr")]
    shop.publish(("segments", "fr"), *named, ("slots", "home"))
    question = {"slot": "home", "shopper": {"customer_id": "ada"}, "context": {"country": "DE"}}
    answer = shop.made("POST", "/v1/decisions/content", question)
    explained = shop.made("GET", f"/v1/decisions/{answer['decision_id']}/explanation")
    fates = {one["name"]: one.get("code", "shown") for one in explained["blocks"]}
    assert fates == {"one": "shown", "two": "not_its_turn", "fr": "segment_missing"}
    assert explained["slot"]["turn"] == 0
    assert explained["slot"]["rotation"] == "series"
    assert explained["summary"] == [
        "The shopper is in no segment.",
        "The block “one” is shown to everybody.",
        "The block “two” is not shown: it is for this shopper, and another one had its turn.",
        "The block “fr” is not shown: the shopper is in none of its segments.",
    ]
    (segment,) = explained["segments"]
    assert segment["code"] == "conditions_not_met"
    assert segment["detail"] == (
        "The shopper is not in “French”: the country of the visit is DE (it had to be FR)."
    )


def test_a_segment_about_lines_is_explained_with_and_without_a_cart(shop: Author) -> None:
    tea = {"attribute": "line.sku", "operator": "==", "value": "TEA"}
    nested = {"attribute": "line.parent.sku", "operator": "is_undefined"}
    conditions = {"lines": "found", "where": {"all": [tea, nested]}}
    body = {"name": "Tea", "apply_to": "all", "conditions": conditions}
    shop.made("PUT", "/v1/segments/tea", body)
    block = {"name": "Hi", "types": ["content"], "content": {"html": "Hi"}, "priority": 1}
    shop.made("PUT", "/v1/dynamic-blocks/hi", {**block, "segments": ["tea"]})
    slot = {"key": "home", "name": "Home", "source": "specified", "blocks": ["hi"]}
    shop.made("PUT", "/v1/slots/home", {**slot, "rotation": "all"})
    shop.publish(("segments", "tea"), ("dynamic-blocks", "hi"), ("slots", "home"))
    cart = {name: value for name, value in CART.items() if name != "shopper"}
    for more, matching, pointer in (
        ({"cart": cart}, ["1"], "/cart/lines/0/sku"),
        ({}, [], "/lines"),
    ):
        question = {"slot": "home", "context": {}, "explain": True, **more}
        answer = shop.made("POST", "/v1/decisions/content", question)
        (segment,) = answer["explanation"]["segments"]
        assert segment["because"]["matching"] == matching
        assert segment["because"]["where"]["all"][0]["from"]["pointer"] == pointer
        assert segment["member"] is bool(matching)

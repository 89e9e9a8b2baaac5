"""Decisions are found by order and by person, linked for ever, and gone with a date when erased."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete

from projections.decisions_index import decisions
from tests.authors import CART
from tests.authors import RULE
from tests.authors import Author
from tests.fakes import SettableClock
from tests.training_given import SITE

ADA = {"shopper": {"customer_id": "ada"}}


def priced(shop: Author, **more: Any) -> str:
    decision: str = shop.made("POST", "/v1/decisions/cart", {**CART, **more})["decision_id"]
    return decision


def found(shop: Author, query: str) -> list[str]:
    shop.services.follower.catch_up(SITE)
    listed = shop.made("GET", f"/v1/decisions?{query}")["items"]
    return [item["decision_id"] for item in listed]


def test_an_order_names_every_decision_that_it_was_redeemed_by(shop: Author) -> None:
    shop.made("PUT", "/v1/cart-rules/ten", RULE)
    shop.publish(("cart-rules", "ten"))
    first, second, other = (priced(shop, **ADA) for _ in range(3))
    for decision, order in ((first, "A-1"), (other, "B-1")):
        shop.made("POST", "/v1/redemptions", {"decision_id": decision, "order_id": order})
    shop.made("DELETE", "/v1/redemptions/A-1")
    shop.made("POST", "/v1/redemptions", {"decision_id": second, "order_id": "A-1"})
    assert found(shop, "order_id=A-1") == [second, first]
    assert found(shop, "order_id=B-1") == [other]
    assert found(shop, "order_id=nobody-s") == []
    assert found(shop, "order_id=A-1&kind=content") == []


def test_a_person_is_found_by_any_pseudonym_that_is_linked(shop: Author) -> None:
    as_browser = priced(shop, shopper={"anonymous_id": "browser"})
    as_customer = priced(shop, **ADA)
    keys = shop.services.means.pseudonyms
    browser, ada = keys.of(SITE, "anonymous", "browser"), keys.of(SITE, "customer", "ada")
    assert found(shop, f"person={ada}") == [as_customer]
    link = {"type": "identify", "messageId": "l", "anonymousId": "browser", "userId": "ada"}
    shop.made("POST", "/v1/batch", {"batch": [link]})
    for name in (ada, browser):
        assert found(shop, f"person={name}") == [as_customer, as_browser]


def test_links_lead_to_the_decision_whatever_becomes_of_the_read_model(shop: Author) -> None:
    answer = shop.call("POST", "/v1/decisions/cart", CART)
    here = f"/v1/decisions/{answer.get_json()['decision_id']}"
    header = f'<{here}>; rel="bookmark", <{here}/explanation>; rel="describedby"'
    assert answer.headers["Link"] == header
    shop.services.follower.catch_up(SITE)
    (listed,) = shop.made("GET", "/v1/decisions")["items"]
    with shop.services.stores.read.begin() as connection:
        connection.execute(delete(decisions))
    assert listed["links"] == shop.made("GET", here)["links"]
    assert listed["links"]["self"] == here
    assert shop.call("GET", listed["links"]["explanation"]).headers["Link"] == header
    assert shop.made("POST", listed["links"]["replay"], {})["identical"]
    dry = shop.call("POST", "/v1/decisions/cart", {**CART, "dry_run": True})
    assert "Link" not in dry.headers


def test_the_decision_of_a_forgotten_person_is_gone_and_says_since_when(
    shop: Author, clock: SettableClock
) -> None:
    decision = priced(shop, **ADA)
    ada = shop.services.means.pseudonyms.of(SITE, "customer", "ada")
    shop.services.keys.destroy(SITE, [ada], clock.now())
    for path in ("", "/explanation"):
        problem = shop.refused(410, "GET", f"/v1/decisions/{decision}{path}")
        assert (problem["code"], problem["erased_at"]) == (
            "decision_erased",
            "2026-11-23T12:00:00.000000Z",
        )
    assert shop.refused(410, "POST", f"/v1/decisions/{decision}/replay", {})["erased_at"]
    assert shop.refused(404, "GET", "/v1/decisions/dec_0")["code"] == "decision_unknown"

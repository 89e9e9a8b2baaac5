"""Explanations as a support agent reads them: names, words and amounts, never codes or ids."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from app.database import Stores
from decisions.cart import decide_cart
from decisions.explain import explanation
from decisions.explain import rejected
from decisions.made import Made
from tests.decisions_given import SITE
from tests.decisions_given import Given
from tests.decisions_given import given_site
from tests.fakes import SettableClock

TEN: dict[str, Any] = {
    "priority": 1,
    "stop_further": False,
    "coupon": {"type": "none"},
    "conditions": {"all": []},
    "action": {"type": "percent", "amount": "10"},
}
MEMBER = {"attribute": "shopper.segments", "operator": "contains", "value": "big"}
BIG = {"attribute": "cart.subtotal", "operator": ">=", "value": "20.00"}
LATER = {"attribute": "cart.subtotal_after_discount", "operator": ">=", "value": "20"}
NO_TEA = {"attribute": "line.sku", "operator": "==", "value": "TEA"}
RULES: dict[str, dict[str, Any]] = {
    "first": {**TEN, "name": "Ten off", "conditions": MEMBER, "free_shipping": "shipment"},
    "last": {**TEN, "name": "The last one", "stop_further": True},
    "late": {**TEN, "name": "Too late", "priority": 2},
    "after": {**TEN, "name": "Still large", "conditions": LATER},
    "code": {**TEN, "name": "With code", "coupon": {"type": "specific", "code": "SAVE"}},
    "tea": {**TEN, "name": "Tea only", "action": {**TEN["action"], "items": NO_TEA}},
    "loyal": {
        **TEN,
        "name": "Loyal",
        "conditions": {"orders": "sum", "operator": ">=", "value": "100.00"},
    },
    "german": {
        **TEN,
        "name": "Abroad",
        "conditions": {"none": [{"attribute": "context.country", "operator": "==", "value": "DE"}]},
    },
}
ASKED = {
    "cart_id": "c",
    "currency": "GBP",
    "lines": [{"line_id": "1", "sku": "A", "quantity": 2, "unit_price": "10.00"}],
    "shipping": {"method": "post", "amount": "4.00"},
    "coupons": ["OLD"],
    "context": {"country": "DE"},
    "shopper": {"customer_id": "42"},
}


@pytest.fixture
def made(stores: Stores, clock: SettableClock) -> Iterator[Made]:
    given: Given = given_site(stores, clock)
    given.settle(base_currency="GBP")
    given.publish(
        segments={"big": {"name": "Big carts", "apply_to": "all", "conditions": BIG}},
        cart_rules=RULES,
    )
    yield decide_cart(given.means, SITE, dict(ASKED), lambda made: None)
    given.close()


def test_a_support_agent_reads_names_words_and_amounts(made: Made) -> None:
    assert explanation(made, audit=True)["summary"] == [
        "The shopper is in the segment “Big carts”.",
        "“Ten off” took off 6.00 GBP and made shipping free: the shopper's segments are"
        " “Big carts” (they had to contain “Big carts”).",
        "“The last one” took off 1.80 GBP: it has no conditions.",
        "The code OLD was not applied: no rule has this code.",
        "“Still large” did not apply: the cart's subtotal after discounts is 16.20 GBP"
        " (it had to be at least 20.00 GBP).",
        "“With code” did not apply: it needs a coupon code that the cart does not have,"
        " or may not use.",
        "“Tea only” did not apply: no line of the cart is one that it discounts.",
        "“Loyal” did not apply: the sum of all orders is 0.00 GBP (it had to be at least"
        " 100.00 GBP).",
        "“Abroad” did not apply: the country of the visit is DE (it had to be other than DE).",
        "“Too late” did not apply: “The last one” came first and lets no further rule discount"
        " the same lines.",
    ]


def test_no_sentence_has_an_id_a_code_or_a_dotted_name(made: Made) -> None:
    told = explanation(made, audit=True)
    sentences = [*told["summary"], *(rule["detail"] for rule in rejected(told))]
    for sentence in sentences:
        assert not re.search(r"(rul|seg|blk)_[0-9]|[a-z]_[a-z]|[a-z]\.[a-z]", sentence), sentence


def test_trees_keep_ids_and_raw_names(made: Made) -> None:
    rules = {rule["rule_id"]: rule for rule in explanation(made, audit=True)["rules"]}
    tree = rules["rul_0000000001"]["because"]
    assert (tree["attribute"], tree["actual"]) == ("shopper.segments", ["seg_0000000001"])
    assert rules["rul_0000000003"]["by"] == "rul_0000000002"


def test_without_audit_the_sentences_hide_the_profile_too(made: Made) -> None:
    explained = explanation(made, audit=False)
    told = explained["summary"]
    hidden = "“Loyal” did not apply: the sum of all orders is (profile)"
    assert any(sentence.startswith(hidden) for sentence in told)
    details = {rule["rule_id"]: rule["detail"] for rule in rejected(explained)}
    assert details["rul_0000000007"].startswith(hidden)

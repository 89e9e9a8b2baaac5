"""Explained trees in plain words."""

from __future__ import annotations

import re
from typing import Any

import pytest

from decisions.messages.catalogue import CATALOGUES
from decisions.messages.catalogue import ENGLISH
from decisions.sentences import Telling
from decisions.sentences import reason
from rulesets.attributes import table
from rulesets.operators import OPERATORS

TEXTS = CATALOGUES[ENGLISH]
ASKED, REFUSED, RULES, COUPONS, WORDS = (
    TEXTS.tables[name] for name in ("asked", "refused", "rules", "coupons", "words")
)
RULE_CODES = (
    "conditions_not_met not_in_schedule store_view_mismatch group_mismatch coupon_missing"
    " limit_reached customer_limit_reached budget_spent stopped lost_group no_eligible_line"
    " zero_amount currency_not_covered audience_unknown segment_paused engine_disagreed"
    " rule_failed"
)
COUPON_CODES = (
    "unknown expired not_started limit_reached customer_limit_reached not_for_this_shopper"
    " conditions_not_met not_combinable lost_group too_many"
)
"""The closed lists of the contract, as an answer may carry them."""

CHEAP: dict[str, Any] = {
    "attribute": "cart.subtotal",
    "operator": ">=",
    "value": "50.00",
    "actual": "20.00",
    "truth": False,
}
TOO_LOW = "the cart's subtotal is 20.00 USD (it had to be at least 50.00 USD)"
FEW: dict[str, Any] = {
    "orders": "sum",
    "within_days": 365,
    "operator": ">",
    "value": "9.00",
    "actual": "1.00",
    "truth": False,
}
SEEN: dict[str, Any] = {
    "history": "Product Viewed",
    "within_days": 7,
    "where": {},
    "operator": "<",
    "value": 3,
    "actual": 5,
    "truth": False,
}
UNKNOWN: dict[str, Any] = {
    "attribute": "shopper.audiences",
    "operator": "is_defined",
    "actual": None,
    "truth": False,
}
GERMAN: dict[str, Any] = {
    "attribute": "context.country",
    "operator": "==",
    "value": "DE",
    "actual": "DE",
    "truth": True,
}


MEMBER: dict[str, Any] = {
    "attribute": "shopper.segments",
    "operator": "contains",
    "value": "seg_0000000003",
    "actual": ["seg_0000000001", "seg_0000000009"],
    "truth": False,
}
OF_A = {"attribute": "line.sku", "operator": "==", "value": "a"}
IN_SHOES = {"attribute": "line.categories", "operator": "contains", "value": "shoes"}
TELLING = Telling("USD", "USD", {"seg_0000000001": "German", "seg_0000000003": "Loyal"})
IN_GERMANY = "the country of the visit is DE (it had to be DE)"
NOT_IN_GERMANY = "the country of the visit is DE (it had to be other than DE)"


@pytest.mark.parametrize(
    ("tree", "told"),
    [
        (CHEAP, TOO_LOW),
        ({"all": [GERMAN, CHEAP], "truth": False}, TOO_LOW),
        ({"any": [GERMAN, CHEAP], "truth": True}, IN_GERMANY),
        ({"none": [GERMAN], "truth": False}, NOT_IN_GERMANY),
        ({"not_all": [GERMAN], "truth": False}, NOT_IN_GERMANY),
        (
            {"none": [{"none": [GERMAN], "truth": False}, CHEAP], "truth": True},
            f"{IN_GERMANY}; the cart's subtotal is 20.00 USD (it had to be less than 50.00 USD)",
        ),
        ({"all": [], "truth": True}, "it has no conditions"),
        (FEW, "the sum of all orders in 365 days is 1.00 USD (it had to be more than 9.00 USD)"),
        (
            SEEN,
            "the number of “Product Viewed” events that it asks for in 7 days is 5"
            " (it had to be less than 3)",
        ),
        (
            {"lines": "found", "where": {"all": [], "truth": True}, "truth": False},
            "no line is in the cart (one was asked for)",
        ),
        (
            {"lines": "found", "where": OF_A, "truth": False},
            "no line whose SKU is a is in the cart (one was asked for)",
        ),
        (
            {"lines": "not_found", "where": {"all": [OF_A, IN_SHOES]}, "truth": False},
            "a line whose SKU is a and categories contain shoes is in the cart"
            " (none was to be there)",
        ),
        (
            {"lines": "found", "where": {"any": [OF_A, IN_SHOES]}, "truth": False},
            "no line that it asks for is in the cart (one was asked for)",
        ),
        (
            {**CHEAP, "totals_over": "eligible_lines"},
            "the cart's subtotal, over the lines that it discounts, is 20.00 USD"
            " (it had to be at least 50.00 USD)",
        ),
        (
            {
                "lines": "quantity",
                "operator": ">=",
                "value": 3,
                "where": OF_A,
                "actual": 2,
                "truth": False,
            },
            "the number of units on lines whose SKU is a is 2 (it had to be at least 3)",
        ),
        (UNKNOWN, "the shopper's audiences are none (they had to be known)"),
        (
            MEMBER,
            "the shopper's segments are “German”, seg_0000000009 (they had to contain “Loyal”)",
        ),
        (
            {**MEMBER, "actual": None},
            "the shopper's segments are none (they had to contain “Loyal”)",
        ),
        (
            {**GERMAN, "attribute": "shopper.is_registered", "value": True, "actual": False},
            "the shopper is registered: no (it had to be yes)",
        ),
        (
            {**GERMAN, "attribute": "shopper.traits.tier {gold}", "actual": None},
            "the shopper's trait “tier {gold}” is unknown (it had to be DE)",
        ),
        (
            {**CHEAP, "operator": "between", "value": ["5", 10]},
            "the cart's subtotal is 20.00 USD (it had to be between 5.00 USD and 10.00 USD)",
        ),
        (
            {**CHEAP, "actual": "20.005"},
            "the cart's subtotal is 20.005 USD (it had to be at least 50.00 USD)",
        ),
        (
            {**GERMAN, "operator": "in", "value": list("abcdefgh")},
            "the country of the visit is DE (it had to be one of a, b, c, d, e, and 3 more)",
        ),
        ({**CHEAP, "actual": "(profile)"}, TOO_LOW.replace("20.00 USD", "(profile)")),
    ],
)
def test_a_tree_is_told_by_the_leaves_that_decided_it(tree: dict[str, Any], told: str) -> None:
    assert reason(tree, TELLING) == told


def test_amounts_are_in_the_currency_that_was_compared() -> None:
    leaf = {**CHEAP, "values": {"JPY": "7000"}, "actual": "900"}
    yen = Telling("JPY", "USD", {})
    assert reason(leaf, yen).endswith("is 900 JPY (it had to be at least 7000 JPY)")
    only_dollars = reason({**CHEAP, "actual": "900"}, yen)
    assert only_dollars.endswith("is 900 JPY (it had to be at least 50.00 USD)")


def test_a_long_tree_is_cut() -> None:
    leaves = [{**CHEAP, "attribute": f"context.custom.a{number}"} for number in range(6)]
    assert reason({"all": leaves, "truth": False}, TELLING).endswith("; and 2 more")


@pytest.mark.parametrize("operator", sorted(OPERATORS))
def test_every_operator_has_words_for_what_was_asked_and_for_its_opposite(operator: str) -> None:
    assert set(ASKED) == set(REFUSED) == set(OPERATORS)
    assert ASKED[operator] != REFUSED[operator]


@pytest.mark.parametrize("attribute", table(), ids=lambda attribute: attribute["name"])
def test_every_attribute_has_words(attribute: dict[str, Any]) -> None:
    name = attribute["name"].replace("<name>", "own.word")
    told = TEXTS.words_for(name)
    assert "{}" not in told
    assert not re.search(r"(cart|line|shopper|context|time|event|product|order)\.", told)
    assert ("own.word" in told) is name.endswith("own.word")


def test_words_are_of_attributes_only() -> None:
    assert set(WORDS) == {attribute["name"] for attribute in table()}
    assert TEXTS.words_for("cart.of_tomorrow") == "cart.of_tomorrow"


def test_every_code_of_a_rule_has_its_sentence() -> None:
    assert set(RULES) == set(RULE_CODES.split())
    filled = {"rule": "R", "by": "“B”", "why": "W", "currency": "EUR"}
    told = [sentence.format(**filled) for sentence in RULES.values()]
    assert len(set(told)) == len(told)
    assert all(one.startswith("“R” did not apply: ") and one.endswith(".") for one in told)


def test_every_reason_of_a_coupon_has_its_sentence() -> None:
    assert set(COUPONS) == set(COUPON_CODES.split())
    told = [sentence.format(code="SAVE") for sentence in COUPONS.values()]
    assert len(set(told)) == len(told)
    assert all(one.startswith("The code SAVE was not applied: ") for one in told)

"""Amounts on both sides of tax: computed on one, exact on both."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from rulesets.outcome import CartOutcome
from rulesets.outcome import cart_answer
from rulesets.pipeline import decide
from tests.actions_given import prices
from tests.given import AT
from tests.given import a_cart
from tests.given import compiled
from tests.given import facts_of

Body = dict[str, Any]
LINES = st.lists(
    st.fixed_dictionaries(
        {
            "quantity": st.one_of(st.integers(1, 9), st.sampled_from(["0.5", "1.25"])),
            "price": prices(most=9_999),
            "incl_tax": prices(most=12_000),
        }
    ),
    min_size=1,
    max_size=4,
)
HALF_SHIPPING = {"type": "percent", "amount": "50", "apply_to_shipping": True}
RULES: dict[str, Body] = {
    "third": {"priority": 1, "action": {"type": "percent", "amount": "33.3333"}},
    "five": {"priority": 2, "action": {"type": "cart_fixed", "amount": "5.00"}},
    "ship": {"priority": 3, "action": HALF_SHIPPING},
}


def answered(
    lines: list[Body],
    rules: dict[str, Body],
    shipping_tax: dict[str, str] | None = None,
    **site: Any,
) -> Body:
    revision = compiled(rules, **site)
    cart = a_cart(lines, shipping="4.55", shipping_tax=shipping_tax or {"incl_tax": "5.00"})
    facts = facts_of(cart, lines)
    outcome = decide(revision, facts, cart, AT, 1).outcome
    assert isinstance(outcome, CartOutcome)
    return cart_answer(revision, cart, facts, outcome)


def cents(amount: str) -> int:
    return round(float(amount) * 100)


@settings(max_examples=80, deadline=None)
@given(LINES)
def test_amounts_sum_on_both_sides(lines: list[Body]) -> None:
    answer = answered(lines, RULES)
    for side in ("excl_tax", "incl_tax"):
        totals = answer["totals"]["tax"][side]
        for line in answer["lines"]:
            own = line["tax"][side]
            parts = [one["tax"][side]["amount"] for one in line["discounts"] if "tax" in one]
            assert cents(own["discount"]) == sum(map(cents, parts))
            assert cents(own["total"]) >= 0
            assert cents(own["subtotal"]) == cents(own["discount"]) + cents(own["total"])
        for name, of_line in (("subtotal", "subtotal"), ("line_discount", "discount")):
            found = sum(cents(line["tax"][side][of_line]) for line in answer["lines"])
            assert cents(totals[name]) == found
        applied = sum(cents(one["tax"][side]["amount"]) for one in answer["applied_rules"])
        assert applied == cents(totals["discount"])
        whole = cents(totals["subtotal"]) + cents(totals["shipping"])
        assert cents(totals["total"]) == whole - applied
    assert answer["totals"]["tax"]["excl_tax"]["discount"] == answer["totals"]["discount"]


@settings(max_examples=40, deadline=None)
@given(LINES)
def test_what_is_free_on_one_side_is_free_on_the_other(lines: list[Body]) -> None:
    lines = [{**line, "quantity": 3} for line in lines]  # a part of a unit rounds on its own
    everything = {"action": {"type": "percent", "amount": "100", "apply_to_shipping": True}}
    answer = answered(lines, {"half": {"priority": 1}, "all": {"priority": 2, **everything}})
    paid = {line["tax"]["incl_tax"]["total"] for line in answer["lines"] if cents(line["subtotal"])}
    assert paid <= {"0.00"}


def test_half_of_prices_without_tax_is_told_with_tax_too() -> None:
    """FEATURES Q6c: 29.00 with 10 % tax is 26.36 without, shipping 5.00 is 4.55."""
    answer = answered(
        [{"price": "26.36", "incl_tax": "29.00"}], {"half": {"action": HALF_SHIPPING}}
    )
    assert answer["totals"]["tax"] == {
        "excl_tax": {
            "subtotal": "26.36",
            "shipping": "4.55",
            "line_discount": "13.18",
            "shipping_discount": "2.28",
            "discount": "15.46",
            "total": "15.45",
        },
        "incl_tax": {
            "subtotal": "29.00",
            "shipping": "5.00",
            "line_discount": "14.50",
            "shipping_discount": "2.51",
            "discount": "17.01",
            "total": "16.99",
        },
    }


def test_a_site_with_prices_with_tax_tells_those_without() -> None:
    answer = answered(
        [{"price": "12.00", "quantity": 2, "excl_tax": "10.00"}],
        {"half": {"action": {"type": "percent", "amount": "50"}}},
        {"excl_tax": "4.00"},
        tax_basis="incl_tax",
    )
    assert answer["totals"]["discount"] == "12.00"
    assert answer["totals"]["tax"]["excl_tax"]["line_discount"] == "10.00"


def test_a_line_without_the_other_price_has_no_amounts_there() -> None:
    answer = answered([{"price": "10.00", "incl_tax": "12.00"}, {"price": "5.00"}], {"half": {}})
    assert "tax" in answer["lines"][0]
    assert "tax" not in answer["lines"][1]
    assert "tax" not in answer["totals"]

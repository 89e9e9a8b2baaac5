"""Generated rules: what is carried whole comes back as it was, and means what it meant."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import reject
from hypothesis import settings
from hypothesis import strategies as st

from aggregates.kernel.errors import InvalidInput
from app.adobe_rules.report import Telling
from app.adobe_rules.vocabulary import OPERATORS
from app.adobe_rules.writing import rule_of
from rulesets.evaluator import evaluate
from rulesets.language import parse
from tests.adobe_given import SHOP
from tests.adobe_given import Json
from tests.adobe_given import carried
from tests.adobe_given import combine
from tests.adobe_given import product
from tests.adobe_given import sales_rule
from tests.adobe_given import saved
from tests.adobe_normal_form import normal
from tests.adobe_reference import Cart
from tests.adobe_reference import Line
from tests.adobe_reference import facts_of
from tests.adobe_reference import holds
from tests.adobe_strategies import combined
from tests.adobe_strategies import of_texts
from tests.adobe_strategies import trees_of_carts
from tests.adobe_strategies import trees_of_lines

WORDS = st.text("abcXYZ-_ é0", min_size=1, max_size=6).filter(lambda text: text == text.strip())
AMOUNTS = st.decimals(0, 10_000, places=2).map(lambda value: format(value, "f"))
SCOPED = combined(
    "Product\\Found",
    of_texts(product, ["children::sku", "parent::material"], WORDS),
)
RULES = st.fixed_dictionaries(
    {
        "condition": trees_of_carts(WORDS, AMOUNTS) | combined("Combine", SCOPED),
        "action_condition": trees_of_lines(WORDS, AMOUNTS),
        "simple_action": st.sampled_from(
            ["by_percent", "by_fixed", "cart_fixed", "to_percent", "to_fixed"]
        ),
        "discount_amount": AMOUNTS,
    }
)
PRICES = (0, 1, 10, 30)
AMOUNTS_COMPARED = ("0", "1", "10", "10.00", "20.5", "30")
WORDS_COMPARED = ("", "a", "A", "b", "ab", "10", "010", "9")
COMPARISONS = [
    (name, operator)
    for name in ("sku", "name", "material", "price")
    for operator in OPERATORS
    if name != "price" or operator not in {"{}", "!{}"}
]
FEW_WORDS = st.sampled_from(["a", "A", "b", "ab", "10", "010"])
FEW_AMOUNTS = st.sampled_from(["0", "1", "2", "10", "10.00", "20.5", "30"])
NUMBERS = st.sampled_from([0, 1, 2, 10, 30])
LINES = st.builds(
    Line,
    sku=FEW_WORDS,
    name=FEW_WORDS | st.just(""),
    material=FEW_WORDS | st.just(""),
    price=NUMBERS,
    quantity=st.sampled_from([1, 2, 3]),
    categories=st.frozensets(st.sampled_from(["12", "13"])),
)
ADDRESSES = st.dictionaries(
    st.sampled_from(["postcode", "region", "payment_method", "country_id"]), FEW_WORDS
)
CARTS = st.builds(
    Cart,
    lines=st.lists(LINES, max_size=3),
    weight=NUMBERS,
    address=ADDRESSES,
    segments=st.frozensets(st.sampled_from(["4", "5"])),
)


@settings(max_examples=100, deadline=None)
@given(RULES)
def test_a_generated_rule_comes_back_as_it_was(fields: dict[str, Any]) -> None:
    body, telling = carried(**fields)
    assert telling.refused == []
    assert {told.code for told in telling.left_out} <= {"compared_as_text"}
    back = Telling()
    written = rule_of(_saved(body), SHOP, back, active=True)
    assert (back.refused, back.left_out) == ([], [])
    assert normal(written) == normal(sales_rule(**fields))


def _saved(body: Json) -> Json:
    """The body as it is kept, if what was generated does not contradict itself."""
    try:
        return saved(body)
    except InvalidInput as refused:
        if {one.code for one in refused.problems} - {"unreachable", "where_never_holds"}:
            raise
        reject()


@settings(max_examples=200, deadline=None)
@given(
    trees_of_carts(FEW_WORDS, FEW_AMOUNTS),
    trees_of_lines(FEW_WORDS, FEW_AMOUNTS),
    st.lists(CARTS, min_size=1, max_size=5),
)
def test_a_generated_tree_means_here_what_it_means_in_adobe(
    condition: Json, items: Json, carts: list[Cart]
) -> None:
    body, _ = carried(condition=condition, action_condition=items)
    tree = parse(body["conditions"], scope="cart", currency="USD")
    filter_ = parse(body["action"].get("items", {"all": []}), scope="line", currency="USD")
    for cart in carts:
        facts = facts_of(cart)
        assert evaluate(tree, facts) is holds(condition, cart)
        for line, scope in zip(cart.lines, facts.lines, strict=True):
            assert evaluate(filter_, facts, scope) is holds(items, cart, line)


@pytest.mark.parametrize(("name", "operator"), COMPARISONS)
def test_every_comparison_means_here_what_it_means_in_adobe(name: str, operator: str) -> None:
    plain = Line("x", "", "", 1, 1, frozenset())
    actual: tuple[Any, ...] = PRICES if name == "price" else WORDS_COMPARED
    lines = [replace(plain, **{name: value}) for value in actual]
    cart = Cart(lines, 0, {}, frozenset())
    facts = facts_of(cart)
    for value in AMOUNTS_COMPARED if name == "price" else WORDS_COMPARED[1:]:
        leaf = product("quote_item_price" if name == "price" else name, operator, value)
        body, telling = carried(action_condition=combine(leaf, kind="Product\\Combine"))
        tree = parse(body["action"]["items"], scope="line", currency="USD")
        if telling.left_out:
            assert operator in {">", ">=", "<", "<="}, "a number in a text"
            continue
        for line, scope in zip(lines, facts.lines, strict=True):
            assert evaluate(tree, facts, scope) is holds(leaf, cart, line), (value, line)

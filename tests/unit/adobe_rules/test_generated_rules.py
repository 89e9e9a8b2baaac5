"""Round trips of generated rules: whatever is carried whole comes back as it was."""

from __future__ import annotations

from typing import Any

from hypothesis import assume
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from aggregates.kernel.errors import InvalidInput
from app.adobe_rules.reading import read_rules
from app.adobe_rules.report import Telling
from app.adobe_rules.rules import body_of
from app.adobe_rules.writing import rule_of
from tests.adobe_given import SHOP
from tests.adobe_given import Json
from tests.adobe_given import address
from tests.adobe_given import combine
from tests.adobe_given import product
from tests.adobe_given import sales_rule
from tests.adobe_given import saved
from tests.adobe_given import search
from tests.adobe_given import segment
from tests.adobe_normal_form import normal

JOINED = st.sampled_from(["all", "any"])
TRUTH = st.sampled_from(["1", "0"])
SINGLE = st.sampled_from(["==", "!=", ">=", ">", "<=", "<"])
WORDS = st.text("abcXYZ-_ é0", min_size=1, max_size=6).filter(lambda text: text == text.strip())
AMOUNTS = st.decimals(0, 10_000, places=2).map(lambda value: format(value, "f"))
LISTS = st.sampled_from(["()", "!()"])
SEPARATORS = st.sampled_from([",", ";", ", "])


def lists(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Several values between one of the separators."""
    several = st.lists(values, min_size=1, max_size=3)
    return st.builds(lambda parts, between: between.join(parts), several, SEPARATORS)


def of_numbers(make: Any, names: list[str]) -> st.SearchStrategy[Json]:
    """Comparisons of a numeric attribute."""
    attribute = st.sampled_from(names)
    return st.builds(make, attribute, SINGLE, AMOUNTS) | st.builds(
        make, attribute, LISTS, lists(AMOUNTS)
    )


def of_texts(make: Any, names: list[str]) -> st.SearchStrategy[Json]:
    """Comparisons of a text."""
    attribute = st.sampled_from(names)
    return (
        st.builds(make, attribute, SINGLE | st.sampled_from(["{}", "!{}"]), WORDS)
        | st.builds(make, attribute, LISTS, lists(WORDS))
        | st.builds(make, attribute, st.just("<=>"), st.just(""))
    )


def combined(kind: str, inner: st.SearchStrategy[Json], most: int = 3) -> st.SearchStrategy[Json]:
    """Combinations of one class."""
    several = st.lists(inner, max_size=most)
    return st.builds(
        lambda conditions, joined, value: combine(
            *conditions, kind=kind, joined=joined, value=value
        ),
        several,
        JOINED,
        TRUTH,
    )


PRODUCTS = (
    of_numbers(product, ["quote_item_price", "quote_item_row_total", "quote_item_qty"])
    | of_texts(product, ["sku", "name", "material", "children::sku", "parent::material"])
    | st.builds(
        product,
        st.just("category_ids"),
        st.sampled_from(["==", "!=", "{}", "!{}", "()", "!()"]),
        st.sampled_from(["12", "13", "12,13"]),
        st.sampled_from([None, "parent", "children"]),
    )
)
LINES = combined("Product\\Combine", PRODUCTS | combined("Product\\Combine", PRODUCTS))
SUMS = st.builds(
    lambda inner, attribute, operator, value: {
        **inner,
        "attribute_name": attribute,
        "operator": operator,
        "value": value,
    },
    combined("Product\\Subselect", PRODUCTS),
    st.sampled_from(["qty", "base_row_total"]),
    SINGLE,
    AMOUNTS,
)
CARTS = (
    of_numbers(address, ["base_subtotal", "base_subtotal_with_discount", "total_qty", "weight"])
    | of_texts(address, ["postcode", "region", "payment_method", "shipping_method", "country_id"])
    | combined("Product\\Found", PRODUCTS | LINES)
    | SUMS
    | st.builds(segment, st.sampled_from(["==", "!=", "()", "!()"]), st.sampled_from(["4", "4,5"]))
)
RULES = st.builds(
    lambda condition, items, action, amount, step: sales_rule(
        condition=condition,
        action_condition=items,
        simple_action=action,
        discount_amount=amount,
        discount_step=step,
    ),
    combined("Combine", CARTS | combined("Combine", CARTS)),
    LINES,
    st.sampled_from(["by_percent", "by_fixed", "cart_fixed", "to_percent"]),
    AMOUNTS,
    st.integers(0, 5),
)


@settings(max_examples=100, deadline=None)
@given(RULES)
def test_a_generated_rule_comes_back_as_it_was(given_rule: Json) -> None:
    (rule,) = read_rules(search(given_rule))
    telling, back = Telling(), Telling()
    body = _saved(body_of(rule, (), SHOP, telling))
    assume(body is not None)
    assert body is not None
    assert (telling.refused, telling.left_out) == ([], [])
    written = rule_of(body, SHOP, back, active=True)
    assert (back.refused, back.left_out) == ([], [])
    assert normal(written) == normal(given_rule)


def _saved(body: Json) -> Json | None:
    """The body as it is kept; None if what was generated contradicts itself."""
    try:
        return saved(body)
    except InvalidInput as refused:
        if {one.code for one in refused.problems} <= {"unreachable", "where_never_holds"}:
            return None
        raise

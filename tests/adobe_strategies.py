"""Generated rules of Adobe, over words and amounts of the caller's choice."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.adobe_given import Json
from tests.adobe_given import address
from tests.adobe_given import combine
from tests.adobe_given import product
from tests.adobe_given import segment

Texts = st.SearchStrategy[str]
Nodes = st.SearchStrategy[Json]
ORDERS = st.sampled_from([">=", ">", "<=", "<"])
EQUALITIES = st.sampled_from(["==", "!="])
LISTS = st.sampled_from(["()", "!()"])
MEMBERSHIPS = ["==", "!=", "()", "!()"]
SEPARATORS = st.sampled_from([",", ";", ", "])
JOINED = st.sampled_from(["all", "any"])
TRUTH = st.sampled_from(["1", "0"])


def lists(values: Texts) -> Texts:
    """Several values between one of the separators."""
    several = st.lists(values, min_size=1, max_size=3)
    return st.builds(lambda parts, between: between.join(parts), several, SEPARATORS)


def of_numbers(make: Any, names: list[str], amounts: Texts) -> Nodes:
    """Comparisons of a numeric attribute."""
    attribute = st.sampled_from(names)
    return st.builds(make, attribute, ORDERS | EQUALITIES, amounts) | st.builds(
        make, attribute, LISTS, lists(amounts)
    )


def of_texts(make: Any, names: list[str], words: Texts) -> Nodes:
    """Comparisons of a text."""
    attribute = st.sampled_from(names)
    return (
        st.builds(make, attribute, EQUALITIES | st.sampled_from(["{}", "!{}"]), words)
        | st.builds(make, attribute, LISTS, lists(words))
        | st.builds(make, attribute, st.just("<=>"), st.just(""))
    )


def combined(kind: str, inner: Nodes) -> Nodes:
    """Combinations of one class."""
    return st.builds(
        lambda conditions, joined, value: combine(
            *conditions, kind=kind, joined=joined, value=value
        ),
        st.lists(inner, max_size=3),
        JOINED,
        TRUTH,
    )


def products(words: Texts, amounts: Texts) -> Nodes:
    """Conditions of one line."""
    return (
        of_numbers(product, ["quote_item_price", "quote_item_row_total", "quote_item_qty"], amounts)
        | of_texts(product, ["sku", "name", "material"], words)
        | st.builds(
            product,
            st.just("category_ids"),
            st.sampled_from([*MEMBERSHIPS, "{}", "!{}"]),
            st.sampled_from(["12", "13", "12,13"]),
        )
    )


def trees_of_lines(words: Texts, amounts: Texts) -> Nodes:
    """Combinations of conditions of one line."""
    leaves = products(words, amounts)
    return combined("Product\\Combine", leaves | combined("Product\\Combine", leaves))


def trees_of_carts(words: Texts, amounts: Texts) -> Nodes:
    """The conditions of a rule."""
    lines = products(words, amounts)
    sums = st.builds(
        lambda inner, attribute, operator, value: {
            **inner,
            "attribute_name": attribute,
            "operator": operator,
            "value": value,
        },
        combined("Product\\Subselect", lines),
        st.sampled_from(["qty", "base_row_total"]),
        ORDERS | EQUALITIES,
        amounts,
    )
    leaves = (
        of_numbers(address, ["base_subtotal", "total_qty", "weight"], amounts)
        | of_texts(address, ["postcode", "region", "payment_method", "country_id"], words)
        | combined("Product\\Found", lines | trees_of_lines(words, amounts))
        | sums
        | st.builds(segment, st.sampled_from(MEMBERSHIPS), st.sampled_from(["4", "5", "4,5"]))
    )
    return combined("Combine", leaves | combined("Combine", leaves))

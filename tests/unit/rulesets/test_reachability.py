"""Conditions that can never hold are refused, and only those."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck
from hypothesis import assume
from hypothesis import event
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from aggregates.kernel.errors import InvalidInput
from rulesets.attributes import lookup
from rulesets.evaluator import evaluate
from rulesets.facts import Facts
from rulesets.language import parse
from rulesets.nodes import Node
from rulesets.nodes import uncovered
from rulesets.reachability.contradictions import contradictions
from rulesets.reachability.contradictions import never_holds
from tests.unit.rulesets import test_agreement as trees

CASES = [
    pytest.param(case, id=case["name"])
    for case in yaml.safe_load(
        (Path(__file__).parents[2] / "cases" / "reachability.yaml").read_text("utf-8")
    )
]


@pytest.mark.parametrize("case", CASES)
def test_a_tree_is_told_to_be_out_of_reach_or_is_not(case: dict[str, Any]) -> None:
    scope = case.get("scope", "cart")
    node = parse(case["tree"], scope=scope, currency="USD")
    problems = (
        never_holds(node, "", "USD")
        if scope == "line"
        else contradictions(node, "", "USD", of_cart=scope == "cart")
    )
    told = [f"{one.code} {one.pointer}: {one.detail}" for one in problems]
    assert told == case["told"]


FORMS = ["all", "any", "none", "not_all"]
FEW: dict[str, Any] = {
    "money": st.sampled_from(["0", "1.00", "1.01", "2.00"]),
    "number": st.sampled_from([0, 1, 1.5, 2]),
    "int": st.sampled_from([-1, 0, 1, 2, 3, 7, 8]),
    "string": st.sampled_from(["a", "ab", "b", "ba", "5", "5.0"]),
    "bool": st.booleans(),
    "date": st.sampled_from(["2026-11-23", "2026-11-24", "2026-11-25"]),
    "set": st.sampled_from(["a", "b"]),
    "open": st.sampled_from(["a", "ab", "5", "5.0", "true", 5, 6, 5.5, True, False]),
}
"""Values close enough to each other that most trees over them contradict themselves."""
OPEN = st.sampled_from(
    ["a", "ab", "b", "5", "5.0", "6", "true", 5, 6, 7, Decimal("5.5"), True, False, " "]
) | st.frozensets(st.sampled_from(["a", "ab", "5", "5.0", "6", "true"]), min_size=1, max_size=2)
TEXTS = st.sampled_from(["a", "ab", "b", "ba", "bab", "5", "5.0", "c"])
SETS = st.frozensets(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=3)
WHOLES = st.integers(0, 9)
CART: dict[str, Any] = {
    "cart.weight": st.sampled_from([0, Decimal("0.5"), 1, Decimal("1.5"), 2, 3]),
    "cart.shipping.amount": st.integers(0, 300),
    "context.country": TEXTS,
    "shopper.segments": SETS,
    "shopper.traits.x": OPEN,
    "shopper.address.any.city": TEXTS | SETS,
}
CART_ALWAYS: dict[str, Any] = {
    "cart.line_count": WHOLES,
    "shopper.is_registered": st.booleans(),
    "time.date": st.sampled_from([f"2026-11-2{day}" for day in range(2, 7)]),
    "time.day_of_week": st.integers(1, 7),
}
LINE: dict[str, Any] = {
    "line.attributes.z": OPEN,
    "line.categories": SETS,
    "line.children.quantity": st.frozensets(
        st.sampled_from(["0", "1", "1.5", "2", "3"]), min_size=1, max_size=3
    ),
}
LINE_ALWAYS: dict[str, Any] = {
    "line.sku": TEXTS,
    "line.quantity": st.sampled_from([1, Decimal("1.5"), 2, 3]),
    "line.subtotal": st.integers(0, 300),
}


@st.composite
def leaf(draw: st.DrawFn, names: Any, scope: Any) -> dict[str, Any]:
    """One leaf over one of these attributes."""
    name = draw(st.sampled_from(sorted(names)))
    attribute = lookup(name, scope)
    assert attribute is not None
    return {"attribute": name, **draw(trees.side(attribute.type, FEW))}


@st.composite
def about_few(draw: st.DrawFn, names: dict[str, Any], scope: Any) -> dict[str, Any]:
    """A few leaves about one or two things, which mostly have to hold together."""
    chosen = draw(st.lists(st.sampled_from(sorted(names)), min_size=1, max_size=2))
    one = leaf(chosen, scope)
    some = st.lists(one, min_size=1, max_size=3)
    inner = st.builds(lambda form, items: {form: items}, st.sampled_from(FORMS), some)
    outer = st.lists(one | one | inner, min_size=2, max_size=4)
    return {draw(st.sampled_from(["all", "all", "none"])): draw(outer)}


def read(tree: Any, scope: Any) -> Node:
    try:
        return parse(tree, scope=scope, currency="USD")
    except InvalidInput:
        assume(False)
        raise


MANY = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))


@MANY
@given(
    about_few({**CART, **CART_ALWAYS}, "cart"),
    st.lists(st.fixed_dictionaries(CART_ALWAYS, optional=CART), min_size=8, max_size=8),
    st.sampled_from(["USD", "EUR"]),
)
def test_what_is_out_of_reach_holds_for_nobody(tree: Any, people: Any, currency: str) -> None:
    node = read(tree, "cart")
    told = list(contradictions(node, "", "USD", of_cart=False))
    event(f"told: {bool(told)}")
    if told and not uncovered(node, currency):
        for values in people:
            assert not evaluate(node, Facts(currency, values)), told


@MANY
@given(
    about_few({**LINE, **LINE_ALWAYS}, "line"),
    st.lists(st.fixed_dictionaries(LINE_ALWAYS, optional=LINE), min_size=8, max_size=8),
)
def test_what_no_line_can_be_no_line_is(tree: Any, lines: Any) -> None:
    node = read(tree, "line")
    told = list(never_holds(node, "", "USD"))
    event(f"told: {bool(told)}")
    if told and not uncovered(node, "USD"):
        for line in lines:
            assert not evaluate(node, Facts("USD", {}), line), told

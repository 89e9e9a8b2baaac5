"""Engine and evaluator agree on random trees, facts and values: huge, tiny, unicode, missing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck
from hypothesis import example
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import InvalidValue
from rulesets.attributes import lookup
from rulesets.columns import Column
from rulesets.evaluator import evaluate
from rulesets.facts import Facts
from rulesets.language import parse
from rulesets.nodes import Count
from rulesets.nodes import Node
from rulesets.nodes import leaves
from rulesets.operators import OF_TYPE
from rulesets.operators import holds
from rulesets.values import prepared
from tests.unit.rulesets.engines import fired_by_engine

_DECIMALS = ["10", "10.0", "007", "-0", "0.1", "1e5", "9" * 60]
_HOSTILE = ['"}],{', "$neq", "\\", "x" * 1_000]
TEXTS = st.sampled_from(
    ["a", "A ", "ab", "ß", "ss", "é", "e\u0301", "\U0001f600", "true", *_DECIMALS, *_HOSTILE]
)
WHOLES = st.sampled_from([0, 1, 2, 10, 10**14, -1, -(10**14)])
NUMBERS = WHOLES | st.sampled_from([Decimal("2.5"), Decimal("0.1"), Decimal("-0.000001")])
ANYTHING = TEXTS | NUMBERS | st.booleans() | st.frozensets(TEXTS, max_size=3)
HUGE = st.sampled_from([10**40, -(10**40), Decimal("1E+300"), Decimal("1E-300"), " ", "9" * 5_000])
CART = {
    "cart.subtotal": NUMBERS,
    "cart.subtotal_after_discount": WHOLES,
    "cart.quantity": NUMBERS,
    "cart.line_count": WHOLES,
    "context.country": TEXTS,
    "shopper.segments": st.frozensets(TEXTS, max_size=3),
    "shopper.is_registered": st.booleans(),
    "shopper.traits.x": ANYTHING | HUGE,
    "context.custom.y": ANYTHING | HUGE,
    "time.date": st.sampled_from(["2026-11-23", "2026-11-24"]),
}
LINE = {
    "line.sku": TEXTS,
    "line.quantity": NUMBERS,
    "line.subtotal": WHOLES,
    "line.subtotal_after_discount": WHOLES,
    "line.categories": st.frozensets(TEXTS, min_size=1, max_size=3),
    "line.attributes.z": ANYTHING | HUGE,
    "line.parent.sku": TEXTS,
    "line.children.quantity": st.frozensets(TEXTS, min_size=1, max_size=3),
}
WANTED: dict[str, Any] = {
    "money": st.sampled_from(["0", "0.01", "0.10", "10000000.00"]),
    "number": st.sampled_from([0, 1, 2.5, "2.5", -0.000001, 1e-7, 10**14]),
    "int": WHOLES,
    "string": TEXTS,
    "bool": st.booleans(),
    "date": st.sampled_from(["2026-11-23", "2026-11-24"]),
    "set": TEXTS,
    "open": TEXTS | st.sampled_from([0, 1, 10, 2.5, 1e-7]) | st.booleans(),
}


@st.composite
def compare(draw: st.DrawFn, names: dict[str, Any], scope: Any) -> dict[str, Any]:
    """One leaf over one of these attributes."""
    name = draw(st.sampled_from(sorted(names)))
    attribute = lookup(name, scope)
    assert attribute is not None
    return {"attribute": name, **draw(side(attribute.type))}


@st.composite
def side(draw: st.DrawFn, kind: Any, values: dict[str, Any] = WANTED) -> dict[str, Any]:
    """Operator and value of a type."""
    operator = draw(st.sampled_from(sorted(OF_TYPE[kind])))
    if operator in {"is_defined", "is_undefined"}:
        return {"operator": operator}
    one = values[kind]
    if operator in {"in", "not_in"}:
        return {"operator": operator, "value": draw(st.lists(one, min_size=1, max_size=4))}
    if operator == "between":
        return {"operator": operator, "value": [draw(one), draw(one)]}
    other = {"values": {"EUR": draw(one)}} if kind == "money" and draw(st.booleans()) else {}
    return {"operator": operator, "value": draw(one), **other}


def combined(leaf: Any, most: int) -> Any:
    """Trees over leaves."""
    forms = st.sampled_from(["all", "any", "none", "not_all"])
    return st.recursive(
        leaf,
        lambda inner: st.builds(lambda f, i: {f: i}, forms, st.lists(inner, max_size=4)),
        max_leaves=most,
    )


IN_LINES = combined(compare(LINE, "line") | compare({"context.country": TEXTS}, "line"), 4)
COUNTED = st.builds(
    lambda days, rest: {"history": "Product Viewed", "within_days": days, **rest},
    st.sampled_from([1, 7]),
    side("int").filter(lambda rest: rest["operator"] not in {"is_defined", "is_undefined"}),
)
QUANTIFIED = st.builds(
    lambda what, where: {"lines": what, "where": where},
    st.sampled_from(["found", "not_found"]),
    IN_LINES,
) | st.builds(
    lambda rest, where: {"lines": "quantity", "where": where, **rest},
    side("number").filter(lambda rest: rest["operator"] not in {"is_defined", "is_undefined"}),
    IN_LINES,
)
TREES = combined(compare(CART, "cart") | QUANTIFIED | COUNTED, 12)
VALUES = st.fixed_dictionaries({}, optional=CART)
LINES = st.lists(st.fixed_dictionaries({}, optional=LINE), max_size=4)


def parsed(tree: Any) -> Node | None:
    """The tree; None if it is one that authors are refused (a reversed between, a deep one)."""
    try:
        return parse(tree, scope="cart", currency="USD")
    except InvalidInput:
        return None


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(TREES, min_size=1, max_size=6),
    VALUES,
    LINES,
    st.lists(WHOLES, min_size=2, max_size=2),
    st.sampled_from(["USD", "EUR"]),
)
def test_engine_and_evaluator_agree(
    trees: list[Any], values: Any, lines: Any, counted: list[int], currency: str
) -> None:
    nodes = [node for tree in trees if (node := parsed(tree)) is not None]
    counts = {leaf.key: leaf for node in nodes for leaf in leaves(node) if isinstance(leaf, Count)}
    facts = Facts(currency, values, lines, dict(zip(sorted(counts), counted, strict=False)))
    assert fired_by_engine(nodes, facts) == [evaluate(node, facts) for node in nodes]


@settings(max_examples=600, deadline=None)
@given(st.data(), st.sampled_from(sorted(set(WANTED) - {"money"})), ANYTHING | HUGE)
@example(data=None, kind="bool", actual=1)
def test_a_column_answers_as_the_operator_table(data: Any, kind: Any, actual: Any) -> None:
    sides = (
        [{"operator": "==", "value": True}]
        if data is None
        else data.draw(st.lists(side(kind), min_size=1, max_size=8))
    )
    entries = []
    for number, leaf in enumerate(sides):
        if "value" in leaf and leaf["operator"] == "between":
            low, high = sorted(leaf["value"], key=str)
            leaf = {**leaf, "value": [low, low] if type(low) is not type(high) else [low, high]}
        try:
            wanted = (
                prepared(kind, leaf["operator"], leaf["value"], "") if "value" in leaf else None
            )
        except InvalidValue:
            continue
        entries.append((number, leaf["operator"], wanted))
    expected = [n for n, operator, wanted in entries if holds(operator, kind, actual, wanted)]
    assert sorted(Column(kind, entries).true(actual)) == expected


def test_a_leaf_whose_list_shares_two_elements_is_true_once() -> None:
    column = Column("set", [(0, "in", ("a", "b"))])
    assert column.true(frozenset({"a", "b"})) == [0]

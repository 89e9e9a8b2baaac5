"""Totals over the lines that a rule discounts, instead of the whole cart's (FEATURES C18).

A rule that says `totals_over: "eligible_lines"` reads `cart.subtotal` and its like as sums over the
lines that pass its `items`, if any line does. Each such leaf becomes a sum over lines, so that the
engine and the evaluator need to know nothing of it.
"""

from __future__ import annotations

from rulesets.nodes import All
from rulesets.nodes import AnyOf
from rulesets.nodes import Compare
from rulesets.nodes import LinesFound
from rulesets.nodes import LinesTotal
from rulesets.nodes import Measure
from rulesets.nodes import Node
from rulesets.nodes import NoneOf
from rulesets.nodes import NotAll
from rulesets.operators import DEFINED

_MEASURES: dict[str, Measure] = {
    "cart.subtotal": "amount",
    "cart.subtotal_after_discount": "amount_after_discount",
    "cart.subtotal_incl_tax": "amount_incl_tax",
    "cart.quantity": "quantity",
    "cart.weight": "weight",
    "cart.line_count": "lines",
}


def over_eligible(node: Node, items: Node) -> Node:
    """The tree with its totals over the lines that satisfy `items`."""
    if isinstance(node, All | AnyOf | NoneOf | NotAll):
        return node.__class__(tuple(over_eligible(item, items) for item in node.items))
    if not isinstance(node, Compare) or node.operator in DEFINED:
        return node
    measure = _MEASURES.get(node.attribute)
    if measure is None:
        return node
    total = LinesTotal(
        node.type,
        node.operator,
        node.value,
        node.values,
        {**node.raw, "totals_over": "eligible_lines"},
        measure,
        items,
    )
    eligible, none = LinesFound(True, items), LinesFound(False, items)
    return AnyOf((All((eligible, total)), All((none, node))))

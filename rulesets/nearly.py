"""Messages before the threshold: what a cart still lacks for a rule.

A rule says so itself (`nearly`), and is told of when one leaf alone keeps it from applying, when
that leaf asks for an amount or a quantity of the cart, and when the cart is within the distance.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from typing import NamedTuple

from aggregates.kernel.canonical import number
from rulesets.benefits.benefit import money_of
from rulesets.evaluator import actual_value
from rulesets.evaluator import evaluate
from rulesets.facts import Facts
from rulesets.nodes import All
from rulesets.nodes import AnyOf
from rulesets.nodes import Compare
from rulesets.nodes import Leaf
from rulesets.nodes import LinesTotal
from rulesets.nodes import Node
from rulesets.nodes import NoneOf
from rulesets.nodes import NotAll

NEAR = frozenset(
    {
        "cart.subtotal",
        "cart.subtotal_after_discount",
        "cart.subtotal_incl_tax",
        "cart.quantity",
        "cart.line_count",
    }
)
"""What a cart can be near to, beside sums over lines."""
MISSING = "{missing}"
"""What a message has in the place of that which is missing."""
_REACHED = frozenset({">=", ">"})
_LEFT = frozenset({"<", "<="})
_BEYOND = frozenset({">", "<="})
_COMBINED = (All, AnyOf, NoneOf, NotAll)


class Message(NamedTuple):
    """What a cart lacks for a rule: minor units if `money`, else a quantity."""

    rule_id: str
    missing: int | Decimal
    money: bool


@dataclass(frozen=True, slots=True)
class Nearly:
    """What a rule says to a cart that is not far from it. `written` is what its author wrote."""

    text: str
    written: Mapping[str, Any]
    base_currency: str

    def missing(self, rule_id: str, node: Node, facts: Facts) -> Message | None:
        """The least that would make the conditions true, if it is within the distance."""
        found = [
            Message(rule_id, lacking, leaf.type == "money")
            for leaf in _thresholds(node)
            if (lacking := _lacking(leaf, facts)) is not None
            and lacking <= self._distance(leaf, facts.currency)
            and _with_flipped(node, facts, leaf)
        ]
        return min(found, key=lambda message: message.missing, default=None)

    def _distance(self, leaf: Compare | LinesTotal, currency: str) -> int | Decimal:
        if leaf.type != "money":
            return Decimal(str(self.written["distance"]))
        distance = money_of(self.written, currency, self.base_currency, "distance")
        return -1 if distance is None else distance


def nearly_of(body: Mapping[str, Any], base_currency: str) -> Nearly | None:
    """What the body of a rule says, if it does."""
    nearly = body.get("nearly")
    return Nearly(nearly["message"], nearly, base_currency) if nearly else None


def _thresholds(node: Node) -> Iterator[Compare | LinesTotal]:
    """Each distinct leaf that asks for an amount or a quantity of the cart."""
    if isinstance(node, _COMBINED):
        for item in node.items:
            yield from _thresholds(item)
    elif isinstance(node, LinesTotal) or (isinstance(node, Compare) and node.attribute in NEAR):
        yield node


def _lacking(leaf: Compare | LinesTotal, facts: Facts) -> int | Decimal | None:
    """How far it is to the other side of the threshold, upwards; None if it is not below it."""
    actual, wanted = actual_value(leaf, facts, None), leaf.wanted(facts.currency)
    if not isinstance(actual, int | Decimal) or not isinstance(wanted, int | Decimal):
        return None
    if leaf.operator not in _REACHED | _LEFT:
        return None
    if leaf.operator in _BEYOND:  # the next whole unit, as nobody buys a ten-thousandth
        wanted = wanted // 1 + 1
    lacking = wanted - actual
    return number(lacking) if lacking > 0 else None


def _with_flipped(node: Node, facts: Facts, flipped: Leaf) -> bool:
    """The truth of the tree if that one leaf were the other way round."""
    if isinstance(node, _COMBINED):
        truths = [_with_flipped(item, facts, flipped) for item in node.items]
        if isinstance(node, All):
            return all(truths)
        if isinstance(node, AnyOf):
            return not truths or any(truths)
        if isinstance(node, NoneOf):
            return not any(truths)
        return not truths or not all(truths)
    truth = evaluate(node, facts)
    return truth is not (node == flipped)

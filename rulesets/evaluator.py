"""The plain evaluation of a tree: it defines what is right, and it explains.

The engine decides, this confirms (shadow) and takes over when the engine fails.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from aggregates.kernel.canonical import number
from aggregates.kernel.money import format_exact
from aggregates.kernel.money import format_money
from rulesets.facts import Facts
from rulesets.facts import Scope
from rulesets.facts import Value
from rulesets.nodes import SUMMED
from rulesets.nodes import All
from rulesets.nodes import AnyOf
from rulesets.nodes import Compare
from rulesets.nodes import Count
from rulesets.nodes import Leaf
from rulesets.nodes import LinesFound
from rulesets.nodes import LinesTotal
from rulesets.nodes import Node
from rulesets.nodes import NoneOf
from rulesets.nodes import NotAll
from rulesets.operators import holds


def evaluate(node: Node, facts: Facts, line: Scope | None = None) -> bool:
    """Whether the tree is true; in line scope `line.*` is read from `line`."""
    return EVALUATE[node.__class__](node, facts, line)


def matches(where: Node, row: Scope, currency: str) -> bool:
    """Whether a row that is being counted (`event.*`, `product.*`, `order.*`) satisfies a tree."""
    return evaluate(where, Facts(currency, row))


@dataclass(frozen=True, slots=True)
class Seen:
    """Where a leaf is looked at: at a line of the cart, or None; and which lines satisfy it, if it
    is about lines."""

    line: int | None = None
    matching: tuple[int, ...] = ()


Tell = Callable[[Leaf, Seen], Mapping[str, Any]]
"""What else there is to say of a leaf."""


def explain(
    node: Node, facts: Facts, tell: Tell = lambda _, __: {}, line: int | None = None
) -> dict[str, Any]:
    """The tree as written, with `actual` and `truth` at each leaf and `truth` above; at a line of
    the cart, by its place, if it stands inside of a condition about lines."""
    scope = None if line is None else _line(facts, line)
    truth = evaluate(node, facts, scope)
    if isinstance(node, All | AnyOf | NoneOf | NotAll):
        items = [explain(item, facts, tell, line) for item in node.items]
        return {_FORMS[node.__class__]: items, "truth": truth}
    if isinstance(node, LinesFound | LinesTotal):
        return {**_lines_explained(node, facts, tell), "truth": truth}
    written = {key: _plain(value) for key, value in node.raw.items()}
    actual = shown(node.type, actual_value(node, facts, scope), facts.currency)
    return {**written, "actual": actual, **tell(node, Seen(line)), "truth": truth}


def actual_value(leaf: Compare | LinesTotal | Count, facts: Facts, line: Scope | None) -> Any:
    """What stands on the left of a comparing leaf; None if it is undefined."""
    if isinstance(leaf, Compare):
        if line is not None and leaf.attribute.startswith("line."):
            return line.get(leaf.attribute)
        return facts.values.get(leaf.attribute)
    if isinstance(leaf, Count):
        return facts.counts.get(leaf.key)
    return total_of(leaf, [each for each in facts.lines if evaluate(leaf.where, facts, each)])


def total_of(leaf: LinesTotal, lines: list[Scope]) -> int | Decimal | None:
    """The sum over lines that stand for themselves: what belongs to a parent is in the parent.

    A sum with tax is unknown as soon as one of the lines does not tell its price with tax.
    """
    name = SUMMED[leaf.measure]
    total: int | Decimal = 0
    for line in lines:
        if "line.parent.sku" in line:
            continue
        value = 1 if name is None else line.get(name)
        if isinstance(value, int | Decimal):
            total += value
        elif leaf.measure == "amount_incl_tax":
            return None
    return total


def shown(kind: str, actual: Value | None, currency: str) -> Any:
    """A value as an explanation shows it: money as decimal text, sets as sorted lists."""
    if kind == "money" and isinstance(actual, int):
        return format_money(actual, currency)
    if kind == "money" and isinstance(actual, Decimal):
        return format_exact(actual, currency)
    return _plain(actual)


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Decimal | float):
        return format(Decimal(number(value)), "f")
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return value


def _lines_explained(node: LinesFound | LinesTotal, facts: Facts, tell: Tell) -> dict[str, Any]:
    """What the lines that satisfy it come to, and why on the first of them (else on the first
    line)."""
    matching = [at for at, line in enumerate(facts.lines) if evaluate(node.where, facts, line)]
    on = (matching or [0])[0]
    where = explain(node.where, facts, tell, on)
    told = tell(node, Seen(on if facts.lines else None, tuple(matching)))
    if isinstance(node, LinesFound):
        form = "found" if node.found else "not_found"
        return {"lines": form, "where": where, "actual": len(matching), **told}
    written = {key: _plain(value) for key, value in node.raw.items()}
    actual = shown(node.type, actual_value(node, facts, None), facts.currency)
    if "where" in written:
        written["where"] = where
    return {**written, "actual": actual, **told}


def _line(facts: Facts, at: int) -> Scope:
    """A line by its place; an empty cart is looked at by a line that says nothing."""
    return facts.lines[at] if at < len(facts.lines) else {}


def _leaf(leaf: LinesTotal | Count, facts: Facts, line: Scope | None) -> bool:
    if not leaf.covers(facts.currency):
        return False
    actual = actual_value(leaf, facts, line)
    return holds(leaf.operator, leaf.type, actual, leaf.wanted(facts.currency))


def _count(leaf: Count, facts: Facts, line: Scope | None) -> bool:
    """As `_leaf`; segments are made of these."""
    if leaf.type == "money":
        return _leaf(leaf, facts, line)
    return holds(leaf.operator, leaf.type, facts.counts.get(leaf.key), leaf.value)


def _compare(leaf: Compare, facts: Facts, line: Scope | None) -> bool:
    """As `_leaf`, for the leaf that is met by far the most often."""
    name = leaf.attribute
    actual = (facts.values if line is None or name[:5] != "line." else line).get(name)
    if leaf.type != "money" or not leaf.values:
        return holds(leaf.operator, leaf.type, actual, leaf.value)
    wanted = leaf.values.get(facts.currency)
    return wanted is not None and holds(leaf.operator, "money", actual, wanted)


def _all(node: All, facts: Facts, line: Scope | None) -> bool:
    return all(evaluate(item, facts, line) for item in node.items)


def _any(node: AnyOf, facts: Facts, line: Scope | None) -> bool:
    return not node.items or any(evaluate(item, facts, line) for item in node.items)


def _none(node: NoneOf, facts: Facts, line: Scope | None) -> bool:
    return not any(evaluate(item, facts, line) for item in node.items)


def _not_all(node: NotAll, facts: Facts, line: Scope | None) -> bool:
    return not node.items or not all(evaluate(item, facts, line) for item in node.items)


def _lines_found(node: LinesFound, facts: Facts, line: Scope | None) -> bool:
    return node.found is any(evaluate(node.where, facts, each) for each in facts.lines)


EVALUATE: dict[type, Callable[[Any, Facts, Scope | None], bool]] = {
    All: _all,
    AnyOf: _any,
    NoneOf: _none,
    NotAll: _not_all,
    Compare: _compare,
    LinesTotal: _leaf,
    Count: _count,
    LinesFound: _lines_found,
}
"""By the class of a node, for who asks so often that one call less counts."""
_FORMS = {All: "all", AnyOf: "any", NoneOf: "none", NotAll: "not_all"}

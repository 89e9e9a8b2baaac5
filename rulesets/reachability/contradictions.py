"""Trees that can never hold, told with the leaf that contradicts and the one it contradicts."""

from __future__ import annotations

import json
from collections.abc import Iterator

from aggregates.kernel.errors import Problem
from rulesets.nodes import Compare
from rulesets.nodes import Compared
from rulesets.nodes import Count
from rulesets.nodes import Leaf
from rulesets.nodes import LinesFound
from rulesets.nodes import LinesTotal
from rulesets.nodes import Node
from rulesets.nodes import leaves
from rulesets.nodes import uncovered
from rulesets.reachability.alternatives import COMBINATION
from rulesets.reachability.alternatives import FORMS
from rulesets.reachability.alternatives import Budget
from rulesets.reachability.alternatives import Clash
from rulesets.reachability.alternatives import Placed
from rulesets.reachability.alternatives import PlacedLeaf
from rulesets.reachability.alternatives import Search
from rulesets.reachability.alternatives import TooMuch
from rulesets.reachability.subjects import ALWAYS_KNOWN
from rulesets.reachability.subjects import KNOWN_OF_CARTS
from rulesets.reachability.subjects import KNOWN_OF_LINES

_SHOWN_MAX = 60


def contradictions(node: Node, pointer: str, base: str, *, of_cart: bool) -> Iterator[Problem]:
    """`unreachable` for the tree, `where_never_holds` for what is nested in it. `base` is the
    currency of the site; `of_cart` says that only decisions about carts ask."""
    for where, at, known in _nested(node, pointer):
        yield from never_holds(where, at, base, known)
    known = ALWAYS_KNOWN | (KNOWN_OF_CARTS if of_cart else frozenset())
    yield from _told(node, pointer, base, known, "unreachable")


def never_holds(
    where: Node, pointer: str, base: str, known: frozenset[str] = ALWAYS_KNOWN | KNOWN_OF_LINES
) -> Iterator[Problem]:
    """`where_never_holds` for a tree that is asked of lines, or of rows of history."""
    yield from _told(where, pointer, base, known, "where_never_holds")


def _told(
    node: Node, pointer: str, base: str, known: frozenset[str], code: str
) -> Iterator[Problem]:
    """In no currency that the tree has all amounts of may it hold."""
    currencies = {base, *(c for x in leaves(node) if isinstance(x, Compared) for c in x.values)}
    others = sorted(c for c in currencies - {base} if not uncovered(node, c))
    budget = Budget()
    told: Problem | None = None
    for currency in (*others, base):
        search = Search(currency, known, budget)
        try:
            clash = search.clash(Placed(node, True, pointer))
            if clash is None:
                return
            told = _problem(search, clash, code)
        except TooMuch:
            return
    if told is not None:
        yield told


def _problem(search: Search, clash: Clash, code: str) -> Problem:
    if not clash.leaves:
        return Problem(clash.pointer, code, "an empty list is always true and never false")
    ordered = sorted(clash.leaves, key=lambda placed: _written(placed.pointer))
    count = next(n for n in range(1, len(ordered) + 1) if not search.hold_together(ordered[:n]))
    last, before = ordered[count - 1], ordered[: count - 1]
    if not before:
        return Problem(last.pointer, code, f"{_said(last)} can never hold")
    other = next((one for one in before if not search.hold_together([one, last])), None)
    if other is None:
        detail = f"{_said(last)} contradicts those about it before, from {before[0].pointer} on"
    else:
        detail = f"{_said(last)} contradicts {_said(other)} at {other.pointer}"
    return Problem(last.pointer, code, detail)


def _written(pointer: str) -> list[tuple[int, str]]:
    """The order in which a tree is read."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in pointer.split("/")]


def _said(placed: PlacedLeaf) -> str:
    said = _shown(placed.leaf)
    return said if placed.positive else f"not ({said})"


def _shown(leaf: Leaf) -> str:
    if isinstance(leaf, LinesFound):
        return "lines found" if leaf.found else "lines not found"
    if isinstance(leaf, Compare):
        name = leaf.attribute
    elif isinstance(leaf, LinesTotal):
        name = f"lines {leaf.measure}"
    else:
        name = leaf.event if leaf.kind == "history" else f"orders {leaf.measure}"
    if "value" not in leaf.raw:
        return f"{name[:100]} {leaf.operator}"
    wanted = json.dumps(leaf.raw["value"], ensure_ascii=False, default=str)
    shown = wanted if len(wanted) <= _SHOWN_MAX else f"{wanted[:_SHOWN_MAX]}.."
    return f"{name[:100]} {leaf.operator} {shown}"


def _nested(node: Node, pointer: str) -> Iterator[tuple[Node, str, frozenset[str]]]:
    """Every `where`, its place, and what is certainly known there."""
    if isinstance(node, COMBINATION):
        for number, item in enumerate(node.items):
            yield from _nested(item, f"{pointer}/{FORMS[node.__class__]}/{number}")
    elif isinstance(node, LinesFound | LinesTotal):
        yield node.where, f"{pointer}/where", ALWAYS_KNOWN | KNOWN_OF_LINES
    elif isinstance(node, Count) and node.where is not None:
        yield node.where, f"{pointer}/where", frozenset()

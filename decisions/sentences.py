"""Explained trees in plain words: which conditions decided, and what was found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_COMBINED = ("all", "any", "none", "not_all")
_ASKED = {
    "==": "it had to be {}",
    "!=": "it had to be other than {}",
    ">": "it had to be more than {}",
    ">=": "it had to be at least {}",
    "<": "it had to be less than {}",
    "<=": "it had to be at most {}",
    "in": "it had to be one of {}",
    "not_in": "it had to be none of {}",
    "contains": "it had to contain {}",
    "not_contains": "it had to be without {}",
    "starts_with": "it had to begin with {}",
    "ends_with": "it had to end with {}",
    "is_defined": "it had to be known",
    "is_undefined": "it had to be unknown",
    "between": "it had to be between {}",
}
_MEASURES = {
    "count": "the number of orders",
    "sum": "the sum of all orders",
    "average": "the average order",
    "quantity": "the number of units bought",
}
LEAVES_MAX = 4
"""A sentence with more conditions is read by nobody; the tree has them all."""


def reason(tree: dict[str, Any]) -> str:
    """What made the tree true or false: `cart.subtotal is 60.00 (it had to be at least 50.00)`."""
    leaves = list(_decisive(tree))
    if not leaves:
        return "it asks for nothing"
    told = list(dict.fromkeys(_leaf(leaf) for leaf in leaves))
    more = len(told) - LEAVES_MAX
    return "; ".join(told[:LEAVES_MAX]) + (f"; and {more} more" if more > 0 else "")


def _decisive(tree: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The leaves that a tree's truth follows from."""
    form = next((form for form in _COMBINED if form in tree), None)
    if form is None:
        yield tree
        return
    truth = tree["truth"]
    wanted = truth if form in {"all", "any"} else not truth
    for item in tree[form]:
        if item["truth"] is wanted:
            yield from _decisive(item)


def _leaf(leaf: dict[str, Any]) -> str:
    if leaf.get("lines") in {"found", "not_found"}:
        found = leaf["truth"] is (leaf["lines"] == "found")
        asked = "was asked for" if leaf["lines"] == "found" else "was to be absent"
        return f"{'a' if found else 'no'} line like that is in the cart (one {asked})"
    asked = _ASKED[leaf["operator"]].format(_shown(leaf.get("value")))
    return f"{_subject(leaf)} is {_shown(leaf.get('actual'))} ({asked})"


def _subject(leaf: dict[str, Any]) -> str:
    if "attribute" in leaf:
        return str(leaf["attribute"])
    days = f" in {leaf['within_days']} days" if leaf.get("within_days") else ""
    like = " like that" if leaf.get("where") is not None else ""
    if "history" in leaf:
        return f"the number of {leaf['history']}{like}{days}"
    if "orders" in leaf:
        return f"{_MEASURES[leaf['orders']]}{like}{days}"
    return f"the {leaf['lines']} of lines{like}"


def _shown(value: Any) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(_shown(item) for item in value) or "empty"
    return str(value)

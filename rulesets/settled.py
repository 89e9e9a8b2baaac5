"""The evaluator over facts that do not change any more: each distinct leaf is asked once.

Rules of one site ask the same things over and over. Equal leaves of a revision are one object, so
a decision remembers their truth by identity; above the leaves the tree is walked as ever.
"""

from __future__ import annotations

from typing import Any

from rulesets.evaluator import evaluate
from rulesets.facts import Facts
from rulesets.literals import key_of
from rulesets.nodes import All
from rulesets.nodes import AnyOf
from rulesets.nodes import Node
from rulesets.nodes import NoneOf
from rulesets.nodes import NotAll


class SettledTruths:
    """What the leaves are for one decision."""

    __slots__ = ("_facts", "_known")

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._known: dict[int, bool] = {}

    def truth(self, node: Node) -> bool:
        """The same as `evaluate`, for nodes that live as long as this does."""
        known = self._known.get(id(node))
        if known is not None:
            return known
        if isinstance(node, All):
            remembered = self._known
            for item in node.items:
                known = remembered.get(id(item))
                if known is False or (known is None and not self.truth(item)):
                    return False
            return True
        if isinstance(node, AnyOf):
            return not node.items or any(map(self.truth, node.items))
        if isinstance(node, NoneOf):
            return not any(map(self.truth, node.items))
        if isinstance(node, NotAll):
            return not node.items or not all(map(self.truth, node.items))
        known = self._known[id(node)] = evaluate(node, self._facts)
        return known


def shared(node: Node, leaves: dict[Any, Node]) -> Node:
    """The same tree with leaves that other trees have already."""
    if isinstance(node, All | AnyOf | NoneOf | NotAll):
        return node.__class__(tuple(shared(item, leaves) for item in node.items))
    return leaves.setdefault(key_of(node), node)

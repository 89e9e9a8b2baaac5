"""The evaluator with a memory: each distinct leaf that reads settled facts is asked once.

Rules of one site ask the same things over and over. Equal leaves of a revision are one object, so
a decision remembers their truth by identity; above the leaves the tree is walked as ever. Leaves
that read running totals are asked each time.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Any

from rulesets.evaluator import EVALUATE
from rulesets.facts import Facts
from rulesets.literals import key_of
from rulesets.nodes import All
from rulesets.nodes import AnyOf
from rulesets.nodes import Node
from rulesets.nodes import NoneOf
from rulesets.nodes import NotAll

_COMBINED = frozenset({All, AnyOf, NoneOf, NotAll})


class SettledTruths:
    """What the leaves are for one decision. `late`: the ids of the leaves that still change."""

    __slots__ = ("_facts", "_known", "_late")

    def __init__(self, facts: Facts, late: AbstractSet[int] = frozenset()) -> None:
        self._facts = facts
        self._late = late
        self._known: dict[int, bool] = {}

    def truth(self, node: Node) -> bool:
        """The same as `evaluate`, for nodes that live as long as this does."""
        kind = node.__class__
        if kind not in _COMBINED:
            return self._leaf(node)
        if isinstance(node, All):
            remembered = self._known
            for item in node.items:
                known = remembered.get(id(item))
                if known is None:
                    inner = item.__class__ in _COMBINED
                    known = self.truth(item) if inner else self._leaf(item)
                if not known:
                    return False
            return True
        if isinstance(node, AnyOf):
            return not node.items or any(map(self.truth, node.items))
        if isinstance(node, NoneOf):
            return not any(map(self.truth, node.items))
        assert isinstance(node, NotAll)
        return not node.items or not all(map(self.truth, node.items))

    def _leaf(self, leaf: Node) -> bool:
        known = self._known.get(id(leaf))
        if known is None:
            known = EVALUATE[leaf.__class__](leaf, self._facts, None)
            if id(leaf) not in self._late:
                self._known[id(leaf)] = known
        return known


def shared(node: Node, leaves: dict[Any, Node]) -> Node:
    """The same tree with leaves that other trees have already."""
    if isinstance(node, All | AnyOf | NoneOf | NotAll):
        return node.__class__(tuple(shared(item, leaves) for item in node.items))
    return leaves.setdefault(key_of(node), node)

"""Negation normal form: trees over literals, with AND and OR only.

A literal is an integer; AND of nothing is true, OR of nothing is false.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Container
from dataclasses import dataclass

from rulesets.nodes import All
from rulesets.nodes import AnyOf
from rulesets.nodes import Leaf
from rulesets.nodes import Node
from rulesets.nodes import NoneOf
from rulesets.nodes import NotAll


@dataclass(frozen=True, slots=True)
class And:
    """All of them."""

    items: tuple[Form, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """One of them."""

    items: tuple[Form, ...]


Form = int | And | Or
TRUE = And(())
FALSE = Or(())


def normal(node: Node, positive: bool, literal: Callable[[Leaf, bool], int]) -> Form:
    """A tree, or its negation, as a form; `literal` names a leaf or its negation."""
    if not isinstance(node, All | AnyOf | NoneOf | NotAll):
        return literal(node, positive)
    if not node.items:
        return TRUE if positive else FALSE
    inner = positive if isinstance(node, All | AnyOf) else not positive
    items = [normal(item, inner, literal) for item in node.items]
    joined = isinstance(node, All | NoneOf) is positive
    return conjunction(items) if joined else disjunction(items)


def conjunction(items: list[Form]) -> Form:
    """AND, flat and without repeats."""
    flat: dict[Form, None] = {}
    for item in items:
        if item == FALSE:
            return FALSE
        flat.update(dict.fromkeys(item.items if isinstance(item, And) else (item,)))
    return next(iter(flat)) if len(flat) == 1 else And(tuple(flat))


def disjunction(items: list[Form]) -> Form:
    """OR, flat and without repeats."""
    flat: dict[Form, None] = {}
    for item in items:
        if item == TRUE:
            return TRUE
        flat.update(dict.fromkeys(item.items if isinstance(item, Or) else (item,)))
    return next(iter(flat)) if len(flat) == 1 else Or(tuple(flat))


def holds_in(form: Form, true: Container[int]) -> bool:
    """Whether a form is true, given the literals that are."""
    if isinstance(form, int):
        return form in true
    if isinstance(form, And):
        return all(holds_in(item, true) for item in form.items)
    return any(holds_in(item, true) for item in form.items)


def literals_of(form: Form) -> frozenset[int]:
    """Every literal in it."""
    if isinstance(form, int):
        return frozenset((form,))
    return frozenset().union(*(literals_of(item) for item in form.items))

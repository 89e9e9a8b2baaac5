"""Which quantifiers over lines are true: each line meets only the trees it can satisfy.

A tree that needs some positive leaf of the line is tried when that leaf is true; the rest are
always tried. Trees without a line that satisfies them are not touched at all.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from rulesets.columns import Column
from rulesets.columns import Entry
from rulesets.facts import Facts
from rulesets.facts import Scope
from rulesets.forms import And
from rulesets.forms import Form
from rulesets.forms import holds_in
from rulesets.forms import literals_of
from rulesets.forms import normal
from rulesets.nodes import SUMMED
from rulesets.nodes import Compare
from rulesets.nodes import Leaf
from rulesets.nodes import LinesFound
from rulesets.nodes import LinesTotal


class _Tree:
    """One distinct inner tree and the quantifiers over it."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.own: frozenset[int] | None = None
        self.outside: frozenset[int] = frozenset()
        self.found: list[int] = []
        self.not_found: list[int] = []
        self.sums: dict[str, list[Entry]] = {}
        self.columns: list[tuple[str, Column, list[int]]] = []


class LineIndex:
    """The quantifiers of one stage for one currency."""

    def __init__(self, currency: str, literal: Callable[[Leaf, bool], int]) -> None:
        self._currency = currency
        self._literal = literal
        self._leaves: dict[str, list[Entry]] = {}
        self._kinds: dict[str, Any] = {}
        self._equalities: set[int] = set()
        self._trees: dict[Form, _Tree] = {}
        self.inner: set[int] = set()

    def __bool__(self) -> bool:
        return bool(self._trees)

    def add_leaf(self, literal: int, leaf: Compare) -> None:
        """A leaf over `line.*`."""
        entry = (literal, leaf.operator, leaf.wanted(self._currency))
        self._leaves.setdefault(leaf.attribute, []).append(entry)
        self._kinds[leaf.attribute] = leaf.type
        if leaf.operator in {"==", "in", "contains"}:
            self._equalities.add(literal)

    def add_quantifier(self, literal: int, leaf: Leaf) -> None:
        """A leaf that asks for lines."""
        if not isinstance(leaf, LinesFound | LinesTotal):
            msg = f"{leaf!r} is no quantifier"
            raise TypeError(msg)
        form = normal(leaf.where, True, self._literal)
        tree = self._trees.setdefault(form, _Tree(form))
        if isinstance(leaf, LinesFound):
            (tree.found if leaf.found else tree.not_found).append(literal)
        else:
            name = SUMMED[leaf.measure]
            assert name is not None, "only what authors write is indexed"
            entry = (literal, leaf.operator, leaf.wanted(self._currency))
            tree.sums.setdefault(name, []).append(entry)

    def close(self) -> None:
        """Everything is added: makes the index."""
        self._columns = {
            name: Column(self._kinds[name], rows) for name, rows in self._leaves.items()
        }
        own = {literal for rows in self._leaves.values() for literal, _, _ in rows}
        self.inner = {literal + 1 for literal in own}
        self._undefined = frozenset().union(*(c.undefined for c in self._columns.values()))
        self._triggers: dict[int, list[_Tree]] = {}
        self._always: list[_Tree] = []
        base: set[int] = set()
        for tree in self._trees.values():
            base.update(tree.not_found)
            for name, rows in tree.sums.items():
                column = Column("number", rows)
                at_zero = column.true(0)
                tree.columns.append((name, column, at_zero))
                base.update(at_zero)
            self._file(tree, own)
        self._base = frozenset(base)

    def true(self, facts: Facts, found: set[int]) -> None:
        """Adds the true quantifiers to the true literals outside line scope."""
        found |= self._base
        satisfying: dict[int, tuple[_Tree, list[Scope]]] = {}
        triggers = self._triggers
        for line in facts.lines:
            here = self._line(line)
            tried = self._always.copy()
            for literal in here:
                if literal in triggers:
                    tried += triggers[literal]
            for tree in tried:
                own = tree.own
                if own is None:
                    true = holds_in(tree.form, _Known(here, found, self.inner))
                else:  # the usual tree, a plain AND: two subset tests
                    true = own <= here and tree.outside <= found
                if true:
                    satisfying.setdefault(id(tree), (tree, []))[1].append(line)
        for tree, lines in satisfying.values():
            found.update(tree.found)
            found.difference_update(tree.not_found)
            for name, column, at_zero in tree.columns:
                found.difference_update(at_zero)
                found.update(column.true(_sum(name, lines)))

    def _file(self, tree: _Tree, own: set[int]) -> None:
        """By one leaf that the tree needs, an equality if there is one."""
        items = tree.form.items if isinstance(tree.form, And) else (tree.form,)
        needed = [item for item in items if isinstance(item, int) and item in own]
        equal = [item for item in needed if item in self._equalities]
        if all(isinstance(item, int) and not item & 1 for item in items):
            plain = literals_of(tree.form)
            tree.own, tree.outside = plain & own, plain - own
        if needed:
            self._triggers.setdefault((equal or needed)[0], []).append(tree)
        else:
            self._always.append(tree)

    def _line(self, line: Scope) -> set[int]:
        here = set(self._undefined)
        for name, column in self._columns.items():
            value = line.get(name)
            if value is not None:
                if column.undefined:
                    here -= column.undefined
                here.update(column.true(value))
        return here


class _Known:
    """The literals true of a line: its own, and those outside line scope."""

    __slots__ = ("_here", "_inner", "_outside")

    def __init__(self, here: set[int], outside: set[int], inner: set[int]) -> None:
        self._here = here
        self._outside = outside
        self._inner = inner

    def __contains__(self, literal: Any) -> bool:
        if literal in self._here or literal in self._outside:
            return True
        return bool(literal & 1) and (
            literal - 1 not in self._here
            if literal in self._inner
            else literal - 1 not in self._outside
        )


def _sum(name: str, lines: list[Scope]) -> int | Decimal:
    total: int | Decimal = 0
    for line in lines:
        value = line.get(name)
        if isinstance(value, int | Decimal) and "line.parent.sku" not in line:
            total += value
    return total

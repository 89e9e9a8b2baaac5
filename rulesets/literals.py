"""Literals: each distinct leaf once, positive or negated, evaluated before the engine runs.

Only true literals are asserted, so durable_rules never sees a value or a text of a client. All
leaves of an attribute are answered together by an index (rulesets/columns.py); lines meet only
the trees that one of their values can satisfy (rulesets/line_index.py).
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any

from rulesets.attributes import RUNNING
from rulesets.columns import Column
from rulesets.columns import Entry
from rulesets.evaluator import evaluate
from rulesets.facts import Facts
from rulesets.forms import And
from rulesets.forms import Form
from rulesets.forms import Or
from rulesets.forms import holds_in
from rulesets.forms import literals_of
from rulesets.forms import normal
from rulesets.line_index import LineIndex
from rulesets.nodes import Compare
from rulesets.nodes import Compared
from rulesets.nodes import Count
from rulesets.nodes import Leaf
from rulesets.nodes import LinesFound
from rulesets.nodes import LinesTotal
from rulesets.nodes import Node
from rulesets.nodes import attributes_read
from rulesets.steps import Rest
from rulesets.steps import in_steps
from rulesets.steps import unbroken

ALTERNATIVES_MAX = 8
"""Conjunctions of one rule that the engine joins itself; wider ORs become one literal, since the
network runs once for every branch that is true."""


INDEXED = frozenset({"quantity", "amount"})
"""Sums that lines are indexed for; the others are evaluated one by one."""
SELECTIVE = frozenset({"==", "in", "contains"})


class LiteralTable:
    """The literals of one stage of decisions.

    `late` names attributes that change while the stage runs: leaves that read them are left out
    of `true` and answered by `late_true` whenever it is asked.
    """

    def __init__(self, late: frozenset[str] = RUNNING) -> None:
        self._late_names = late
        self._ids: dict[Any, int] = {}
        self._leaves: list[Leaf] = []
        self.late: list[bool] = []
        self._groups: dict[Form, int] = {}
        self.negations: set[int] = set()
        self._indexes: dict[str, _Index] = {}
        self._lock = threading.Lock()
        self.lineage = object()

    def grown(self) -> LiteralTable:
        """A table to go on with, in which all literals so far keep their numbers: `lineage` is the
        same object then. This one stays as it is."""
        grown = LiteralTable(self._late_names)
        grown._ids, grown._leaves, grown.late = {**self._ids}, [*self._leaves], [*self.late]
        grown._groups, grown.negations = dict(self._groups), set(self.negations)
        grown.lineage = self.lineage
        return grown

    def __len__(self) -> int:
        return len(self._leaves)

    def conjunctions(self, node: Node) -> tuple[tuple[int, ...], ...]:
        """A tree as alternatives, each the literals that must all be true, in the order written.

        None at all: never true. One without literals: always true. Compiling is
        single-threaded, and comes before the first question.
        """
        form = normal(node, True, self.literal)
        self._indexes = {}
        ways = form.items if isinstance(form, Or) else (form,)
        if len(ways) > ALTERNATIVES_MAX:
            return ((self._group(form),),)
        return tuple(
            tuple(
                item if isinstance(item, int) else self._group(item)
                for item in (way.items if isinstance(way, And) else (way,))
            )
            for way in ways
        )

    def literal(self, leaf: Leaf, positive: bool) -> int:
        """The number of a leaf, even, or of its negation, odd."""
        key = key_of(leaf)
        index = self._ids.get(key)
        if index is None:
            index = self._ids[key] = len(self._leaves)
            self._leaves.append(leaf)
            self.late.append(self._is_late(leaf))
            if isinstance(leaf, LinesFound | LinesTotal) and not self.late[index]:
                normal(leaf.where, True, self.literal)
        if not positive:
            self.negations.add(2 * index + 1)
        return 2 * index + (not positive)

    def rank(self, literal: int) -> int:
        """The order of tests in a conjunction: what is seldom true first, negations last."""
        if literal < 0 or literal & 1:
            return 2
        leaf = self._leaves[literal // 2]
        return int(not isinstance(leaf, Compared) or leaf.operator not in SELECTIVE)

    def _is_late(self, leaf: Leaf) -> bool:
        """Whether a leaf reads what changes while the stage runs."""
        needs = attributes_read(leaf)
        return not self._late_names.isdisjoint(needs.values | needs.lines)

    def true(self, facts: Facts) -> set[int]:
        """Every true literal but the late ones."""
        return self._index(facts.currency).true(facts)

    def late_true(self, facts: Facts, true: set[int]) -> set[int]:
        """The true ones among the late literals, given the others."""
        return self._index(facts.currency).late_true(facts, true)

    def late_place(self, facts: Facts) -> Any:
        """Where what changes stands among the thresholds: as long as it is equal, `late_true` is.
        None if that cannot be told."""
        return self._index(facts.currency).late_place(facts)

    @property
    def currencies(self) -> tuple[str, ...]:
        """Those for which it has answered; "" stands for all without amounts of their own."""
        return tuple(self._indexes)

    def prepare(self, currencies: Iterable[str], rest: Rest) -> None:
        """Makes indexes before they are asked for."""
        for currency in currencies:
            self._index(currency, rest)

    def _group(self, form: Form) -> int:
        """A literal that stands for a whole OR: a negative number."""
        return self._groups.setdefault(form, -1 - len(self._groups))

    def _index(self, currency: str, rest: Rest = unbroken) -> _Index:
        """Indexes differ by currency only in the wanted amounts; made when first asked for."""
        index = self._indexes.get(currency)
        if index is None:
            with self._lock:
                known = {c for x in self._leaves if isinstance(x, Compared) for c in x.values}
                shared = currency if currency in known else ""
                index = self._indexes.get(shared)
                if index is None:
                    index = _Index(self, self._leaves, self._groups, shared, rest)
                    self._indexes[shared] = index
                self._indexes[currency] = index
        return index


class _Index:
    """What answers for one currency."""

    def __init__(
        self,
        table: LiteralTable,
        leaves: list[Leaf],
        groups: dict[Form, int],
        currency: str,
        rest: Rest,
    ) -> None:
        values: dict[str, list[Entry]] = {}
        counts: dict[str, list[Entry]] = {}
        late: dict[str, list[Entry]] = {}
        kinds: dict[str, Any] = {}
        self._asked: list[tuple[int, Leaf]] = []
        self._seldom: list[tuple[int, Leaf]] = []
        late_ids: set[int] = set()
        lines = LineIndex(currency, table.literal)
        for number, leaf in enumerate(in_steps(leaves, rest)):
            literal = 2 * number
            if table.late[number]:
                late_ids |= {literal, literal + 1}
            if isinstance(leaf, Compared) and not leaf.covers(currency):
                continue
            if isinstance(leaf, Compare):
                if leaf.attribute.startswith("line."):
                    lines.add_leaf(literal, leaf)
                else:
                    target = late if literal in late_ids else values
                    entry = (literal, leaf.operator, leaf.wanted(currency))
                    target.setdefault(leaf.attribute, []).append(entry)
                    kinds[leaf.attribute] = leaf.type
            elif isinstance(leaf, Count):
                entry = (literal, leaf.operator, leaf.wanted(currency))
                counts.setdefault(leaf.key, []).append(entry)
                kinds[leaf.key] = leaf.type
            elif literal in late_ids:
                self._asked.append((literal, leaf))
            elif isinstance(leaf, LinesTotal) and leaf.measure not in INDEXED:
                self._seldom.append((literal, leaf))
            else:
                lines.add_quantifier(literal, leaf)
        self._values = {name: Column(kinds[name], rows) for name, rows in values.items()}
        self._counts = {name: Column(kinds[name], rows) for name, rows in counts.items()}
        self._late = {name: Column(kinds[name], rows) for name, rows in late.items()}
        self._lines = lines
        lines.close()
        negated = table.negations - lines.inner
        self._negated = frozenset(negated - late_ids)
        self._late_negated = frozenset(negated & late_ids)
        columns = [*self._values.values(), *self._counts.values()]
        self._base = frozenset().union(*(column.undefined for column in columns))
        ordered = sorted(groups.items(), key=lambda item: -item[1])
        self._groups = [
            (form, name) for form, name in ordered if literals_of(form).isdisjoint(late_ids)
        ]
        self._late_groups = [
            (form, name) for form, name in ordered if not literals_of(form).isdisjoint(late_ids)
        ]

    def true(self, facts: Facts) -> set[int]:
        found = set(self._base)
        _answer(self._values, facts.values, found)
        _answer(self._counts, facts.counts, found)
        if self._lines:
            self._lines.true(facts, found)
        if self._seldom:
            found.update([literal for literal, leaf in self._seldom if evaluate(leaf, facts)])
        if self._negated:
            found.update([literal for literal in self._negated if literal - 1 not in found])
        if self._groups:
            found.update([name for form, name in self._groups if holds_in(form, found)])
        return found

    def late_true(self, facts: Facts, true: set[int]) -> set[int]:
        found: set[int] = set()
        for name, column in self._late.items():
            found.update(column.true(facts.values.get(name)))
        found.update([literal for literal, leaf in self._asked if evaluate(leaf, facts)])
        found.update([literal for literal in self._late_negated if literal - 1 not in found])
        if self._late_groups:
            known = true | found
            found.update([name for form, name in self._late_groups if holds_in(form, known)])
        return found

    def late_place(self, facts: Facts) -> Any:
        if self._asked:
            return None
        return [column.place(facts.values.get(name)) for name, column in self._late.items()]


def _answer(columns: dict[str, Column], values: Any, found: set[int]) -> None:
    """Asks the columns whose value is there; the others already gave their `is_undefined`."""
    for name, column in columns.items():
        value = values.get(name)
        if value is not None:
            if column.undefined:
                found -= column.undefined
            found.update(column.true(value))


def key_of(node: Node) -> Any:
    """What makes two leaves the same literal."""
    if isinstance(node, Compare):
        return (node.attribute, node.operator, _hashable(node))
    if isinstance(node, Count):
        return (node.key, node.operator, _hashable(node))
    if isinstance(node, LinesTotal):
        return (node.measure, node.operator, _hashable(node), key_of(node.where))
    if isinstance(node, LinesFound):
        return (node.found, key_of(node.where))
    return (node.__class__, tuple(key_of(item) for item in node.items))


def _hashable(leaf: Compared) -> Any:
    """1 and true are equal in Python but not here; text says which it is."""
    if leaf.type == "open":
        return repr(leaf.value)
    return tuple(sorted(leaf.values.items())) if leaf.values else leaf.value

"""Conditions after parsing: frozen values, typed and prepared for comparison."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from typing import Any
from typing import Literal

from rulesets.attributes import Type


@dataclass(frozen=True, slots=True)
class All:
    """Every one is true."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One is true, or there are none."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class NoneOf:
    """Every one is false."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class NotAll:
    """One is false, or there are none."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """The right-hand side of a leaf, prepared.

    `value` is what is wanted; money stands in `values` by currency instead, in minor units.
    `raw` is the leaf as the author wrote it.
    """

    type: Type
    operator: str
    value: Any
    values: Mapping[str, Any]
    raw: Mapping[str, Any] = field(compare=False)

    def covers(self, currency: str) -> bool:
        """Whether there is an amount in that currency, if one is needed."""
        return self.type != "money" or not self.values or currency in self.values

    def wanted(self, currency: str) -> Any:
        """The value to compare with; None if the currency has none."""
        return self.values.get(currency) if self.type == "money" else self.value


@dataclass(frozen=True, slots=True)
class Compare(Compared):
    """One attribute against one value."""

    attribute: str


@dataclass(frozen=True, slots=True)
class LinesFound:
    """Some line satisfies `where`, or none does."""

    found: bool
    where: Node


Measure = Literal[
    "quantity", "amount", "amount_after_discount", "amount_incl_tax", "weight", "lines"
]
SUMMED: dict[Measure, str | None] = {
    "quantity": "line.quantity",
    "amount": "line.subtotal",
    "amount_after_discount": "line.subtotal_after_discount",
    "amount_incl_tax": "line.subtotal_incl_tax",
    "weight": "line.total_weight",
    "lines": None,
}
"""What is added up of each line; None counts the lines. Authors write the first two; the others
come from `totals_over` (rulesets/eligible_totals.py)."""


@dataclass(frozen=True, slots=True)
class LinesTotal(Compared):
    """The sum over the lines that satisfy `where`.

    Lines that belong to another line are not summed: their parent is.
    """

    measure: Measure
    where: Node


@dataclass(frozen=True, slots=True)
class Count(Compared):
    """What a person did or bought. `key` names its value in `Facts.counts`: two leaves that count
    the same share it."""

    kind: Literal["history", "orders"]
    key: str
    event: str
    within_days: int | None
    measure: Literal["count", "sum", "average", "quantity"]
    where: Node | None


Node = All | AnyOf | NoneOf | NotAll | Compare | LinesFound | LinesTotal | Count
Leaf = Compare | LinesFound | LinesTotal | Count
EMPTY = All(())
"""The tree that is always true."""


@dataclass(frozen=True, slots=True, eq=False)
class Needs:
    """What a tree reads: attributes outside line scope, attributes of lines, counts. Equal only to
    itself, so that what follows from the needs of a revision is remembered cheaply."""

    values: frozenset[str] = frozenset()
    lines: frozenset[str] = frozenset()
    counts: tuple[Count, ...] = ()

    def __or__(self, other: Needs) -> Needs:
        known = {count.key for count in self.counts}
        return Needs(
            self.values | other.values,
            self.lines | other.lines,
            self.counts + tuple(count for count in other.counts if count.key not in known),
        )


def leaves(node: Node) -> Iterator[Leaf]:
    """Every leaf, in the order written; a quantifier before the leaves of its `where`."""
    if isinstance(node, All | AnyOf | NoneOf | NotAll):
        for item in node.items:
            yield from leaves(item)
        return
    yield node
    if isinstance(node, LinesFound | LinesTotal | Count) and node.where is not None:
        yield from leaves(node.where)


def attributes_read(node: Node) -> Needs:
    """What has to be known to evaluate a tree.

    The `where` of a count is read row by row while counting, so it adds nothing but the count.
    """
    needs = Needs()
    for leaf in _outer(node):
        if isinstance(leaf, Count):
            needs |= Needs(counts=(leaf,))
        elif isinstance(leaf, Compare):
            here = frozenset((leaf.attribute,))
            is_line = leaf.attribute.startswith("line.")
            needs |= Needs(lines=here) if is_line else Needs(values=here)
        else:
            needs |= attributes_read(leaf.where)
            if isinstance(leaf, LinesTotal):
                summed = SUMMED[leaf.measure]
                read = {"line.parent.sku"} if summed is None else {summed, "line.parent.sku"}
                needs |= Needs(lines=frozenset(read))
    return needs


def uncovered(node: Node, currency: str) -> bool:
    """Whether the tree needs an amount in a currency for which its author gave none."""
    return any(isinstance(leaf, Compared) and not leaf.covers(currency) for leaf in leaves(node))


def _outer(node: Node) -> Iterator[Leaf]:
    if isinstance(node, All | AnyOf | NoneOf | NotAll):
        for item in node.items:
            yield from _outer(item)
    else:
        yield node

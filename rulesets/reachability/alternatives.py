"""A tree taken apart into alternatives, each of which is searched for leaves that contradict.

The tree is walked with its negations moved to the leaves, as rulesets/forms.py does for the
engine. One alternative without a contradiction is enough to end the search.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aggregates.kernel.limits import REACHABILITY_COMPARISONS_MAX
from rulesets.literals import key_of
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
from rulesets.reachability.claims import Claim
from rulesets.reachability.possible import possible
from rulesets.reachability.subjects import subject_of

COMBINATION = All | AnyOf | NoneOf | NotAll
FORMS: dict[type, str] = {All: "all", AnyOf: "any", NoneOf: "none", NotAll: "not_all"}


class TooMuch(Exception):
    """Finding out would take too long: nothing is said."""


class Budget:
    """How many comparisons one tree may cost."""

    def __init__(self) -> None:
        self.left = REACHABILITY_COMPARISONS_MAX

    def spend(self, comparisons: int) -> None:
        """TooMuch when there are none left."""
        self.left -= comparisons
        if self.left < 0:
            raise TooMuch


@dataclass(frozen=True, slots=True)
class Placed:
    """A part of a tree that is to be true, or to be false, and where it stands."""

    node: Node
    positive: bool
    pointer: str


@dataclass(frozen=True, slots=True)
class PlacedLeaf:
    """The same of a leaf."""

    leaf: Leaf
    positive: bool
    pointer: str


@dataclass(frozen=True, slots=True)
class Clash:
    """Leaves about one thing that cannot hold together. Without leaves: an empty list at
    `pointer`, which is always true, is to be false."""

    pointer: str
    leaves: tuple[PlacedLeaf, ...] = ()


_Choice = Sequence[Placed]
_Known = Mapping[int, Sequence[PlacedLeaf]]
_NOTHING: _Known = {}


class Search:
    """For one tree and one currency."""

    def __init__(self, currency: str, always: frozenset[str], budget: Budget) -> None:
        self._currency = currency
        self._always = always
        self._spend = budget.spend
        self._numbers: dict[Any, int] = {}
        self._about: dict[int, int] = {}

    def clash(
        self, placed: Placed, pending: Sequence[_Choice] = (), known: _Known = _NOTHING
    ) -> Clash | None:
        """The contradiction of the first alternative, if every one has its own. `pending` are
        choices that are still to be made, `known` the leaves that have to hold already."""
        self._spend(1 + len(known))
        held = {key: [*leaves] for key, leaves in known.items()}
        choices = [*pending]
        touched: set[int] = set()
        never = self._take_apart(placed, held, choices, touched)
        if never is not None:
            return Clash(never.pointer)
        for key in sorted(touched):
            if not self.hold_together(held[key]):
                return Clash("", tuple(held[key]))
        if not choices:
            return None
        first: Clash | None = None
        for alternative in choices[0]:
            found = self.clash(alternative, choices[1:], held)
            if found is None:
                return None
            first = first or found
        return first

    def hold_together(self, leaves: Sequence[PlacedLeaf]) -> bool:
        """Whether leaves about one thing can all be as they are to be."""
        claims = [self._claim(placed) for placed in leaves]
        return possible(subject_of(leaves[0].leaf, self._always), claims, self._spend)

    def _take_apart(
        self,
        todo: Placed,
        held: dict[int, list[PlacedLeaf]],
        choices: list[_Choice],
        touched: set[int],
    ) -> Placed | None:
        """Fills in what has to hold; comes back early with what never does."""
        stack = [todo]
        while stack:
            placed = stack.pop()
            self._spend(1)
            node = placed.node
            if not isinstance(node, COMBINATION):
                key = self._number(node)
                held.setdefault(key, []).append(PlacedLeaf(node, placed.positive, placed.pointer))
                touched.add(key)
                continue
            together, items = _parts(node, placed)
            if together or len(items) == 1:
                stack.extend(reversed(items))
            elif items:
                choices.append(items)
            else:
                return placed
        return None

    def _number(self, leaf: Leaf) -> int:
        """What a leaf is about: those about the same thing can contradict each other."""
        number = self._about.get(id(leaf))
        if number is None:
            number = self._numbers.setdefault(_thing(leaf), len(self._numbers))
            self._about[id(leaf)] = number
        return number

    def _claim(self, placed: PlacedLeaf) -> Claim:
        leaf = placed.leaf
        if isinstance(leaf, LinesFound):
            return Claim("==", leaf.found, placed.positive)
        return Claim(leaf.operator, leaf.wanted(self._currency), placed.positive)


def _parts(node: Node, placed: Placed) -> tuple[bool, list[Placed]]:
    """Whether all parts have to hold (else one of them), and the parts."""
    if not isinstance(node, COMBINATION) or not node.items:
        return placed.positive, []
    inner = placed.positive if isinstance(node, All | AnyOf) else not placed.positive
    at = f"{placed.pointer}/{FORMS[node.__class__]}"
    items = [Placed(item, inner, f"{at}/{number}") for number, item in enumerate(node.items)]
    return isinstance(node, All | NoneOf) is placed.positive, items


def _thing(leaf: Leaf) -> Any:
    if isinstance(leaf, Compare):
        return leaf.attribute
    if isinstance(leaf, Count):
        return ("count", leaf.key)
    if isinstance(leaf, LinesTotal):
        return (leaf.measure, key_of(leaf.where))
    return ("found", key_of(leaf.where))

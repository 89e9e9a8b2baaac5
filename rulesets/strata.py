"""What may depend on what: segments by level, then rules, then rules that watch the totals.

A segment may name other segments, never in a circle. A cart rule that reads what other rules did
(`*_after_discount`, `applied_rules`) belongs to the second stratum, which is fired again whenever
a total moved; blocks come last and nothing depends on them.
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import Problem
from rulesets.attributes import RUNNING
from rulesets.nodes import Compare
from rulesets.nodes import Node
from rulesets.nodes import attributes_read
from rulesets.nodes import leaves
from rulesets.operators import fold

SEGMENTS = "shopper.segments"


class Conditioned(Protocol):
    """Whatever has an id and conditions: a segment, a rule, a block."""

    @property
    def id(self) -> str: ...

    @property
    def node(self) -> Node: ...


@dataclass(frozen=True, slots=True)
class Strata:
    """Ids in the order in which they may be decided."""

    segment_levels: tuple[tuple[str, ...], ...]
    first: tuple[str, ...]
    second: tuple[str, ...]
    blocks: tuple[str, ...]


def stratify(
    segments: Iterable[Conditioned],
    cart_rules: Iterable[Conditioned],
    blocks: Iterable[Conditioned] = (),
) -> Strata:
    """The strata; InvalidInput `segment_cycle` names a circle of segments.

    Segments are named by id: keys are resolved before.
    """
    rules = [(rule.id, bool(running_names(rule.node))) for rule in cart_rules]
    return Strata(
        _levels({segment.id: segments_named(segment.node) for segment in segments}),
        tuple(name for name, running in rules if not running),
        tuple(name for name, running in rules if running),
        tuple(block.id for block in blocks),
    )


def running_names(node: Node) -> frozenset[str]:
    """What a tree reads of that which changes while rules are applied."""
    needs = attributes_read(node)
    return RUNNING & (needs.values | needs.lines)


def segments_named(node: Node) -> frozenset[str]:
    """The segments that a tree names, also negatively, folded as they are compared."""
    found: set[str] = set()
    for leaf in leaves(node):
        if isinstance(leaf, Compare) and leaf.attribute == SEGMENTS:
            found.update(segments_compared(leaf))
    return frozenset(found)


def segments_compared(leaf: Compare) -> Collection[str]:
    """The segments of a comparison with them."""
    if leaf.value is None:
        return ()
    named: Collection[str] = (leaf.value,) if isinstance(leaf.value, str) else leaf.value
    return named


def _levels(named: dict[str, frozenset[str]]) -> tuple[tuple[str, ...], ...]:
    """Each level names only segments of earlier ones; names of no segment here do not count."""
    by_name = {fold(name): name for name in named}
    waiting = {
        name: {by_name[other] for other in others if other in by_name}
        for name, others in named.items()
    }
    levels: list[tuple[str, ...]] = []
    while waiting:
        ready = tuple(sorted(name for name, others in waiting.items() if not others & set(waiting)))
        if not ready:
            raise InvalidInput([Problem("/conditions", "segment_cycle", _circle(waiting))])
        levels.append(ready)
        for name in ready:
            del waiting[name]
    return tuple(levels)


def _circle(waiting: dict[str, set[str]]) -> str:
    """One circle, as `seg_a -> seg_b -> seg_a`."""
    path = [min(waiting)]
    while True:
        following = min(waiting[path[-1]] & set(waiting))
        if following in path:
            return " -> ".join([*path[path.index(following) :], following])
        path.append(following)

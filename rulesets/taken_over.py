"""What a revision takes over from a former one: parsed rules and segments that mean the same.

A parsed definition depends on its body, its times, whether it is paused, on some of the settings
and on what the keys that it names stand for. Where all of these are as they were, the parsed object
is taken as it is; a rule whose place has moved is copied with the new place. The leaves of what is
taken over are the leaves that new rules share: equal leaves of a revision are one object.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from typing import Any
from typing import Protocol

from aggregates.site import SiteSettings
from rulesets.cart_rules import CartRule
from rulesets.cart_rules import Shared
from rulesets.cart_rules import compile_rule
from rulesets.definitions import LiveDefinition
from rulesets.definitions import Reading
from rulesets.literals import LiteralTable
from rulesets.literals import key_of
from rulesets.nodes import All
from rulesets.nodes import AnyOf
from rulesets.nodes import Node
from rulesets.nodes import NoneOf
from rulesets.nodes import NotAll
from rulesets.operators import fold
from rulesets.references import RULES
from rulesets.segments import Segment
from rulesets.segments import compile_segment
from rulesets.steps import Rest
from rulesets.steps import in_steps
from rulesets.strata import running_names
from rulesets.stratum import Stratum

_EDITS_MAX = 100
"""Rules that changed or went, beside a tenth of all, before literals are numbered anew: each may
have left leaves behind that every decision goes on evaluating."""
_UNUSED_FILTERS_MAX = 10_000
"""Numbers of line filters are never given twice; beyond so many unused ones all starts anew."""


class Former(Protocol):
    """A compiled revision, as the next one looks at it."""

    @property
    def reading(self) -> Reading: ...

    @property
    def common(self) -> Shared: ...

    @property
    def definitions(self) -> Mapping[tuple[str, str], LiveDefinition]: ...

    @property
    def segments(self) -> Mapping[str, Segment]: ...

    @property
    def first_stratum(self) -> Stratum: ...

    @property
    def late_leaves(self) -> AbstractSet[int]: ...

    @property
    def edits(self) -> int: ...

    @property
    def rules(self) -> Mapping[str, CartRule]: ...


@dataclass(slots=True)
class TakenOver:
    """Parsed segments and rules of one revision, found or made. `renamed`: the names, by kind, that
    stand for something else than before, as parsed objects hold them. `edits`: rules that changed
    or went since literals were numbered; `table` goes on with those numbers, or begins."""

    reading: Reading
    common: Shared = field(default_factory=Shared)
    former: Former | None = None
    renamed: Mapping[str, AbstractSet[str]] = field(default_factory=dict)
    edits: int = 0
    table: LiteralTable = field(default_factory=LiteralTable)
    late_leaves: frozenset[int] = frozenset()

    @classmethod
    def of(cls, former: Former | None, reading: Reading) -> TakenOver:
        """What can be taken over, if anything."""
        if former is None or not _fits(former, reading.settings):
            return cls(reading)
        before, now = former.reading.ids, reading.ids
        renamed = {
            kind: _renamed(before.get(kind, {}), now.get(kind, {}))
            for kind in before.keys() | now.keys()
        }
        return cls(reading, Shared(filters=dict(former.common.filters)), former, renamed)

    def segments(self, definitions: Iterable[LiveDefinition], rest: Rest) -> dict[str, Segment]:
        """The segments by id, in the order given."""
        return {
            one.id: self._segment(one) or compile_segment(one, self.reading)
            for one in in_steps(definitions, rest)
        }

    def rules(self, definitions: Iterable[LiveDefinition], rest: Rest) -> dict[str, CartRule]:
        """The cart rules by id, in the order given. Leaves of what is taken over go first: whatever
        else has equal ones takes those, so that no tree taken over has to change."""
        taken = [(one, self._rule(one)) for one in in_steps(definitions, rest)]
        before = self._leaves([known for _, known in taken if known is not None], rest)
        rules = {
            one.id: compile_rule(one, self.reading, order, self.common)
            if known is None
            else (known if known.order == order else replace(known, order=order))
            for order, (one, known) in enumerate(in_steps(taken, rest))
        }
        late = [
            id(leaf)
            for key, leaf in in_steps(self.common.leaves.items(), rest)
            if key not in before and running_names(leaf)
        ]
        self.late_leaves |= frozenset(late)
        return rules

    def _leaves(self, taken: Sequence[CartRule], rest: Rest) -> Mapping[Any, Node]:
        """Offers the leaves of the rules that are taken over to the others. Those returned are
        known to be late or not."""
        former = self.former
        if former is None:
            return {}
        self.edits = former.edits + len(former.rules) - len(taken)
        if self.edits > _EDITS_MAX + len(former.rules) // 10:
            self.edits = 0
            for rule in in_steps(taken, rest):
                _share(rule.node, self.common)
            return {}
        self.common.leaves.update(former.common.leaves)
        self.table = former.first_stratum.table.grown()
        self.late_leaves = frozenset(former.late_leaves)
        return former.common.leaves

    def _segment(self, definition: LiveDefinition) -> Segment | None:
        if self.former is None or not self._same(definition, self.former):
            return None
        known = self.former.segments[definition.id]
        return known if known.names.isdisjoint(self._renamed("segments")) else None

    def _rule(self, definition: LiveDefinition) -> CartRule | None:
        if self.former is None or not self._same(definition, self.former):
            return None
        known = self.former.rules[definition.id]
        means_the_same = (
            known.segments.isdisjoint(self._renamed("segments"))
            and known.blocks.isdisjoint(self._renamed("dynamic-blocks"))
            and not (RULES in known.running_read and self._renamed("cart-rules"))
        )
        return known if means_the_same else None

    def _renamed(self, kind: str) -> AbstractSet[str]:
        return self.renamed.get(kind, frozenset())

    @staticmethod
    def _same(definition: LiveDefinition, former: Former) -> bool:
        known = former.definitions.get((definition.kind, definition.id))
        return known is definition or (known is not None and _read(known) == _read(definition))


def _read(definition: LiveDefinition) -> tuple[object, ...]:
    """What parsing looks at."""
    return definition.digest, definition.paused, definition.starts_at, definition.ends_at


def _fits(former: Former, settings: SiteSettings) -> bool:
    """Whether trees and times were read under the same settings."""
    spare = len(former.common.filters) - len(former.rules)
    return spare <= _UNUSED_FILTERS_MAX and read_alike(former.reading.settings, settings)


def read_alike(was: SiteSettings, now: SiteSettings) -> bool:
    """Whether a body that is read under both says the same."""
    return (was.base_currency, was.time_zone, was.tax_basis) == (
        now.base_currency,
        now.time_zone,
        now.tax_basis,
    ) and (was.history_days, was.counted_properties) == (now.history_days, now.counted_properties)


def _renamed(before: Mapping[str, str], now: Mapping[str, str]) -> frozenset[str]:
    """The keys that stand for another id than before or for none, and the ids of then. Trees hold
    names folded, lists of names as they are written."""
    found: set[str] = set()
    for key in before.keys() | now.keys():
        if before.get(key) != now.get(key):
            found.update((key, before.get(key, key)))
    return frozenset(found | {fold(name) for name in found})


def _share(node: Node, common: Shared) -> None:
    """Offers the leaves of a tree to other trees."""
    if isinstance(node, All | AnyOf | NoneOf | NotAll):
        for item in node.items:
            _share(item, common)
    else:
        common.leaves.setdefault(key_of(node), node)

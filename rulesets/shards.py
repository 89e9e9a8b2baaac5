"""How rules are dealt to networks, and the text a network is made of.

A text names properties and rules by their numbers inside the shard, so two revisions in which a
shard means other leaves but has the same shape share one network, and an edit of one rule leaves
the others' texts alone.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

from aggregates.kernel.limits import SHARD_LITERALS_MAX
from aggregates.kernel.limits import SHARD_RULES_MAX
from rulesets.literals import LiteralTable
from rulesets.nodes import Node
from rulesets.steps import Rest
from rulesets.steps import in_steps
from rulesets.steps import unbroken

DONE = "~"
_DONE_PRIORITY = 65_535
_CHUNK = 40  # rules under one alpha node; with the 7 chunks of a shard under the C stack of 64
_LOOKED_AT = 16
"""Shards that a new rule is offered, the newest: wide rules fill each at once, and to offer every
rule to all of them would take minutes for 5,000."""

Conjunctions = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class EngineRule:
    """What the engine knows of a rule."""

    id: str
    priority: int
    node: Node


@dataclass(frozen=True, slots=True)
class Shard:
    """Rules that share a network.

    `names`: literal to the number of its property. `owners[i]`: the rule whose conjunction i is.
    `triggers`: one literal of each conjunction; while none of them is true, nothing can fire.
    """

    rules: tuple[str, ...]
    names: dict[int, int]
    owners: tuple[str, ...]
    text: str
    literals: frozenset[int]
    unconditional: bool
    triggers: frozenset[int]


@dataclass(frozen=True, slots=True)
class Plan:
    """Shards, and the conjunctions of each rule in them."""

    shards: list[Shard]
    ways: dict[str, Conjunctions]


def plan(
    rules: Sequence[EngineRule],
    table: LiteralTable,
    before: Sequence[Shard] = (),
    known: Mapping[str, Conjunctions] | None = None,
    rest: Rest = unbroken,
) -> Plan:
    """Shards of bounded size. Rules stay in the shard where they were; new ones fill gaps.

    `known`: the conjunctions of rules that `table` and the shards before have as they are now.
    """
    known = known or {}
    ways = {
        rule.id: known[rule.id] if rule.id in known else table.conjunctions(rule.node)
        for rule in in_steps(sorted(rules, key=lambda rule: rule.id), rest)
    }
    placed: set[str] = set()
    open_groups: list[_Group] = []
    for shard in in_steps(before, rest):
        if known.keys() >= set(shard.rules):
            group = _Group(ways, shard)
            placed.update(shard.rules)
        else:
            group = _Group(ways)
            placed.update(name for name in shard.rules if name in ways and group.take(name))
        open_groups.append(group)
    first = 0
    for name in in_steps(ways, rest):
        if name in placed:
            continue
        looked_at = open_groups[max(first, len(open_groups) - _LOOKED_AT) :]
        if not any(group.take(name) for group in looked_at):
            open_groups.append(_Group(ways))
            open_groups[-1].take(name)
        while first < len(open_groups) and open_groups[first].is_full:
            first += 1
    shards = [group.shard(table) for group in in_steps(open_groups, rest) if group.rules]
    return Plan(shards, ways)


def definition(conjunctions: Sequence[Sequence[int]]) -> str:
    """The text that makes a network of `conjunctions[i]` = the properties that rule i needs.

    An always true `$neq` spreads the rules so that no list and no stack of C overflows. The last
    rule fires on every fact: if it is missing from an answer, the answer is not whole.
    """
    rules: dict[str, object] = {}
    for number, properties in enumerate(conjunctions):
        tests: list[object] = [
            {"k": "c"},
            {"$neq": {"k": f"#{number // _CHUNK}"}},
            *({f"p{name}": 1} for name in properties),
        ]
        rules[str(number)] = {"all": [{"c": {"$and": tests}}], "pri": number, "cap": 65_000}
    rules[DONE] = {"all": [{"c": {"k": "c"}}], "pri": _DONE_PRIORITY}
    return json.dumps(rules)


class _Group:
    """A shard that is being filled."""

    def __init__(self, ways: dict[str, Conjunctions], filled: Shard | None = None) -> None:
        self._ways = ways
        self._filled = filled
        self._conjunctions = len(filled.owners) if filled else 0
        self._literals = set(filled.literals) if filled else set()
        self.rules: list[str] = list(filled.rules) if filled else []

    @property
    def is_full(self) -> bool:
        """Whether no rule at all has room."""
        return self._conjunctions >= SHARD_RULES_MAX

    def take(self, name: str) -> bool:
        """Adds a rule if it has room: the first always has."""
        ways = self._ways[name]
        literals = self._literals.union(*ways)
        count = self._conjunctions + len(ways)
        if self.rules and (count > SHARD_RULES_MAX or len(literals) > SHARD_LITERALS_MAX):
            return False
        self._literals = literals
        self._conjunctions = count
        self.rules.append(name)
        return True

    def shard(self, table: LiteralTable) -> Shard:
        """Properties are numbered as they come, so that the shape alone decides the text."""
        if self._filled is not None and len(self.rules) == len(self._filled.rules):
            return self._filled
        names: dict[int, int] = {}
        owners: list[str] = []
        conjunctions: list[list[int]] = []
        for rule in self.rules:
            for way in self._ways[rule]:
                wanted = sorted(way, key=table.rank)
                conjunctions.append([names.setdefault(item, len(names)) for item in wanted])
                owners.append(rule)
        return Shard(
            tuple(self.rules),
            names,
            tuple(owners),
            definition(conjunctions),
            frozenset(names),
            any(not conjunction for conjunction in conjunctions),
            _triggers([way for rule in self.rules for way in self._ways[rule]]),
        )


def _triggers(ways: Sequence[Sequence[int]]) -> frozenset[int]:
    """Of each conjunction the literal that the fewest others need, which says most about it: the
    SKU of a rule rather than its segment. Negations are true of almost everybody, so they are last.
    """
    needed = Counter(literal for way in ways for literal in way)
    return frozenset(
        min(way, key=lambda literal: (literal < 0 or literal & 1, needed[literal], literal))
        for way in ways
        if way
    )

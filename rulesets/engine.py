"""The only importer of durable_rules: networks of conjunctions, and programs made of them.

Built and used by what keeps the C code alive: no Host, no threads, a fixed session per network
under a lock, one flat fact of our own property names, every action drained, the fact retracted.
Messages are not parsed: the rule's name is all that is read from them. No value and no text of a
client ever comes here, only the numbers of true literals.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Mapping
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import durable_rules_engine

from aggregates.kernel.limits import SHARD_LITERALS_MAX
from rulesets.literals import LiteralTable
from rulesets.nodes import Node
from rulesets.shards import DONE
from rulesets.shards import Conjunctions
from rulesets.shards import EngineRule
from rulesets.shards import Shard
from rulesets.shards import plan
from rulesets.steps import Rest
from rulesets.steps import in_steps
from rulesets.steps import unbroken

__all__ = ["EngineFailed", "EngineRule", "Network", "Program"]

_ANSWERS_MAX = 2_048
"""Answers that a program remembers, all of its shards together: some 8 kB each in a large shard."""
_SESSIONS_MAX = 900  # the C table of sessions holds 1,024


class EngineFailed(Exception):
    """The C code answered with an error, or not with all it should have: decide without it."""


class Program:
    """The rules of one stratum, in shards; unchanged shards are taken over from the last revision.

    Any number of threads may fire it. A program nobody holds any more frees its networks.
    """

    def __init__(
        self, rules: Sequence[EngineRule], shards: Sequence[_Loaded], source: _Source
    ) -> None:
        ordered = sorted(rules, key=lambda rule: (rule.priority, rule.id))
        self._order = {rule.id: place for place, rule in enumerate(ordered)}
        self._shards: Sequence[_Loaded] | None = shards
        self._source = source

    @classmethod
    def compile(
        cls,
        rules: Sequence[EngineRule],
        table: LiteralTable,
        previous: Program | None = None,
        rest: Rest = unbroken,
    ) -> Program:
        """Networks for these rules; `table` learns their literals."""
        before = (previous._shards if previous is not None else None) or ()
        ready = {loaded.shard.text: loaded.network for loaded in before}
        known = previous._source.known(rules, table) if previous is not None else {}
        planned = plan(rules, table, [loaded.shard for loaded in before], known, rest)
        for shard in in_steps(planned.shards, rest):
            if shard.text not in ready:
                ready[shard.text] = Network(shard.text)
        most = _ANSWERS_MAX // max(1, len(planned.shards))
        loaded = [_Loaded(shard, ready[shard.text], most) for shard in planned.shards]
        nodes = {rule.id: rule.node for rule in rules}
        return cls(rules, loaded, _Source(table.lineage, nodes, planned.ways))

    @property
    def networks(self) -> tuple[Network, ...]:
        """What it is made of."""
        return tuple(loaded.network for loaded in self._shards or ())

    def fire(self, true: AbstractSet[int]) -> list[str]:
        """The ids of the rules that hold, by (priority, id); EngineFailed if the engine does."""
        if self._shards is None:
            msg = "the program is closed"
            raise EngineFailed(msg)
        fired: set[str] = set()
        for loaded in self._shards:
            fired.update(loaded.fire(true))
        return sorted(fired, key=self._order.__getitem__)

    def close(self) -> None:
        """Lets go of the networks; those that no other program uses are freed."""
        self._shards = None


@dataclass(frozen=True, slots=True)
class _Source:
    """What a program was made of, for the next one."""

    lineage: object
    nodes: Mapping[str, Node]
    ways: Mapping[str, Conjunctions]

    def known(self, rules: Sequence[EngineRule], table: LiteralTable) -> dict[str, Conjunctions]:
        """The conjunctions of the rules that are the same, in a table that has grown from its."""
        if table.lineage is not self.lineage:
            return {}
        nodes = self.nodes
        return {rule.id: self.ways[rule.id] for rule in rules if nodes.get(rule.id) is rule.node}


class _Loaded:
    """A shard with its network, and its latest answers: what fires follows from the literals alone,
    totals move more often than literals do, and a shopper asks again while shopping."""

    def __init__(self, shard: Shard, network: Network, most: int) -> None:
        self.shard = shard
        self.network = network
        self._most = most
        self._answers: dict[AbstractSet[int], list[str]] = {}

    def fire(self, true: AbstractSet[int]) -> list[str]:
        """The ids of the rules that hold, some perhaps twice."""
        shard = self.shard
        if not shard.unconditional and shard.triggers.isdisjoint(true):
            return []
        mine = shard.literals & true
        known = self._answers.get(mine)
        if known is not None:
            return known
        names = shard.names
        numbers = self.network.fire([names[literal] for literal in mine])
        fired = [shard.owners[number] for number in numbers]
        if len(self._answers) >= self._most:
            self._answers = {}
        self._answers[mine] = fired
        return fired


class Network:
    """A compiled network. It lives as long as somebody holds it, and frees its memory after."""

    def __init__(self, text: str) -> None:
        self.text = text
        try:
            self._handle: int = durable_rules_engine.create_ruleset("s", text)
        except durable_rules_engine.error as error:
            raise EngineFailed(str(error)) from error
        self._lock = threading.Lock()
        self._session = 0
        self._used: list[str] = []
        weakref.finalize(self, _free, self._handle, self._used).atexit = False

    def fire(self, properties: Sequence[int]) -> list[int]:
        """The rules whose properties are all among these."""
        if len(properties) > SHARD_LITERALS_MAX:
            msg = f"{len(properties)} properties"
            raise EngineFailed(msg)
        pairs = "".join([f',"p{name}":1' for name in properties])
        with self._lock:
            if self._session >= _SESSIONS_MAX:
                msg = "every session of this network has failed"
                raise EngineFailed(msg)
            session = str(self._session)
            try:
                names = self._drained(session, f'{{"sid":"{session}","id":"c","k":"c"{pairs}}}')
            except BaseException as error:  # a session that stopped half-way is never used again
                self._session += 1
                if session in self._used:
                    self._used.remove(session)
                if isinstance(error, Exception):
                    raise EngineFailed(str(error)) from error
                raise
            if session not in self._used:
                self._used.append(session)
        return names

    def _drained(self, session: str, fact: str) -> list[int]:
        handle = self._handle
        _, offset = durable_rules_engine.assert_fact(handle, fact)
        started = durable_rules_engine.start_action_for_state(handle, offset)
        if not started:
            msg = "the session gave no action"
            raise EngineFailed(msg)
        message: str | None = started[1]
        fired: list[str] = []
        while message:
            fired.append(message[2 : message.index('"', 2)])
            message = durable_rules_engine.complete_and_start_action(handle, offset)
        durable_rules_engine.retract_fact(handle, f'{{"sid":"{session}","id":"c"}}')
        if not fired or fired.pop() != DONE:
            msg = "the drain stopped early"
            raise EngineFailed(msg)
        return [int(name) for name in fired]


def _free(handle: int, sessions: list[str]) -> None:
    """Only sessions that completed an action may be deleted; a failed one is left to leak."""
    for session in sessions:
        durable_rules_engine.delete_state(handle, session)
    durable_rules_engine.delete_ruleset(handle)

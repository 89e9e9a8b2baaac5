"""Two evaluations, one truth: the engine fires, the plain evaluator confirms.

Every rule fired is confirmed before it may take its turn, and a share of the others is checked for
having been missed. When the engine fails, the evaluator decides the stratum.
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Set as AbstractSet
from typing import Literal

from rulesets.engine import EngineFailed
from rulesets.facts import Facts
from rulesets.nodes import Node
from rulesets.settled import SettledTruths
from rulesets.stratum import Stratum


class Judge:
    """The evaluations of one decision. `share_percent` of what did not fire is checked: which
    ones follows from the seed, and no answer depends on it."""

    __slots__ = ("_disagreed", "_every", "_seed", "engine")

    def __init__(self, seed: int, share_percent: int) -> None:
        self.engine: Literal["durable_rules", "fallback"] = "durable_rules"
        self._disagreed: dict[str, None] = {}
        self._seed = seed
        self._every = 100 // share_percent if share_percent else 0

    @property
    def disagreed(self) -> tuple[str, ...]:
        """What engine and evaluator saw differently."""
        return tuple(self._disagreed)

    def fired(
        self,
        stratum: Stratum,
        facts: Facts,
        true: AbstractSet[int],
        truths: SettledTruths,
    ) -> list[str]:
        """Ids of what fires, by the engine, else by the evaluator. `true`: the true literals;
        `truths`: the evaluator's memory."""
        if not stratum.rules:
            return []
        try:
            fired = stratum.fired(true)
        except EngineFailed:
            self.engine = "fallback"
            return stratum.evaluated(facts)
        if self._every:
            self._look_for_missed(stratum, truths, fired)
        return fired

    def confirms(self, name: str, node: Node, truths: SettledTruths) -> bool:
        """Whether the evaluator agrees that it fires; if not, it is noted and does not count."""
        if truths.truth(node):
            return True
        self._disagreed[name] = None
        return False

    def _look_for_missed(
        self, stratum: Stratum, truths: SettledTruths, fired: Collection[str]
    ) -> None:
        known = set(fired)
        rules = stratum.rules
        for index in range(self._seed % self._every, len(rules), self._every):
            name, node = rules[index]
            if name not in known and truths.truth(node):
                self._disagreed[name] = None

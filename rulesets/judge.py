"""Two evaluations, one truth: the engine fires, the plain evaluator confirms.

Every rule fired is confirmed before it may take its turn, and a share of the others is checked for
having been missed. When the engine fails, the evaluator decides the stratum. A fault in one rule
costs that rule: it is noted, and the others are decided.
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Set as AbstractSet
from typing import Literal

from rulesets.engine import EngineFailed
from rulesets.evaluator import evaluate
from rulesets.facts import Facts
from rulesets.nodes import Node
from rulesets.settled import SettledTruths
from rulesets.stratum import Stratum


class Judge:
    """The evaluations of one decision. `share_percent` of what did not fire is checked: which
    ones follows from the seed, and no answer depends on it."""

    __slots__ = ("_disagreed", "_every", "_faults", "_seed", "engine")

    def __init__(self, seed: int, share_percent: int) -> None:
        self.engine: Literal["durable_rules", "fallback"] = "durable_rules"
        self._disagreed: dict[str, None] = {}
        self._faults: dict[str, str] = {}
        self._seed = seed
        self._every = 100 // share_percent if share_percent else 0

    @property
    def disagreed(self) -> tuple[str, ...]:
        """What engine and evaluator saw differently."""
        return tuple(self._disagreed)

    @property
    def faults(self) -> tuple[tuple[str, str], ...]:
        """The rules that failed by a fault of the program, each with the error."""
        return tuple(self._faults.items())

    def failed(self, name: str, error: Exception) -> None:
        """Notes such a fault: the rule does not count, and whoever asked is told."""
        self._faults.setdefault(name, f"{type(error).__name__}: {error}")

    def literals(self, stratum: Stratum, facts: Facts) -> set[int] | None:
        """The true literals of a stratum; None if that fails: then the evaluator decides it."""
        try:
            return stratum.table.true(facts)
        except Exception as error:  # one leaf must not cost the whole answer
            self._fall_back(error)
            return None

    def late_literals(self, stratum: Stratum, facts: Facts, true: set[int]) -> set[int] | None:
        """The same of those that read running totals."""
        try:
            return stratum.table.late_true(facts, true)
        except Exception as error:  # as above
            self._fall_back(error)
            return None

    def fired(
        self,
        stratum: Stratum,
        facts: Facts,
        true: AbstractSet[int] | None,
        truths: SettledTruths,
    ) -> list[str]:
        """Ids of what fires, by the engine, else by the evaluator. `true`: the true literals;
        `truths`: the evaluator's memory."""
        if not stratum.rules:
            return []
        if true is None:
            return self._evaluated(stratum, facts)
        try:
            fired = stratum.fired(true)
        except EngineFailed:
            self.engine = "fallback"
            return self._evaluated(stratum, facts)
        if self._every:
            self._look_for_missed(stratum, truths, fired)
        return fired

    def confirms(self, name: str, node: Node, truths: SettledTruths) -> bool:
        """Whether the evaluator agrees that it fires; if not, it is noted and does not count."""
        if truths.truth(node):
            return True
        self._disagreed[name] = None
        return False

    def _evaluated(self, stratum: Stratum, facts: Facts) -> list[str]:
        fired = []
        for name, node in stratum.rules:
            try:
                if evaluate(node, facts):
                    fired.append(name)
            except Exception as error:  # costs one rule
                self.failed(name, error)
        return fired

    def _fall_back(self, error: Exception) -> None:
        self.engine = "fallback"
        self.failed("engine", error)

    def _look_for_missed(
        self, stratum: Stratum, truths: SettledTruths, fired: Collection[str]
    ) -> None:
        known = set(fired)
        rules = stratum.rules
        for index in range(self._seed % self._every, len(rules), self._every):
            name, node = rules[index]
            if name in known:
                continue
            try:
                if truths.truth(node):
                    self._disagreed[name] = None
            except Exception as error:  # costs one rule
                self.failed(name, error)

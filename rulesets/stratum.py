"""A stratum: rules that may fire together, as the engine and as the evaluator see them."""

from __future__ import annotations

from dataclasses import dataclass

from rulesets.evaluator import evaluate
from rulesets.facts import Facts
from rulesets.nodes import Node


@dataclass(frozen=True, slots=True)
class Stratum:
    """`rules` in their order: id and tree."""

    rules: tuple[tuple[str, Node], ...]

    def fired(self, facts: Facts) -> list[str]:
        """Ids of what the engine fires; EngineFailed when it cannot."""
        return self.evaluated(facts)

    def evaluated(self, facts: Facts) -> list[str]:
        """The same by the plain evaluator."""
        return [name for name, node in self.rules if evaluate(node, facts)]

"""A stratum: rules that may fire together, as the engine and as the evaluator see them."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from rulesets.engine import EngineRule
from rulesets.engine import Program
from rulesets.literals import LiteralTable
from rulesets.nodes import Node
from rulesets.steps import Rest
from rulesets.steps import unbroken


@dataclass(frozen=True, slots=True)
class Stratum:
    """`rules` in their order: id and tree. Strata that are asked about the same facts share a
    table, so that their literals are evaluated once."""

    rules: tuple[tuple[str, Node], ...]
    table: LiteralTable
    program: Program

    @classmethod
    def of(
        cls,
        rules: Sequence[tuple[str, Node]],
        table: LiteralTable,
        previous: Stratum | None = None,
        rest: Rest = unbroken,
    ) -> Stratum:
        """Hands the rules to the engine; what `previous` has ready is taken over."""
        ranked = [EngineRule(name, place, node) for place, (name, node) in enumerate(rules)]
        program = Program.compile(ranked, table, previous.program if previous else None, rest)
        return cls(tuple(rules), table, program)

    def fired(self, true: AbstractSet[int]) -> list[str]:
        """Ids of what the engine fires for these literals; EngineFailed when it cannot."""
        return self.program.fire(true)

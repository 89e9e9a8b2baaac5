"""What is told of a rule: what refuses it, what was left out of it, and what is good to know."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from typing import Any

from aggregates.kernel.errors import DomainError
from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import Problem


@dataclass(slots=True)
class Telling:
    """Gathers what is told of one rule, instead of stopping at the first."""

    refused: list[Problem] = field(default_factory=list)
    left_out: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)

    def refuse(self, pointer: str, code: str, detail: str) -> None:
        """Without this it would be another rule: there is none."""
        self.refused.append(Problem(pointer, code, detail))

    def refuse_for(self, pointer: str, error: DomainError) -> None:
        """What the service says against a body; its places are those of the body."""
        if not isinstance(error, InvalidInput):
            self.refused.append(Problem(pointer, error.code, error.detail))
            return
        for problem in error.problems:
            detail = f"{problem.pointer or '/'} of the cart rule: {problem.detail}"
            self.refused.append(Problem(pointer, problem.code, detail))

    def leave_out(self, pointer: str, code: str, detail: str) -> None:
        """The rule is there, and this is missing in it."""
        self.left_out.append(Problem(pointer, code, detail))

    def note(self, pointer: str, code: str, detail: str) -> None:
        """Nothing is missing."""
        self.notes.append(Problem(pointer, code, detail))


@dataclass(slots=True)
class RuleReport:
    """What became of one rule. `outcome`: drafted, updated, unchanged, exported, refused, or
    skipped since it is of another site. `rule_id` is Adobe's, `id` the service's own."""

    name: str
    outcome: str
    telling: Telling
    rule_id: int | None = None
    id: str | None = None

    @property
    def whole(self) -> bool:
        """Whether nothing of the rule was lost."""
        return not self.telling.refused and not self.telling.left_out

    def to_json(self) -> dict[str, Any]:
        """As it stands in the report of a run."""
        return {
            "rule_id": self.rule_id,
            "id": self.id,
            "name": self.name,
            "outcome": self.outcome,
            "refused": _listed(self.telling.refused),
            "left_out": _listed(self.telling.left_out),
            "notes": _listed(self.telling.notes),
        }


def _listed(problems: list[Problem]) -> list[dict[str, str]]:
    return [
        {"pointer": problem.pointer, "code": problem.code, "detail": problem.detail}
        for problem in problems
    ]

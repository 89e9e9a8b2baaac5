"""The trace: what fired, in order, and what each firing changed. Its digest is recorded.

It is the same whether the engine or the plain evaluator decided, so a replay may use either.
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from typing import Any
from typing import NamedTuple

APPLIED = "applied"
FAILED = "rule_failed"
"""A fault of the program in one rule, which is left out for it."""


class Step(NamedTuple):
    """One rule at its turn: `applied`, or the code why not; `by` is the rule that was before it.

    `amount_minor` is what it took; `subtotal_after_minor` is what the lines cost from then on.
    """

    rule_id: str
    code: str
    amount_minor: int
    subtotal_after_minor: int
    by: str | None = None


@dataclass(slots=True)
class Trace:
    """`segments` in the order of their strata, `steps` in the order of (priority, id), and for
    content what became of each block: `shown`, or what was missing. `events` is the same of what an
    author does to single products: (effect, SKU, `counts` or what was missing). `drops` are the
    candidates that a unit does not show (rulesets/unit_filling.py)."""

    segments: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    blocks: list[tuple[str, str]] = field(default_factory=list)
    events: list[tuple[str, str, str]] = field(default_factory=list)
    drops: list[tuple[str, str, str, str | None]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """For canonical JSON."""
        told: dict[str, Any] = {
            "segments": self.segments,
            "steps": [tuple(step) for step in self.steps],
            "blocks": self.blocks,
        }
        if self.events:  # left out where there are none: digests of older decisions have none
            told["events"] = self.events
        if self.drops:
            told["drops"] = [tuple(drop) for drop in self.drops]
        return told

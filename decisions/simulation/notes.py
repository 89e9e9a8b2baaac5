"""What a reader has to know of a result, each with a stable code.

A simulation decides the carts of then. It cannot know which carts there would have been.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from decisions.simulation.spec import Simulation
from decisions.simulation.tally import Tally
from rulesets.compiled import CompiledRevision


@dataclass(frozen=True, slots=True)
class Note:
    """A code and a sentence."""

    code: str
    detail: str


def notes_of(asked: Simulation, candidate: CompiledRevision, tally: Tally) -> Iterator[Note]:
    """Those that hold for this one."""
    if candidate.limited:
        yield Note(
            "counters_not_rerun",
            "limits and budgets are read as they stood at each decision: what the candidate would"
            " have used up or left by then is not counted again",
        )
    touched = {change.kind for change in asked.candidate.changes}
    if "segments" in touched and asked.segments == "recorded":
        yield Note(
            "segments_not_reevaluated",
            "shoppers stay in the segments that they were in; ask for segments: reevaluated to"
            " have changed segments decide anew",
        )
    for change in asked.candidate.changes:
        rule = candidate.rules.get(change.id) if change.kind == "cart-rules" else None
        if rule is not None and not _was_in_time(rule.window.opens, rule.window.closes, asked):
            yield Note(
                "never_in_schedule",
                f"{change.id} is not in its time on any moment of the range; ask for schedules:"
                " open to have it apply all the same",
            )
    others = sum(
        n for revision, n in tally.revisions.items() if revision != asked.candidate.revision
    )
    if others:
        yield Note(
            "other_revisions",
            f"{others} decisions were made by other revisions than {asked.candidate.revision}, from"
            " which the candidate starts: what was published between counts as a difference too",
        )
    if tally.counts.check_failed:
        yield Note(
            "not_reproduced",
            "some decisions do not come out as recorded under their own revision: replay them",
        )
    if tally.counts.unknown:
        yield Note("facts_unknown", "decisions whose facts nobody knows any more are left out")


def _was_in_time(opens: int | None, closes: int | None, asked: Simulation) -> bool:
    return (opens is None or opens < asked.to_at) and (closes is None or closes > asked.from_at)

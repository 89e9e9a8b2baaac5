"""Whether a revision may be made: every body sound, every reference live, nothing too many.

All of it is asked of the whole revision as it would be, before anything is written.
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from threading import Lock
from typing import Literal

from aggregates.kernel.errors import Conflict
from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import Problem
from aggregates.kernel.limits import LIVE_BLOCKS_MAX
from aggregates.kernel.limits import LIVE_RANKINGS_MAX
from aggregates.kernel.limits import LIVE_RULES_MAX
from aggregates.kernel.limits import LIVE_SEGMENTS_MAX
from aggregates.kernel.limits import LIVE_SLOTS_MAX
from aggregates.kernel.limits import LIVE_UNITS_MAX
from aggregates.ruleset import Entry
from aggregates.ruleset import Place
from aggregates.site import SiteSettings
from app.authoring.acts import Act
from app.authoring.references import names_any
from app.authoring.references import references
from projections.revisions import Body
from rulesets.definitions import LiveDefinition
from rulesets.definitions import Reading
from rulesets.engine_build import check
from rulesets.linter import lint
from rulesets.nodes import Node
from rulesets.shards import EngineRule
from rulesets.strata import stratify

LIVE_MAX = {
    "cart-rules": LIVE_RULES_MAX,
    "segments": LIVE_SEGMENTS_MAX,
    "dynamic-blocks": LIVE_BLOCKS_MAX,
    "slots": LIVE_SLOTS_MAX,
    "category-rankings": LIVE_RANKINGS_MAX,
    "recommendation-units": LIVE_UNITS_MAX,
}
_SCOPES: dict[str, Literal["cart", "segment"]] = {"cart-rules": "cart", "segments": "segment"}
_BUILT_MAX = 10_000
_TRIAL_S = 5.0
"""For each part of what failed: all the rules of a site take a second."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment as the strata ask for it."""

    id: str
    node: Node


def check_numbers(entries: Iterable[Place]) -> None:
    """No kind has more live definitions than decisions can bear."""
    counts: dict[str, int] = {}
    for kind, _ in entries:
        counts[kind] = counts.get(kind, 0) + 1
    for kind, count in counts.items():
        if count > LIVE_MAX[kind]:
            detail = f"{count} {kind} would be live, {LIVE_MAX[kind]} may be: archive some"
            raise Conflict("too_many_live", detail, limit=LIVE_MAX[kind])


def check_bodies(
    published: Mapping[Place, Act],
    entries: Mapping[Place, Entry],
    bodies: Mapping[str, Body],
    settings: SiteSettings,
) -> None:
    """What was saved under other settings may be wrong under these."""
    problems = [
        Problem(f"{act.pointer}/body{problem.pointer}", problem.code, problem.detail)
        for place, act in published.items()
        for problem in lint(place[0], bodies[entries[place].digest], settings=settings)
    ]
    if problems:
        raise InvalidInput(problems)


def check_references(
    published: Mapping[Place, Act],
    leaving: Collection[Place],
    before: Mapping[Place, Entry],
    after: Mapping[Place, Entry],
    bodies: Mapping[str, Body],
) -> None:
    """What is published names only what is live; what leaves is named by nothing that stays."""
    names = {(entry.kind, name) for entry in after.values() for name in (entry.id, entry.key)}
    problems = [
        Problem(
            f"{act.pointer}/body{one.pointer}",
            "reference_not_live",
            f"{one.name[:64]} of {one.kind} is not live",
        )
        for place, act in published.items()
        for one in references(place[0], bodies[after[place].digest])
        if (one.kind, one.name) not in names
    ]
    if problems:
        raise InvalidInput(problems)
    for place in leaving:
        gone = before[place]
        sought = [(gone.kind, name) for name in (gone.id, gone.key) if name is not None]
        by = [
            entry.id
            for entry in after.values()
            if names_any(entry.kind, bodies[entry.digest], sought)
        ]
        if by:
            detail = f"{gone.id} is referred to by {', '.join(by[:5])}"
            raise Conflict("referenced_by", detail, id=gone.id, by=by[:100])


def check_segments(
    published: Mapping[Place, Act], live: Iterable[LiveDefinition], settings: SiteSettings
) -> None:
    """No segment names itself, through however many others."""
    all_live = list(live)
    reading = Reading.of(all_live, settings)
    segments = [
        Segment(one.id, reading.parse(one.body["conditions"], "segment", "/conditions")[0])
        for one in all_live
        if one.kind == "segments"
    ]
    try:
        stratify(segments, [])
    except InvalidInput as error:
        raise InvalidInput([_at_its_act(one, published) for one in error.problems]) from None


def _at_its_act(problem: Problem, published: Mapping[Place, Act]) -> Problem:
    """A circle is closed by what is published: its first segment there is the place to tell."""
    act = next((act for (_, id_), act in published.items() if id_ in problem.detail), None)
    if act is None:
        return problem
    return Problem(f"{act.pointer}/body{problem.pointer}", problem.code, problem.detail)


@dataclass(slots=True)
class Trial:
    """Builds what the engine gets in a child process first, each body once in this process."""

    _built: set[tuple[str, str]] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)

    def check(
        self,
        published: Mapping[Place, Act],
        live: Mapping[Place, LiveDefinition],
        settings: SiteSettings,
    ) -> None:
        """InvalidInput `engine_cannot_hold` at what the engine cannot take by itself; else
        `engine_refused`, if it cannot take them together."""
        reading = Reading.of(live.values(), settings)
        asked = [
            live[place]
            for place in published
            if place[0] in _SCOPES and (place[1], live[place].digest) not in self._built
        ]
        rules = []
        for one in asked:
            node, _ = reading.parse(one.body["conditions"], _SCOPES[one.kind], "/conditions")
            rules.append(EngineRule(one.id, one.body.get("priority", 0), node))
        if not rules:
            return
        try:
            check(rules)
        except InvalidInput:
            worst = _unholdable(rules)
            if worst is None:
                raise
            act = next(act for place, act in published.items() if place[1] == worst.id)
            pointer = f"{act.pointer}/body/conditions"
            detail = "the engine cannot be built with these conditions: split them"
            raise InvalidInput([Problem(pointer, "engine_cannot_hold", detail)]) from None
        with self._lock:
            if len(self._built) > _BUILT_MAX:
                self._built.clear()
            self._built.update((one.id, one.digest) for one in asked)


def _unholdable(rules: Sequence[EngineRule]) -> EngineRule | None:
    """The first rule that fails by itself, by halves; None if they fail only together."""
    ahead = [rules]
    while ahead:
        some = ahead.pop()
        try:
            check(some, timeout_s=_TRIAL_S)
        except InvalidInput:
            if len(some) == 1:
                return some[0]
            middle = len(some) // 2
            ahead += [some[middle:], some[:middle]]
    return None

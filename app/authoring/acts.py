"""What an author asks to happen to live definitions, and the one change that makes of it."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from typing import Any
from typing import Literal

from aggregates.definition import Definition
from aggregates.kernel.errors import Conflict
from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import NotFound
from aggregates.kernel.errors import Problem
from aggregates.kernel.ids import SiteId
from aggregates.ruleset import Entry
from aggregates.ruleset import Place
from projections.definition_reads import Stored

Verb = Literal["publish", "pause", "resume", "archive"]


@dataclass(frozen=True, slots=True)
class Act:
    """One wish. `pointer` is where it stands in the request, for what is wrong with it."""

    verb: Verb
    kind: str
    name: str
    pointer: str
    version: int | None = None
    starts_at: int | None = None
    ends_at: int | None = None


@dataclass(slots=True)
class Change:
    """What one revision changes. A wish that is true already changes nothing."""

    definitions: list[Definition]
    entering: dict[Place, Entry]
    leaving: list[Place]
    published: dict[Place, Act]
    resumed: dict[Place, Act]

    @property
    def is_empty(self) -> bool:
        """Whether everything asked for is so already."""
        return not self.definitions


def check_named_once(acts: Sequence[Act], found: Mapping[Place, Stored]) -> None:
    """Every act names a definition that is there, and none is named twice."""
    problems = []
    seen: set[Place] = set()
    for act in acts:
        stored = found.get((act.kind, act.name))
        if stored is None:
            detail = f"nothing of {act.kind} by that id or key"
            problems.append(Problem(f"{act.pointer}/id", "definition_unknown", detail))
        elif (act.kind, stored.id) in seen:
            detail = f"{stored.id} stands in this request twice"
            problems.append(Problem(f"{act.pointer}/id", "named_twice", detail))
        else:
            seen.add((act.kind, stored.id))
    if problems:
        raise InvalidInput(problems)


def change_of(
    site: SiteId,
    acts: Iterable[Act],
    found: Mapping[Place, Stored],
    digests: Mapping[Place, str],
    entries: Mapping[Place, Entry],
    **telling: Any,
) -> Change:
    """The change that the acts make of a revision's entries.

    `digests`: those of the versions to publish. `telling`: revision, actor and note of the events.
    """
    change = Change([], {}, [], {}, {})
    for act in acts:
        stored = found[act.kind, act.name]
        definition = stored.definition(site)
        place = (stored.kind, stored.id)
        try:
            if act.verb == "publish":
                change.published[place] = act
                if entries.get(place) != (entry := _entry(act, stored, digests)):
                    definition.publish(entry.version, act.starts_at, act.ends_at, **telling)
                    change.entering[place] = entry
            elif act.verb == "archive":
                if not stored.archived:
                    definition.archive(**telling)
                    change.leaving.append(place)
            elif not definition.is_live or stored.paused != (act.verb == "pause"):
                (definition.pause if act.verb == "pause" else definition.resume)(**telling)
                change.entering[place] = replace(entries[place], paused=act.verb == "pause")
                if act.verb == "resume":
                    change.resumed[place] = act
        except NotFound as error:
            problem = Problem(f"{act.pointer}/version", error.code, error.detail)
            raise InvalidInput([problem]) from None
        except Conflict as error:
            raise Conflict(error.code, error.detail, id=stored.id) from None
        if definition.pending_events:
            change.definitions.append(definition)
    return change


def _entry(act: Act, stored: Stored, digests: Mapping[Place, str]) -> Entry:
    """The line of the revision that publishing makes; a version that is not there has no digest."""
    return Entry(
        stored.kind,
        stored.id,
        stored.key,
        act.version or stored.saved,
        digests.get((stored.kind, stored.id), ""),
        starts_at=act.starts_at,
        ends_at=act.ends_at,
    )


def check_schedule(asked: Mapping[str, Any], pointer: str) -> None:
    """A schedule that ends before it starts is a slip."""
    starts_at, ends_at = asked.get("starts_at"), asked.get("ends_at")
    if starts_at is not None and ends_at is not None and ends_at <= starts_at:
        problem = Problem(f"{pointer}/ends_at", "dates_reversed", "it would never be in schedule")
        raise InvalidInput([problem])

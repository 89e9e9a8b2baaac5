"""What deciding by a candidate needs beyond what the decisions of one revision recorded.

A decision's record holds exactly what its own revision read. The candidate may read more, and less.
A plan is made once for each recorded revision, for all of its decisions.
"""

from __future__ import annotations

from dataclasses import dataclass

from decisions.simulation.spec import SegmentsMode
from rulesets.cart_rules import CartRule
from rulesets.compiled import CompiledRevision
from rulesets.nodes import Count
from rulesets.nodes import Needs
from rulesets.segments import GROUP
from rulesets.segments import Segment
from rulesets.taken_over import read_alike

_ASKED = ("cart.", "context.", "time.")
_ASKED_OF_SHOPPER = frozenset({"shopper.is_registered", "shopper.audiences"})


@dataclass(frozen=True, slots=True)
class Plan:
    """`told`: segments whose recorded members count. `lacking`: what the record does not hold, and
    `asked` whether the request itself tells all of it. `uncounted`: rules whose limits the recorded
    revision did not have."""

    recorded: CompiledRevision
    told: frozenset[str]
    lacking: Needs
    asked: bool
    uncounted: frozenset[str]

    @property
    def is_enough(self) -> bool:
        """Whether the recorded facts are all that is needed."""
        lacking = self.lacking
        return not (lacking.values or lacking.lines or lacking.counts or self.uncounted)


def plan_of(
    candidate: CompiledRevision, recorded: CompiledRevision, segments: SegmentsMode
) -> Plan:
    """For the decisions of one revision under its settings."""
    told = _told(candidate, recorded, segments)
    lacking = _lacking(_read(candidate, told), recorded.needs)
    asked = not (lacking.lines or lacking.counts) and all(map(_is_asked, lacking.values))
    return Plan(recorded, told, lacking, asked, _uncounted(candidate, recorded))


def _told(
    candidate: CompiledRevision, recorded: CompiledRevision, mode: SegmentsMode
) -> frozenset[str]:
    both = candidate.segments.keys() & recorded.segments.keys()
    if mode == "recorded":
        return frozenset(both)
    if not read_alike(candidate.settings, recorded.settings):
        return frozenset()
    same = {name for name in both if _is_same(name, candidate, recorded)}
    while apart := {name for name in same if not candidate.segments[name].names <= same}:
        same -= apart
    return frozenset(same)


def _is_same(name: str, candidate: CompiledRevision, recorded: CompiledRevision) -> bool:
    """Whether a segment is read alike in both, but for what it names."""
    one, other = (each.definitions["segments", name] for each in (candidate, recorded))
    now, then = candidate.segments[name], recorded.segments[name]
    return one.digest == other.digest and (now.paused, now.window, now.names) == (
        then.paused,
        then.window,
        then.names,
    )


def _read(candidate: CompiledRevision, told: frozenset[str]) -> Needs:
    """What a cart decision reads of the facts. Blocks and rankings are no part of it."""
    values: set[str] = set()
    lines: set[str] = set()
    counts: dict[str, Count] = {}
    asked = [one for one in candidate.segments.values() if one.id not in told]
    live: list[Segment | CartRule] = [*asked, *candidate.rules.values()]
    for one in live:
        if not one.paused:
            values |= one.needs.values
            lines |= one.needs.lines
            counts |= {count.key: count for count in one.needs.counts}
    return Needs(frozenset(values), frozenset(lines), tuple(counts.values()))


def _lacking(needs: Needs, had: Needs) -> Needs:
    counted = {count.key for count in had.counts}
    return Needs(
        needs.values - had.values,
        needs.lines - had.lines,
        tuple(count for count in needs.counts if count.key not in counted),
    )


def _is_asked(name: str) -> bool:
    return name in _ASKED_OF_SHOPPER or (name.startswith(_ASKED) and name != GROUP)


def _uncounted(candidate: CompiledRevision, recorded: CompiledRevision) -> frozenset[str]:
    """Limited rules whose counters a decision of that revision did not read."""
    found = set()
    for rule_id in candidate.limited:
        limits, rule = candidate.rules[rule_id].limits, recorded.rules.get(rule_id)
        then = rule.limits if rule is not None else None
        assert limits is not None
        if then is None or (then.campaign, set(then.names)) != (limits.campaign, set(limits.names)):
            found.add(rule_id)
    return frozenset(found)

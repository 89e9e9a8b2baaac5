"""Stratum 0: which segments the shopper is in, level by level.

A segment may name segments of earlier levels; what fired there is a fact for the next.
"""

from __future__ import annotations

from collections.abc import Container
from collections.abc import Mapping
from dataclasses import dataclass

from rulesets.compiled import CompiledRevision
from rulesets.facts import Facts
from rulesets.judge import Judge
from rulesets.segments import REGISTERED
from rulesets.settled import SettledTruths
from rulesets.strata import SEGMENTS
from rulesets.stratum import Stratum


@dataclass(frozen=True, slots=True)
class ToldMembers:
    """Memberships that nobody has to find: whether the shopper is in the segments `about` is
    answered by `held`."""

    about: frozenset[str] = frozenset()
    held: frozenset[str] = frozenset()


NOTHING_TOLD = ToldMembers()


def assign_segments(
    compiled: CompiledRevision,
    facts: Facts,
    blocked: Mapping[str, str],
    judge: Judge,
    told: ToldMembers = NOTHING_TOLD,
) -> list[str]:
    """Adds `shopper.segments` to the facts; gives the ids in the order they were found."""
    members: list[str] = []
    skipped: Container[str] = {*blocked, *told.about} if told.about else blocked
    for stratum in compiled.segment_strata:
        found, ahead = _held(stratum, blocked, told)
        if ahead:
            found += _found(compiled, stratum, facts, skipped, judge)
        members += sorted(found)
        if members:
            facts.values[SEGMENTS] = frozenset(members)
    return members


def _held(
    stratum: Stratum, blocked: Mapping[str, str], told: ToldMembers
) -> tuple[list[str], bool]:
    """The told members of a level, and whether others are to be found."""
    if not told.about:
        return [], True
    named = [name for name, _ in stratum.rules]
    held = [name for name in named if name in told.held and name not in blocked]
    return held, not told.about.issuperset(named)


def _found(
    compiled: CompiledRevision,
    stratum: Stratum,
    facts: Facts,
    skipped: Container[str],
    judge: Judge,
) -> list[str]:
    """The members of one level, but for segments that count for nobody or are told of."""
    members: list[str] = []
    registered = facts.values.get(REGISTERED) is True
    truths = SettledTruths(facts)
    for name in judge.fired(stratum, facts, judge.literals(stratum, facts), truths):
        segment = compiled.segments[name]
        if name in skipped or not segment.is_for(registered):
            continue
        try:
            if judge.confirms(name, segment.node, truths):
                members.append(name)
        except Exception as error:  # a fault of one segment costs that segment
            judge.failed(name, error)
    return members

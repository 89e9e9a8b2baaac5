"""Stratum 0: which segments the shopper is in, level by level.

A segment may name segments of earlier levels; what fired there is a fact for the next.
"""

from __future__ import annotations

from collections.abc import Mapping

from rulesets.compiled import CompiledRevision
from rulesets.facts import Facts
from rulesets.judge import Judge
from rulesets.segments import REGISTERED
from rulesets.settled import SettledTruths
from rulesets.strata import SEGMENTS


def assign_segments(
    compiled: CompiledRevision, facts: Facts, blocked: Mapping[str, str], judge: Judge
) -> list[str]:
    """Adds `shopper.segments` to the facts; gives the ids in the order they were found."""
    registered = facts.values.get(REGISTERED) is True
    members: list[str] = []
    for stratum in compiled.segment_strata:
        before = len(members)
        truths = SettledTruths(facts)
        for name in judge.fired(stratum, facts, judge.literals(stratum, facts), truths):
            segment = compiled.segments[name]
            if name in blocked or not segment.is_for(registered):
                continue
            try:
                if judge.confirms(name, segment.node, truths):
                    members.append(name)
            except Exception as error:  # a fault of one segment costs that segment
                judge.failed(name, error)
        members[before:] = sorted(members[before:])
        if members:
            facts.values[SEGMENTS] = frozenset(members)
    return members

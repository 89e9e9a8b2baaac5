"""Whom something is for: the segments, audiences and cart rules that let a shopper see a block, or
a product be moved up.

Nothing named means everybody. Of each kind that is named, one is enough; all kinds must hold.
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from rulesets.definitions import Reading
from rulesets.facts import Facts
from rulesets.headers import Header
from rulesets.nodes import Needs
from rulesets.operators import fold

DEFAULT = ("default", "true")
Because = tuple[tuple[str, str], ...]
"""What let a shopper in: `(("segment", id), ("rule", id))`, or DEFAULT alone."""


@dataclass(frozen=True, slots=True)
class Target:
    """`audiences`: as they are compared -> as written."""

    segments: frozenset[str] = frozenset()
    audiences: Mapping[str, str] = field(default_factory=dict)
    rules: frozenset[str] = frozenset()

    @property
    def needs(self) -> Needs:
        """What has to be known of the shopper, beyond segments and fired rules."""
        return Needs(values=frozenset(("shopper.audiences",) if self.audiences else ()))


@dataclass(frozen=True, slots=True)
class Shopper:
    """Who is asking: segments and audiences, and the cart rules that were applied."""

    segments: Collection[str]
    audiences: frozenset[str]
    rules: Sequence[str]

    @classmethod
    def of(cls, facts: Facts, segments: Collection[str], rules: Sequence[str]) -> Shopper:
        """From the facts of a decision."""
        named = facts.values.get("shopper.audiences")
        known = named if isinstance(named, frozenset) else ()
        return cls(segments, frozenset(fold(name) for name in known), rules)


def compile_target(
    body: Mapping[str, Any], reading: Reading, rules: frozenset[str] = frozenset()
) -> Target:
    """Reads `segments`, `audiences` and `cart_rules` of a body; `rules` name it from their side."""
    return Target(
        reading.references("segments", body.get("segments")),
        {fold(name): name for name in body.get("audiences") or ()},
        rules | reading.references("cart-rules", body.get("cart_rules")),
    )


def refusal(target: Target, header: Header, shopper: Shopper) -> str | None:
    """Why it is not for this shopper; None if it is."""
    behind = target.segments & header.blocked.keys()
    if behind:
        return header.blocked[min(behind)]
    if target.segments and target.segments.isdisjoint(shopper.segments):
        return "segment_missing"
    if target.audiences and shopper.audiences.isdisjoint(target.audiences):
        return "audience_unknown"
    if target.rules and target.rules.isdisjoint(shopper.rules):
        return "rule_not_applied"
    return None


def because(target: Target, shopper: Shopper) -> Because:
    """The first of each kind that let the shopper in."""
    reasons = []
    if target.rules:
        reasons.append(("rule", next(name for name in shopper.rules if name in target.rules)))
    if target.segments:
        reasons.append(("segment", min(target.segments.intersection(shopper.segments))))
    if target.audiences:
        first = min(shopper.audiences & target.audiences.keys())
        reasons.append(("audience", target.audiences[first]))
    return tuple(reasons) or (DEFAULT,)

"""Whom a rule is for: whether anything on a cart could make it apply to who asks.

Store view, customer group, segments and whatever else its conditions say of the shopper are looked
at as they are; what they say of the cart, and of the time, may yet come true. So a rule for members
with a subtotal of 50.00 is for a member with an empty cart, and not for a guest with a full one.
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Mapping
from dataclasses import dataclass

from rulesets.cart_rules import CartRule
from rulesets.compiled import CompiledRevision
from rulesets.coupons import NONE
from rulesets.coupons import Coupons
from rulesets.coupons import Known
from rulesets.coupons import read_coupons
from rulesets.evaluator import evaluate
from rulesets.facts import Facts
from rulesets.headers import Header
from rulesets.headers import header
from rulesets.nodes import All
from rulesets.nodes import AnyOf
from rulesets.nodes import Compare
from rulesets.nodes import Count
from rulesets.nodes import Leaf
from rulesets.nodes import Node
from rulesets.nodes import NoneOf
from rulesets.nodes import NotAll
from rulesets.question import CartQuestion
from rulesets.segments import Segment
from rulesets.strata import SEGMENTS
from rulesets.strata import segments_compared

_OF_SHOPPER = ("shopper.", "context.")


def coupons_of(
    compiled: CompiledRevision,
    facts: Facts,
    question: CartQuestion,
    at: int,
    blocked: Mapping[str, str],
    *,
    hides: bool = True,
) -> Coupons:
    """The codes of a cart, judged when the segments are among the facts. `hides`: see
    rulesets/pipeline.py."""
    if not question.coupons:
        return NONE
    known = Known(compiled.rules_by_coupon, compiled.rules, facts.coupons)
    is_for = Belonging(header(facts, at, blocked), facts, compiled.segments).is_for
    most = compiled.settings.max_coupons
    return read_coupons(question.coupons, known, most, at, is_for if hides else None)


@dataclass(frozen=True, slots=True)
class Belonging:
    """Who asks, after the segments are known."""

    asked: Header
    facts: Facts
    segments: Mapping[str, Segment]

    def is_for(self, rule: CartRule) -> bool:
        """Whether the rule may be for this shopper."""
        if self.asked.elsewhere(rule) is not None:
            return False
        try:
            return self._truth(rule.node) is not False
        except Exception:  # at its turn the rule fails again, and is told as `rule_failed`
            return True

    def _truth(self, node: Node) -> bool | None:
        """Of a tree; None if a cart, or time, may change it."""
        if isinstance(node, All):
            return self._every(node.items, wanted=True)
        if isinstance(node, NoneOf):
            return self._every(node.items, wanted=False)
        if isinstance(node, AnyOf | NotAll):
            if not node.items:
                return True
            every = self._every(node.items, wanted=isinstance(node, NotAll))
            return None if every is None else not every
        if isinstance(node, Compare | Count) and self._is_of_shopper(node):
            return evaluate(node, self.facts)
        return None

    def _every(self, items: Collection[Node], *, wanted: bool) -> bool | None:
        """Whether all are as wanted; one that is not settles it."""
        found = [self._truth(item) for item in items]
        if any(truth is not None and truth is not wanted for truth in found):
            return False
        return None if None in found else True

    def _is_of_shopper(self, leaf: Leaf) -> bool:
        if isinstance(leaf, Count):
            return True
        if not isinstance(leaf, Compare) or not leaf.attribute.startswith(_OF_SHOPPER):
            return False
        return leaf.attribute != SEGMENTS or not any(map(self._may_change, segments_compared(leaf)))

    def _may_change(self, name: str) -> bool:
        """Whether a segment has other members with another cart, at another time, or once it is
        not paused any more."""
        segment = self.segments.get(name)
        if segment is None:
            return False
        if name in self.asked.blocked or segment.touches_cart or segment.reads_clock:
            return True
        return any(map(self._may_change, segment.names))

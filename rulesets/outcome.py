"""Outcomes: what was decided, in minor units and ids. The answer of the API is a function of it.

CartOutcome     segments, totals, applied rules with the part each line got, coupons
ContentOutcome  segments, applied rules, the blocks of the slot and why each stands there
CategoryOutcome rulesets/category_outcome.py
UnitsOutcome    rulesets/units_outcome.py
Decided         an outcome with its trace, and how it was evaluated
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from decimal import Decimal
from typing import Any
from typing import Literal
from typing import NamedTuple

from aggregates.kernel.canonical import number
from rulesets.answers import cart_answer
from rulesets.answers import cart_answer_bytes
from rulesets.answers import content_answer
from rulesets.benefits.free_gift import Gift
from rulesets.category_outcome import CategoryOutcome
from rulesets.nearly import Message
from rulesets.trace import Trace
from rulesets.units_outcome import UnitsOutcome

__all__ = [
    "Applied",
    "CartOutcome",
    "ContentOutcome",
    "CouponOutcome",
    "Decided",
    "Outcome",
    "ShownBlock",
    "cart_answer",
    "cart_answer_bytes",
    "content_answer",
]


class Applied(NamedTuple):
    """What one rule gave: a part of each cart line in cart order, of shipping, free shipping, and
    gifts to choose from."""

    rule_id: str
    parts: tuple[int, ...]
    shipping_minor: int = 0
    free_lines: tuple[int, ...] = ()
    free_shipment: bool = False
    gifts: tuple[Gift, ...] = ()

    @property
    def amount_minor(self) -> int:
        """All it took off, lines and shipping."""
        return sum(self.parts) + self.shipping_minor


@dataclass(frozen=True, slots=True)
class CouponOutcome:
    """A code as the customer wrote it; `reason` is None when it was applied."""

    code: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class CartOutcome:
    """A priced cart. `discount <= subtotal + shipping`, and parts sum to wholes."""

    segments: tuple[str, ...]
    subtotal_minor: int
    shipping_minor: int
    applied: tuple[Applied, ...]
    coupons: tuple[CouponOutcome, ...] = ()
    messages: tuple[Message, ...] = ()
    codes: Mapping[str, str] = field(default_factory=dict)
    """Rule -> the generated code that it applied by."""

    @property
    def line_discount_minor(self) -> int:
        """Sum over all lines."""
        return sum(sum(rule.parts) for rule in self.applied)

    @property
    def shipping_discount_minor(self) -> int:
        """Sum of what was taken off shipping."""
        return sum(rule.shipping_minor for rule in self.applied)

    @property
    def total_minor(self) -> int:
        """What is left to pay."""
        discount = self.line_discount_minor + self.shipping_discount_minor
        return self.subtotal_minor + self.shipping_minor - discount

    def to_json(self) -> dict[str, Any]:
        """The compact form that is recorded and digested.

        A rule is `[rule id, [part of each line], part of shipping, [free lines], free shipment]`.
        Gifts and messages are left out where there are none: older decisions have none.
        """
        told: dict[str, Any] = {
            "segments": list(self.segments),
            "totals": [
                self.subtotal_minor,
                self.shipping_minor,
                self.line_discount_minor,
                self.shipping_discount_minor,
            ],
            "rules": [rule[:5] for rule in self.applied],
            "coupons": [[coupon.code, coupon.reason] for coupon in self.coupons],
        }
        gifts = {r.rule_id: [_told(one) for one in r.gifts] for r in self.applied if r.gifts}
        if gifts:
            told["gifts"] = gifts
        if self.codes:
            told["codes"] = dict(self.codes)
        if self.messages:
            told["messages"] = [_told(message) for message in self.messages]
        return told

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> CartOutcome:
        """The reverse."""
        gifts = data.get("gifts", {})
        return cls(
            tuple(data["segments"]),
            data["totals"][0],
            data["totals"][1],
            tuple(
                Applied(
                    rule_id,
                    tuple(parts),
                    shipping,
                    tuple(free_lines),
                    free,
                    tuple(
                        Gift(sku, number(Decimal(quantity)), choose)
                        for sku, quantity, choose in gifts.get(rule_id, ())
                    ),
                )
                for rule_id, parts, shipping, free_lines, free in data["rules"]
            ),
            tuple(CouponOutcome(code, reason) for code, reason in data["coupons"]),
            tuple(
                Message(rule_id, int(missing) if money else number(Decimal(missing)), money)
                for rule_id, missing, money in data.get("messages", ())
            ),
            dict(data.get("codes", {})),
        )


def _told(found: Gift | Message) -> list[Any]:
    """With its quantity or amount as exact text."""
    first, amount, last = found
    return [first, format(amount, "f") if isinstance(amount, Decimal) else str(amount), last]


@dataclass(frozen=True, slots=True)
class ShownBlock:
    """A block of a slot and what let it in: `(("segment", id), ("rule", id))` or default."""

    block_id: str
    because: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ContentOutcome:
    """A filled slot. `fallback`: no block was for this shopper, the slot's own content stands."""

    slot_id: str
    segments: tuple[str, ...]
    rules: tuple[str, ...]
    blocks: tuple[ShownBlock, ...]
    fallback: bool

    def to_json(self) -> dict[str, Any]:
        """The compact form that is recorded and digested."""
        return {
            "slot": self.slot_id,
            "segments": list(self.segments),
            "rules": list(self.rules),
            "blocks": [
                [block.block_id, [list(reason) for reason in block.because]]
                for block in self.blocks
            ],
            "fallback": self.fallback,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> ContentOutcome:
        """The reverse."""
        return cls(
            data["slot"],
            tuple(data["segments"]),
            tuple(data["rules"]),
            tuple(
                ShownBlock(block_id, tuple((kind, name) for kind, name in because))
                for block_id, because in data["blocks"]
            ),
            data["fallback"],
        )


Outcome = CartOutcome | ContentOutcome | CategoryOutcome | UnitsOutcome


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision before it is recorded.

    `disagreed` names the rules and segments on which engine and evaluator differed; `faults` those
    that failed by a fault of the program, each with the error.
    """

    outcome: Outcome
    trace: Trace
    engine: Literal["durable_rules", "fallback"] = "durable_rules"
    disagreed: tuple[str, ...] = ()
    faults: tuple[tuple[str, str], ...] = ()

"""Facts: all that a decision may know, resolved before it starts, recorded with it for ever.

Types of a value: str, bool, int, Decimal (never float), frozenset of str. Money is int minor units
of the cart's currency; dates are `2026-11-23`, moments fixed-width RFC 3339 text: both compare as
text. An attribute that is undefined is absent: None, "" and empty sets are never stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from decimal import Decimal
from typing import Any

from rulesets.usage import Used

Value = str | bool | int | Decimal | frozenset[str]
Scope = dict[str, Value]
"""Attribute name as rules write it (`cart.subtotal`, `shopper.traits.vip`) to its value."""


@dataclass(slots=True)
class Facts:
    """What one decision knows.

    `values`: everything outside line scope. `lines`: one scope per cart line, in cart order, keys
    `line.*`. `counts`: the value of each history and orders condition of the revision, by
    `Count.key` (rulesets/language.py). `usage`: how much of its limits is used, by rule
    (rulesets/usage.py). `coupons`: generated codes of the cart (rulesets/coupons.py). `currency` is
    that of all money here.
    """

    currency: str
    values: Scope = field(default_factory=dict)
    lines: list[Scope] = field(default_factory=list)
    counts: dict[str, Value] = field(default_factory=dict)
    usage: dict[str, Used] = field(default_factory=dict)
    coupons: dict[str, dict[str, Any]] = field(default_factory=dict)

    def copied(self, *, lines: bool = True) -> Facts:
        """The same to add to: lines too, unless nobody adds to them."""
        return replace(
            self,
            values=dict(self.values),
            lines=[dict(line) for line in self.lines] if lines else self.lines,
        )

    def to_json(self) -> dict[str, Any]:
        """For canonical JSON; sets become sorted lists (the reader knows which names are sets)."""
        told: dict[str, Any] = {
            "currency": self.currency,
            "values": self.values,
            "lines": self.lines,
            "counts": self.counts,
        }
        if self.usage:  # left out where there is none, as digests of older decisions have none
            told["usage"] = self.usage
        if self.coupons:
            told["coupons"] = self.coupons
        return told

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Facts:
        """From revived canonical JSON (`kernel.canonical.revive`): lists become sets again."""
        return cls(
            data["currency"],
            _revived(data["values"]),
            [_revived(line) for line in data["lines"]],
            _revived(data["counts"]),
            dict(data.get("usage", {})),
            dict(data.get("coupons", {})),
        )


def _revived(scope: dict[str, Any]) -> Scope:
    return {
        name: frozenset(value) if isinstance(value, list) else value
        for name, value in scope.items()
    }

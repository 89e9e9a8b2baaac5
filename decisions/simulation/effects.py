"""What one cart decision does for a customer, in one form for recorded and for simulated ones.

It is read from an outcome's compact JSON (rulesets/outcome.py), which is what the log keeps: so no
recorded outcome, of whichever age, has to become an object first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_NOT_COMPARED = "segments"


@dataclass(frozen=True, slots=True)
class Effect:
    """Minor units. `rules`: what each rule that applied took off."""

    discount_minor: int
    rules: Mapping[str, int]
    coupons_applied: int
    coupons_rejected: int
    gives_gifts: bool
    ships_free: bool


def effect_of(outcome: Mapping[str, Any]) -> Effect:
    """Of a cart outcome's JSON."""
    _, _, of_lines, of_shipping = outcome["totals"]
    coupons = outcome["coupons"]
    rejected = sum(reason is not None for _, reason in coupons) if coupons else 0
    rules = {}
    free = False
    for rule_id, parts, shipping, _, frees in outcome["rules"]:
        rules[rule_id] = sum(parts) + shipping
        free = free or frees
    return Effect(
        of_lines + of_shipping,
        rules,
        len(coupons) - rejected,
        rejected,
        bool(outcome.get("gifts")),
        free,
    )


def is_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether both outcomes are one and the same to a customer: all of it but the segments."""
    names = one.keys() | other.keys()
    return all(one.get(name) == other.get(name) for name in names if name != _NOT_COMPARED)

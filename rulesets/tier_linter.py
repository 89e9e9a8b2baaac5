"""Tiers of an action: from how much on, what is given."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from aggregates.kernel.errors import Problem
from rulesets.amounts import lint_money
from rulesets.amounts import lint_moneys
from rulesets.amounts import lint_others
from rulesets.amounts import size_of

Tier = Mapping[str, Any]


def lint_tiers(action: Mapping[str, Any], base: str) -> Iterator[Problem]:
    """Each tier by itself, and that they ascend in every currency."""
    by_amount = action.get("by") == "amount"
    before: dict[str, int | Decimal] = {}
    for number, tier in enumerate(action.get("tiers") or ()):
        pointer = f"/action/tiers/{number}"
        yield from _from(tier, base, pointer, by_amount=by_amount)
        yield from _gives(tier, base, pointer)
        starts = {"": tier.get("from"), **(tier.get("from_amounts") or {})}
        for currency, raw in starts.items():
            start = size_of(raw)
            if start is None:
                continue
            if currency in before and start <= before[currency]:
                at = f"{pointer}/from_amounts/{currency[:8]}" if currency else f"{pointer}/from"
                yield Problem(at, "tiers_not_ascending", "each tier begins above the one before")
            before[currency] = start


def lint_percent(raw: object, pointer: str) -> Iterator[Problem]:
    """A percentage."""
    percent = size_of(raw)
    if percent is None:
        yield Problem(pointer, "not_a_number", "a number from 0 is wanted")
    elif percent > 100:
        yield Problem(pointer, "over_100_percent", "at most 100 percent")


def _from(tier: Tier, base: str, pointer: str, *, by_amount: bool) -> Iterator[Problem]:
    if by_amount:
        yield from lint_money(tier.get("from"), base, f"{pointer}/from", above=0)
        yield from lint_others(tier.get("from_amounts"), base, f"{pointer}/from_amounts", above=0)
        return
    start = size_of(tier.get("from"))
    if start is None:
        yield Problem(f"{pointer}/from", "not_a_number", "a number from 0 is wanted")
    elif start == 0:
        yield Problem(f"{pointer}/from", "out_of_range", "more than 0 is wanted")
    if "from_amounts" in tier:
        detail = "a quantity is the same in every currency"
        yield Problem(f"{pointer}/from_amounts", "not_for_this_action", detail)


def _gives(tier: Tier, base: str, pointer: str) -> Iterator[Problem]:
    if ("percent" in tier) is ("fixed" in tier):
        yield Problem(pointer, "percent_or_fixed", "exactly one of the two")
        return
    if "fixed" in tier:
        yield from lint_moneys(tier, base, pointer, amount="fixed")
        return
    yield from lint_percent(tier["percent"], f"{pointer}/percent")
    if "amounts" in tier:
        detail = "a percentage is the same in every currency"
        yield Problem(f"{pointer}/amounts", "not_for_this_action", detail)

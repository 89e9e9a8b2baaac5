"""Budgets and campaigns of a rule: amounts that can be spent, thresholds that can be reached."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from aggregates.kernel.errors import Problem
from rulesets.amounts import lint_moneys


def lint_budgets(body: Mapping[str, Any], base: str) -> Iterator[Problem]:
    """What is wrong with a rule's own budget and with that of its campaign."""
    yield from _budget(body.get("budget"), base, "/budget")
    campaign = body.get("campaign")
    if not isinstance(campaign, Mapping):
        return
    yield from _budget(campaign.get("budget"), base, "/campaign/budget")
    if not campaign.get("budget") and not campaign.get("uses_total"):
        detail = "a campaign limits something: uses_total, or a budget"
        yield Problem("/campaign", "campaign_without_limit", detail)


def _budget(budget: object, base: str, pointer: str) -> Iterator[Problem]:
    if not isinstance(budget, Mapping):
        return
    yield from lint_moneys(budget, base, pointer, above=0)
    thresholds = budget.get("thresholds") or []
    if any(not 1 <= percent <= 100 for percent in thresholds) or thresholds != sorted(
        set(thresholds)
    ):
        detail = "percentages from 1 to 100, each higher than the one before"
        yield Problem(f"{pointer}/thresholds", "thresholds_not_rising", detail)

"""Budgets of rules and campaigns: what is spent, what is left, which thresholds were passed."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from aggregates.kernel.clock import format_moment
from aggregates.kernel.ids import SiteId
from aggregates.kernel.ids import stream_id
from aggregates.kernel.money import format_money
from aggregates.log import Append
from aggregates.log import NewEvent
from decisions.as_of import AsOf
from decisions.claims import deciding
from decisions.means import Means
from decisions.rules_as_of import compiled_as_of
from decisions.usage_as_of import usage_as_of
from rulesets.benefits.benefit import money_of
from rulesets.compiled import CompiledRevision
from rulesets.usage import CAMPAIGN_SPENT
from rulesets.usage import CAMPAIGN_USES
from rulesets.usage import SPENT
from rulesets.usage import USES
from rulesets.usage import Limits

_Of = tuple[Limits, str, str, str]
"""Limits, one of their rules, and the names of their counters of uses and of money."""
REACHED = "BudgetThresholdReached"
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Budget:
    """What one rule or one campaign may give away, and has."""

    subject: str
    """`rule/<id>` or `campaign/<name>`."""
    uses: int
    uses_most: int | None
    spent: dict[str, tuple[int, int]]
    """Currency -> spent and budget, in minor units."""
    thresholds: tuple[int, ...]


def budgets(
    means: Means, site: SiteId, rules: Collection[str] | None = None, then: AsOf | None = None
) -> list[Budget]:
    """Every live rule and campaign with a budget or a number of uses, in the order of the rules, or
    those of some rules; now, or as the log tells of a position.

    What is reserved counts as spent until it is let go.
    """
    compiled = deciding(means, site) if then is None else compiled_as_of(means, site, then.position)
    asked: dict[str, _Of] = {}
    for rule_id, limits in _limited(compiled, rules):
        if {USES, SPENT} & limits.names:
            asked[f"rule/{rule_id}"] = (limits, rule_id, USES, SPENT)
        if {CAMPAIGN_USES, CAMPAIGN_SPENT} & limits.names:
            subject = f"campaign/{limits.campaign}"
            asked.setdefault(subject, (limits, rule_id, CAMPAIGN_USES, CAMPAIGN_SPENT))
    keys = {
        key
        for limits, rule_id, uses, spent in asked.values()
        for key in _keys(limits, rule_id, uses, spent)
    }
    if then is None:
        moved = means.reads.usage(site, (), sorted(keys), means.clock.now()).used
    else:
        moved = usage_as_of(means, site, then)
    return [_budget(subject, of, moved) for subject, of in asked.items()]


def told(means: Means, site: SiteId, budget: Budget, then: AsOf | None = None) -> Json:
    """As it is answered; a threshold with the moment when it was noted."""
    upto = None if then is None else then.position
    reached: list[Json] = []
    for currency, (_, most) in budget.spent.items():
        for percent in budget.thresholds:
            stream = _stream(site, budget, currency, most, percent)
            events = means.log.read_stream(site, stream, upto=upto)
            at = format_moment(events[0].occurred_at) if events else None
            reached.append({"currency": currency, "percent": percent, "reached_at": at})
    return {
        "subject": budget.subject,
        "uses": budget.uses,
        "uses_total": budget.uses_most,
        "money": [
            {
                "currency": currency,
                "budget": format_money(most, currency),
                "spent": format_money(spent, currency),
                "remaining": format_money(max(most - spent, 0), currency),
                "over": format_money(max(spent - most, 0), currency),
            }
            for currency, (spent, most) in budget.spent.items()
        ],
        "thresholds": reached,
    }


def note_thresholds(means: Means, site: SiteId, rules: Collection[str] | None = None) -> int:
    """Appends BudgetThresholdReached for each threshold that was passed and not noted yet, once in
    the life of a budget; how many those were. `rules`: only the budgets of these."""
    noted = 0
    for budget in () if rules is not None and not rules else budgets(means, site, rules):
        for currency, (spent, most) in budget.spent.items():
            for percent in budget.thresholds:
                if spent * 100 < most * percent:
                    break
                data = {
                    "subject": budget.subject,
                    "currency": currency,
                    "percent": percent,
                    "spent_minor": spent,
                    "budget_minor": most,
                }
                stream = _stream(site, budget, currency, most, percent)
                if means.log.read_stream(site, stream, last=True):
                    continue
                event = NewEvent(stream, 1, REACHED, data)
                noted += means.log.append(Append(site, (event,))).positions[0] is not None
    return noted


def _limited(
    compiled: CompiledRevision, rules: Collection[str] | None
) -> Iterator[tuple[str, Limits]]:
    for rule in compiled.rules.values():
        if rule.limits is not None and (rules is None or rule.id in rules):
            yield rule.id, rule.limits


def _currencies(limits: Limits, spent: str) -> list[str]:
    budget = limits.budgets.get(spent)
    return [] if budget is None else [limits.base_currency, *sorted(budget.get("amounts") or ())]


def _keys(limits: Limits, rule_id: str, uses: str, spent: str) -> Iterator[str]:
    for name, currency in [(uses, ""), *((spent, one) for one in _currencies(limits, spent))]:
        key = limits.key(rule_id, name, currency, None)
        if key is not None:
            yield key


def _budget(subject: str, of: _Of, moved: dict[str, int]) -> Budget:
    limits, rule_id, uses, spent = of
    of_money: dict[str, tuple[int, int]] = {}
    for currency in _currencies(limits, spent):
        most = money_of(limits.budgets[spent], currency, limits.base_currency)
        key = limits.key(rule_id, spent, currency, None)
        if most is not None and key is not None:
            of_money[currency] = (moved.get(key, 0), most)
    used = moved.get(limits.key(rule_id, uses, "", None) or "", 0)
    thresholds = tuple((limits.budgets.get(spent) or {}).get("thresholds") or ())
    return Budget(subject, used, limits.most.get(uses), of_money, thresholds)


def _stream(site: SiteId, budget: Budget, currency: str, most: int, percent: int) -> UUID:
    return stream_id(site, "budget", f"{budget.subject}/{currency}/{most}/{percent}")

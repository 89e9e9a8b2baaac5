"""A simulation's result as JSON: what an author reads before publishing.

Money is decimal text. With a sample, figures are those of the decisions looked at, and `estimate`
says what they mean for the whole range, with bounds.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from aggregates.kernel.money import format_money
from decisions.simulation.estimates import Interval
from decisions.simulation.estimates import Moments
from decisions.simulation.estimates import count_of
from decisions.simulation.estimates import total_of
from decisions.simulation.notes import Note
from decisions.simulation.tally import Counts
from decisions.simulation.tally import Money
from decisions.simulation.tally import RuleSums
from decisions.simulation.tally import Shift
from decisions.simulation.tally import Tally

Json = dict[str, Any]
RULES_MAX = 1_000
"""Rules of a result: those that move most. The others are counted."""
Named = Mapping[str, tuple[str, str | None]]
"""Rule -> its name, and what the candidate does to it: added, changed, removed, or None."""


def result_of(tally: Tally, named: Named, notes: Iterable[Note], *, sampled: bool) -> Json:
    """All of it."""
    counts = tally.counts
    rules = _rules(tally, named)
    return {
        "decisions": _decisions(counts),
        "orders": {"looked_at": counts.ordered, "touched": counts.ordered_changed},
        "money": [_money(currency, tally.money[currency]) for currency in sorted(tally.money)],
        "coupons": {
            "applied": _pair(counts.coupons_applied_before, counts.coupons_applied_after),
            "rejected": _pair(counts.coupons_rejected_before, counts.coupons_rejected_after),
        },
        "gifts": _pair(counts.gifts_before, counts.gifts_after),
        "free_shipping": _pair(counts.free_shipping_before, counts.free_shipping_after),
        "rules": rules[:RULES_MAX],
        "rules_left_out": max(0, len(rules) - RULES_MAX),
        "unknown": [
            {"fact": fact, "decisions": number} for fact, number in sorted(tally.unknown.items())
        ],
        "revisions": [
            {"revision": revision, "decisions": number}
            for revision, number in sorted(tally.revisions.items())
        ],
        "checked": {
            "decisions": counts.checked,
            "different": counts.check_failed,
            "examples": tally.check_failed,
        },
        "estimate": _estimate(tally) if sampled else None,
        "notes": [asdict(note) for note in notes],
    }


def _decisions(counts: Counts) -> Json:
    return {
        "in_range": counts.population,
        "looked_at": counts.sampled,
        "compared": counts.compared,
        "changed": counts.changed,
        "erased": counts.erased,
        "unknown": counts.unknown,
        "rebuilt": counts.rebuilt,
    }


def _pair(before: int, after: int) -> Json:
    return {"before": before, "after": after}


def _money(currency: str, money: Money) -> Json:
    return {
        "currency": currency,
        **_sums(currency, money),
        "ordered": None if money.ordered is None else _sums(currency, money.ordered),
        "winners": [_shift(currency, shift) for shift in money.winners],
        "losers": [_shift(currency, shift) for shift in money.losers],
    }


def _sums(currency: str, money: Money) -> Json:
    before, after = money.before.total, money.after.total
    return {
        "decisions": money.decisions,
        "subtotal": format_money(money.subtotal_minor, currency),
        **_discount(currency, before, after),
    }


def _discount(currency: str, before: int, after: int) -> Json:
    return {
        "discount_before": format_money(before, currency),
        "discount_after": format_money(after, currency),
        "difference": format_money(after - before, currency),
    }


def _shift(currency: str, shift: Shift) -> Json:
    return {
        "decision_id": shift.decision_id,
        "link": f"/v1/decisions/{shift.decision_id}",
        "ordered": shift.order,
        **_discount(currency, shift.before_minor, shift.after_minor),
    }


def _rules(tally: Tally, named: Named) -> list[Json]:
    """The rules that applied at all or that the candidate touches; what moves most comes first."""
    by_rule: dict[str, dict[str, RuleSums]] = {
        rule_id: {} for rule_id, (_, change) in named.items() if change is not None
    }
    for (rule_id, currency), sums in sorted(tally.rules.items()):
        by_rule.setdefault(rule_id, {})[currency] = sums
    ordered = sorted(by_rule.items(), key=lambda item: (-_moves(item[1].values()), item[0]))
    return [_rule(rule_id, sums, named) for rule_id, sums in ordered]


def _moves(sums: Iterable[RuleSums]) -> int:
    return sum(
        abs(one.after_minor - one.before_minor) + abs(one.applied_after - one.applied_before)
        for one in sums
    )


def _rule(rule_id: str, sums: Mapping[str, RuleSums], named: Named) -> Json:
    name, change = named.get(rule_id, ("", None))
    return {
        "rule_id": rule_id,
        "name": name,
        "change": change,
        "applied": _pair(
            sum(one.applied_before for one in sums.values()),
            sum(one.applied_after for one in sums.values()),
        ),
        "money": [
            {"currency": currency, **_discount(currency, one.before_minor, one.after_minor)}
            for currency, one in sums.items()
        ],
    }


def _estimate(tally: Tally) -> Json:
    counts = tally.counts
    n, population = counts.sampled, counts.population
    return {
        "population": population,
        "sampled": n,
        "confidence": "0.95",
        "changed": _interval(count_of(counts.changed, n, population)),
        "orders_touched": _interval(count_of(counts.ordered_changed, n, population)),
        "money": [
            {
                "currency": currency,
                **{
                    name: _amounts(currency, moments, n, population)
                    for name, moments in (
                        ("discount_before", money.before),
                        ("discount_after", money.after),
                        ("difference", money.difference),
                    )
                },
            }
            for currency, money in sorted(tally.money.items())
        ],
        "rules": [
            {
                "rule_id": rule_id,
                "currency": currency,
                "difference": _amounts(currency, sums.difference, n, population),
            }
            for (rule_id, currency), sums in _moved(tally)
        ],
    }


def _moved(tally: Tally) -> list[tuple[tuple[str, str], RuleSums]]:
    moved = [item for item in sorted(tally.rules.items()) if item[1].difference.nonzero]
    return sorted(moved, key=lambda item: -abs(item[1].difference.total))[:RULES_MAX]


def _amounts(currency: str, moments: Moments, sampled: int, population: int) -> Json:
    found = total_of(moments, sampled, population)
    return {
        "value": format_money(found.value, currency),
        "low": format_money(found.low, currency),
        "high": format_money(found.high, currency),
        "is_sound": found.is_sound,
    }


def _interval(found: Interval) -> Json:
    return {"value": found.value, "low": found.low, "high": found.high, "is_sound": found.is_sound}

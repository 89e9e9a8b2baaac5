"""A result as text for a terminal: the same figures as in JSON, the most important first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_RULES_SHOWN = 20
Json = dict[str, Any]


def told(result: Json) -> str:
    """Some lines for each part of it."""
    return "\n".join(_lines(result))


def _lines(result: Json) -> Iterator[str]:
    of, orders = result["decisions"], result["orders"]
    yield (
        f"{of['in_range']} carts in the range, {of['looked_at']} looked at,"
        f" {of['compared']} compared, {of['changed']} come out otherwise"
    )
    if of["erased"] or of["unknown"]:
        yield (
            f"left out: {of['erased']} of forgotten persons, {of['unknown']} of which facts are not"
            " known"
        )
    yield f"{orders['touched']} of {orders['looked_at']} that became orders come out otherwise"
    for money in result["money"]:
        yield from _money(money)
    for name, counted in (
        ("coupons applied", result["coupons"]["applied"]),
        ("coupons rejected", result["coupons"]["rejected"]),
        ("carts with gifts", result["gifts"]),
        ("carts with free shipping", result["free_shipping"]),
    ):
        if counted["before"] or counted["after"]:
            yield f"{name}: {counted['before']} before, {counted['after']} after"
    for rule in result["rules"][:_RULES_SHOWN]:
        yield _rule(rule)
    left = len(result["rules"]) - _RULES_SHOWN + result["rules_left_out"]
    if left > 0:
        yield f"  and {left} more rules"
    if result["estimate"] is not None:
        yield from _estimate(result["estimate"])
    for note in result["notes"]:
        yield f"note {note['code']}: {note['detail']}"


def _money(money: Json) -> Iterator[str]:
    yield f"{money['currency']}: {_moved(money)}"
    if money["ordered"] is not None:
        yield f"  in orders: {_moved(money['ordered'])}"
    for name in ("winners", "losers"):
        for shift in money[name]:
            yield f"  {name[:-1]} {shift['decision_id']}: {_moved(shift)}"


def _moved(told: Json) -> str:
    return (
        f"discount {told['discount_before']} before, {told['discount_after']} after"
        f" ({told['difference']})"
    )


def _rule(rule: Json) -> str:
    applied, change = rule["applied"], f" ({rule['change']})" if rule["change"] else ""
    money = ", ".join(f"{one['currency']} {one['difference']}" for one in rule["money"])
    return (
        f"  {rule['rule_id']} {rule['name']}{change}: applied {applied['before']} times before,"
        f" {applied['after']} after; {money or 'nothing'}"
    )


def _estimate(estimate: Json) -> Iterator[str]:
    yield (
        f"estimated for all {estimate['population']} carts from {estimate['sampled']}, with 95 %"
        f" confidence: {_between(estimate['changed'])} come out otherwise"
    )
    for money in estimate["money"]:
        yield f"  {money['currency']}: the discount moves by {_between(money['difference'])}"


def _between(found: Json) -> str:
    rough = "" if found["is_sound"] else ", roughly"
    return f"{found['value']} ({found['low']} to {found['high']}{rough})"

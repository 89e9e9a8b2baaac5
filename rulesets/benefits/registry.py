"""Every action type, by the name that rules use, and what is refused until it is built."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

from aggregates.kernel.errors import Problem
from rulesets.benefits import cart_fixed
from rulesets.benefits import fixed
from rulesets.benefits import percent
from rulesets.benefits.benefit import Action
from rulesets.benefits.benefit import Benefit

Read = Callable[[Action, str, str], Benefit | None]
"""(action, the cart's currency, the site's base currency) -> Benefit, None when not covered."""

BENEFITS: dict[str, Read] = {
    "percent": percent.read,
    "fixed": fixed.read,
    "cart_fixed": cart_fixed.read,
}
_FIELDS_NOT_BUILT = ("group", "uses_per_customer", "uses_total", "budget", "nearly")


def unavailable(body: Mapping[str, Any]) -> list[Problem]:
    """What a cart rule asks for that decisions cannot do: refused, never silently left out."""
    problems = []
    action = body["action"]["type"]
    if action not in BENEFITS:
        problems.append(
            Problem("/action/type", "action_not_available", f"{action!r} is not available")
        )
    coupon = body.get("coupon") or {"type": "none"}
    if coupon["type"] not in ("none", "specific"):
        problems.append(
            Problem("/coupon/type", "coupon_not_available", "generated coupons are not available")
        )
    problems += [
        Problem(f"/coupon/{name}", "field_not_available", "limits of use are not available")
        for name in ("uses_per_coupon", "uses_per_customer")
        if coupon.get(name)
    ]
    problems += [
        Problem(f"/{name}", "field_not_available", f"{name!r} is not available")
        for name in _FIELDS_NOT_BUILT
        if body.get(name)
    ]
    if body.get("totals_over", "cart") != "cart":
        problems.append(
            Problem("/totals_over", "field_not_available", "totals are those of the whole cart")
        )
    return problems

"""Every action type, by the name that rules use."""

from __future__ import annotations

from collections.abc import Callable

from rulesets.benefits import bundle_price
from rulesets.benefits import buy_x_get_y
from rulesets.benefits import cart_fixed
from rulesets.benefits import cheapest_free
from rulesets.benefits import fixed
from rulesets.benefits import free_gift
from rulesets.benefits import percent
from rulesets.benefits import tiered
from rulesets.benefits import to_fixed
from rulesets.benefits import to_percent
from rulesets.benefits.benefit import Action
from rulesets.benefits.benefit import Benefit
from rulesets.benefits.benefit import money_of
from rulesets.benefits.capped import Capped

Read = Callable[[Action, str, str], Benefit | None]
"""(action, the cart's currency, the site's base currency) -> Benefit, None when not covered."""

BENEFITS: dict[str, Read] = {
    "percent": percent.read,
    "fixed": fixed.read,
    "cart_fixed": cart_fixed.read,
    "buy_x_get_y": buy_x_get_y.read,
    "to_percent": to_percent.read,
    "to_fixed": to_fixed.read,
    "free_gift": free_gift.read,
    "tiered": tiered.read,
    "cheapest_free": cheapest_free.read,
    "bundle_price": bundle_price.read,
}


def benefit_of(action: Action, currency: str, base_currency: str) -> Benefit | None:
    """What an action gives in a currency, under its cap; None if an amount in it is missing."""
    benefit = BENEFITS[action["type"]](action, currency, base_currency)
    cap = action.get("max_discount")
    if benefit is None or cap is None:
        return benefit
    most = money_of(cap, currency, base_currency)
    return None if most is None else Capped(benefit, most)

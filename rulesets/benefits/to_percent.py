"""To so many percent of the price: to 80 % takes 20 % off (FEATURES A5)."""

from __future__ import annotations

from rulesets.benefits.benefit import Action
from rulesets.benefits.percent import Percent
from rulesets.benefits.percent import percent_of


def read(action: Action, _currency: str, _base: str) -> Percent:
    """What is left of the price becomes what is taken off it; above 100 nothing is."""
    to = percent_of(action["amount"])
    return Percent(max(0, to.denominator - to.numerator), to.denominator)

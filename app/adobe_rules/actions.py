"""Adobe's actions as actions of this service."""

from __future__ import annotations

from typing import Any

from app.adobe_rules import vocabulary
from app.adobe_rules.conditions import Trees
from app.adobe_rules.leaves import NOTHING
from app.adobe_rules.reading import SalesRule
from app.adobe_rules.report import Telling
from app.adobe_rules.values import plain

Action = dict[str, Any]
_STEPPED = frozenset({"percent", "fixed", "buy_x_get_y"})
_PERCENTAGES = frozenset({"percent", "to_percent"})


def action_of(rule: SalesRule, trees: Trees, telling: Telling) -> Action:
    """What a rule gives; told to `telling` if there is no such action here."""
    kind = vocabulary.ACTIONS.get(rule.simple_action)
    if kind is None:
        detail = f"{rule.simple_action[:100]!r} is not known"
        telling.refuse(f"{rule.pointer}/simple_action", "unknown_action", detail)
        return {}
    action: Action = {"type": kind, "amount": plain(rule.discount_amount)}
    if kind in _PERCENTAGES and rule.discount_amount > 100:
        action["amount"] = "100"
    if kind in {"to_percent", "to_fixed"} and (rule.discount_qty or rule.discount_step):
        action = _to_with_units(rule, action, telling)
    if action["type"] in _STEPPED:
        action |= _units(rule)
    elif rule.discount_qty or rule.discount_step:
        pointer = f"{rule.pointer}/discount_step"
        telling.note(pointer, "without_effect", "cart_fixed counts no units, in Adobe neither")
    if rule.apply_to_shipping:
        action["apply_to_shipping"] = True
    items = NOTHING if rule.action_condition is None else trees.line(rule.action_condition)
    if items not in (NOTHING, {"any": []}, {"none": []}, {"not_all": []}):
        action["items"] = items
    return action


def _units(rule: SalesRule) -> Action:
    found: Action = {}
    if rule.discount_step:
        found["step"] = plain(rule.discount_step)
    if rule.discount_qty:
        found["max_quantity"] = plain(rule.discount_qty)
    return found


def _to_with_units(rule: SalesRule, action: Action, telling: Telling) -> Action:
    """Paying 80 percent is 20 percent off, which counts units here; a price to pay does not."""
    pointer = f"{rule.pointer}/simple_action"
    if action["type"] == "to_fixed":
        detail = "to_fixed counts no steps and no maximum quantity here"
        telling.refuse(pointer, "not_for_this_action", detail)
        return action
    off = plain(max(0, 100 - rule.discount_amount))
    telling.note(pointer, "said_otherwise", f"to_percent that counts units is percent {off} here")
    return {"type": "percent", "amount": off}

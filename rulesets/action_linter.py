"""What an action of a cart rule lacks, or has too much of."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from aggregates.kernel.errors import Problem
from rulesets.amounts import lint_money
from rulesets.amounts import lint_moneys
from rulesets.amounts import lint_others
from rulesets.amounts import lint_whole
from rulesets.amounts import size_of
from rulesets.tier_linter import lint_percent
from rulesets.tier_linter import lint_tiers

Action = Mapping[str, Any]

ACTION_FIELDS: dict[str, frozenset[str]] = {
    "percent": frozenset({"amount", "step", "max_quantity"}),
    "fixed": frozenset({"amount", "amounts", "step", "max_quantity"}),
    "cart_fixed": frozenset({"amount", "amounts"}),
    "buy_x_get_y": frozenset({"step", "amount", "max_quantity"}),
    "to_percent": frozenset({"amount"}),
    "to_fixed": frozenset({"amount", "amounts"}),
    "free_gift": frozenset({"gift"}),
    "tiered": frozenset({"by", "tiers"}),
    "cheapest_free": frozenset({"step", "amount"}),
    "bundle_price": frozenset({"amount", "amounts", "bundle"}),
}
"""Own fields of each action; all take those of `_ALL_TAKE`."""

_ALL_TAKE = frozenset({"type", "items", "apply_to_shipping", "max_discount"})
_OF_SHIPPING = frozenset(
    {"percent", "fixed", "cart_fixed", "buy_x_get_y", "to_percent", "to_fixed"}
)
_PERCENTAGES = frozenset({"percent", "to_percent"})
_COUNTED = frozenset({"buy_x_get_y", "cheapest_free"})
_NEEDED = ("by", "tiers", "gift", "bundle")


def lint_action(action: Action, base: str) -> Iterator[Problem]:
    """What is wrong with the fields of an action; its trees are asked elsewhere."""
    name = str(action.get("type"))
    own = ACTION_FIELDS.get(name)
    if own is None:
        yield Problem("/action/type", "unknown_action", "no such action")
        return
    for field in sorted(set(action) - own - _ALL_TAKE):
        yield Problem(f"/action/{field}", "not_for_this_action", f"{name} takes no {field}")
    if action.get("apply_to_shipping") and name not in _OF_SHIPPING:
        detail = f"{name} says nothing about shipping"
        yield Problem("/action/apply_to_shipping", "not_for_this_action", detail)
    for field in _NEEDED:
        if field in own and not action.get(field):
            yield Problem(f"/action/{field}", "required", f"{name} needs it")
    if "amount" in own:
        yield from _amount(name, action, base)
    yield from lint_others(action.get("amounts"), base, "/action/amounts")
    limit = action.get("max_discount")
    if isinstance(limit, Mapping):
        yield from lint_moneys(limit, base, "/action/max_discount", above=0)
    yield from _quantities(name, action, own)
    check = _CHECKS.get(name)
    if check is not None:
        yield from check(action, base)


def _amount(name: str, action: Action, base: str) -> Iterator[Problem]:
    raw = action.get("amount")
    if raw is None:
        yield Problem("/action/amount", "amount_missing", f"{name} needs an amount")
    elif name in _PERCENTAGES:
        yield from lint_percent(raw, "/action/amount")
    elif name in _COUNTED:
        yield from lint_whole(raw, "/action/amount")
    else:
        yield from lint_money(raw, base, "/action/amount")


def _quantities(name: str, action: Action, own: frozenset[str]) -> Iterator[Problem]:
    sizes = {}
    for field in sorted(own & {"step", "max_quantity"} & action.keys()):
        sizes[field] = size_of(action[field])
        if sizes[field] is None:
            yield Problem(f"/action/{field}", "not_a_number", "a number from 0 is wanted")
    step, most = sizes.get("step"), sizes.get("max_quantity")
    if name in _COUNTED:
        if "step" not in action or step == 0:
            yield Problem("/action/step", "step_without_meaning", f"{name} gives nothing without")
        elif step is not None:
            yield from lint_whole(step, "/action/step")
    if step and most and (most < step or (most == step and name == "buy_x_get_y")):
        yield Problem("/action/max_quantity", "below_step", "no line would ever be discounted")


def _cheapest_free(action: Action, _: str) -> Iterator[Problem]:
    step, amount = size_of(action.get("step")), size_of(action.get("amount"))
    if step and amount and amount >= step:
        detail = f"of {step} units fewer than {step} can be the cheapest"
        yield Problem("/action/amount", "step_without_meaning", detail)


def _free_gift(action: Action, _: str) -> Iterator[Problem]:
    gift = action.get("gift") or {}
    skus = gift.get("skus") or []
    for number, sku in enumerate(skus):
        if sku in skus[:number]:
            yield Problem(f"/action/gift/skus/{number}", "named_twice", "it stands here before")
    if "quantity" in gift:
        yield from lint_whole(gift["quantity"], "/action/gift/quantity")
    if gift and not 1 <= gift.get("choose", 1) <= len(skus):
        detail = f"1 to {len(skus)} of the SKUs can be chosen"
        yield Problem("/action/gift/choose", "out_of_range", detail)


def _bundle(action: Action, _: str) -> Iterator[Problem]:
    for number, part in enumerate(action.get("bundle") or ()):
        yield from lint_whole(part.get("quantity"), f"/action/bundle/{number}/quantity")


_CHECKS: dict[str, Callable[[Action, str], Iterator[Problem]]] = {
    "cheapest_free": _cheapest_free,
    "free_gift": _free_gift,
    "tiered": lint_tiers,
    "bundle_price": _bundle,
}

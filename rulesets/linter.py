"""What is refused before it is published, with code and pointer.

Here stand the rules that no schema of fields can say: the trees, what an action takes, numbers
that contradict each other. What could crash, hang or mislead durable_rules cannot be expressed
at all after it: literals carry numbers of our own, sizes are bounded, and the network is built in
a child process first (rulesets/engine_build.py).
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from typing import Literal

from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import InvalidValue
from aggregates.kernel.errors import Problem
from aggregates.kernel.limits import PRIORITY_MAX
from aggregates.kernel.money import digits_of
from aggregates.kernel.money import parse_money
from aggregates.site import SiteSettings
from rulesets.benefits.registry import unavailable
from rulesets.group_linter import lint_group
from rulesets.language import parse
from rulesets.ranking_linter import lint_ranking
from rulesets.reachability.contradictions import contradictions
from rulesets.reachability.contradictions import never_holds
from rulesets.unit_linter import lint_unit
from rulesets.values import exact_number

Body = Mapping[str, Any]

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
_PERCENTAGES = frozenset({"percent", "to_percent"})
_MONEYS = frozenset({"fixed", "cart_fixed", "to_fixed", "bundle_price"})


def lint(kind: str, body: Body, *, settings: SiteSettings) -> list[Problem]:
    """Every problem of a definition whose fields have the right shape; empty if it may be live."""
    check = _CHECKS.get(kind)
    return list(check(body, settings)) if check is not None else []


def _cart_rule(body: Body, settings: SiteSettings) -> Iterator[Problem]:
    yield from _tree(body.get("conditions"), "cart", "/conditions", settings)
    yield from unavailable(body)
    yield from _action(body.get("action", {}), settings)
    yield from _priority(body)
    yield from _dates(body)
    yield from _coupon(body.get("coupon") or {})
    yield from lint_group(body.get("group"))


def _segment(body: Body, settings: SiteSettings) -> Iterator[Problem]:
    yield from _tree(body.get("conditions"), "segment", "/conditions", settings)


def _block(body: Body, _: SiteSettings) -> Iterator[Problem]:
    yield from _priority(body)
    content = body.get("content")
    if isinstance(content, Mapping) and not content:
        yield Problem("/content", "content_missing", "html or json is wanted")


def _slot(body: Body, _: SiteSettings) -> Iterator[Problem]:
    source = body.get("source")
    if source == "specified" and not body.get("blocks"):
        yield Problem("/blocks", "blocks_missing", "a slot of specified blocks names them")
    if source == "cart_rules" and body.get("blocks"):
        yield Problem("/blocks", "not_for_this_source", "the fired rules name the blocks")


def _tree(
    tree: object, scope: Literal["cart", "segment", "line"], pointer: str, settings: SiteSettings
) -> Iterator[Problem]:
    if tree is None:
        return
    try:
        node = parse(
            tree,
            scope=scope,
            currency=settings.base_currency,
            pointer=pointer,
            counted_properties=settings.counted_properties,
            history_days=settings.history_days,
        )
    except InvalidInput as error:
        yield from error.problems
        return
    if scope == "line":
        yield from never_holds(node, pointer, settings.base_currency)
    else:
        of_cart = scope == "cart"
        yield from contradictions(node, pointer, settings.base_currency, of_cart=of_cart)


def _action(action: Body, settings: SiteSettings) -> Iterator[Problem]:
    name = str(action.get("type"))
    own = ACTION_FIELDS.get(name)
    if own is None:
        yield Problem("/action/type", "unknown_action", "no such action")
        return
    yield from _tree(action.get("items"), "line", "/action/items", settings)
    for field in sorted(set(action) - own - _ALL_TAKE):
        yield Problem(f"/action/{field}", "not_for_this_action", f"{name} takes no {field}")
    if "amount" in own:
        yield from _amount(name, action, settings)
    yield from _amounts(action, settings.base_currency)
    yield from _quantities(action, own)


def _amount(name: str, action: Body, settings: SiteSettings) -> Iterator[Problem]:
    raw = action.get("amount")
    if raw is None:
        yield Problem("/action/amount", "amount_missing", f"{name} needs an amount")
    elif name in _MONEYS:
        yield from _money(raw, settings.base_currency, "/action/amount")
    else:
        amount = _size(raw)
        if amount is None:
            yield Problem("/action/amount", "not_a_number", "a number from 0 is wanted")
        elif name in _PERCENTAGES and amount > 100:
            yield Problem("/action/amount", "over_100_percent", "at most 100 percent")


def _amounts(action: Body, base: str) -> Iterator[Problem]:
    amounts = action.get("amounts")
    if not isinstance(amounts, Mapping):
        return
    for currency, raw in amounts.items():
        pointer = f"/action/amounts/{str(currency)[:8]}"
        if currency == base:
            yield Problem(pointer, "base_currency_twice", f"amount is in {base}")
        else:
            yield from _money(raw, str(currency), pointer)


def _quantities(action: Body, own: frozenset[str]) -> Iterator[Problem]:
    sizes: dict[str, int | Decimal] = {}
    for field in own & {"step", "max_quantity"} & action.keys():
        size = _size(action[field])
        if size is None:
            yield Problem(f"/action/{field}", "not_a_number", "a number from 0 is wanted")
        else:
            sizes[field] = size
    step, most = sizes.get("step"), sizes.get("max_quantity")
    if step and most and most < step:
        yield Problem("/action/max_quantity", "below_step", "no line would ever be discounted")


def _priority(body: Body) -> Iterator[Problem]:
    priority = body.get("priority", 0)
    whole = isinstance(priority, int) and not isinstance(priority, bool)
    if not whole or not 0 <= priority <= PRIORITY_MAX:
        yield Problem("/priority", "priority_out_of_range", f"a whole number, 0 to {PRIORITY_MAX}")


def _dates(body: Body) -> Iterator[Problem]:
    first, last = body.get("from_date"), body.get("to_date")
    if first and last and str(last) < str(first):
        yield Problem("/to_date", "dates_reversed", "the rule would never be in schedule")


def _coupon(coupon: Body) -> Iterator[Problem]:
    kind, code = coupon.get("type", "none"), coupon.get("code")
    if kind == "specific" and not (isinstance(code, str) and code.strip()):
        yield Problem("/coupon/code", "coupon_code_missing", "a specific coupon has a code")
    if kind != "specific" and code is not None:
        yield Problem("/coupon/code", "not_for_this_coupon", f"{kind} takes no code")


def _money(raw: object, currency: str, pointer: str) -> Iterator[Problem]:
    try:
        digits_of(currency)
        parse_money(raw, currency)
    except InvalidValue as error:
        yield error.at(pointer)


def _size(raw: object) -> int | Decimal | None:
    """A number from 0; None for what is none."""
    try:
        size = exact_number(raw)
    except InvalidValue:
        return None
    return None if size < 0 else size


_CHECKS: dict[str, Callable[[Body, SiteSettings], Iterator[Problem]]] = {
    "cart-rules": _cart_rule,
    "segments": _segment,
    "dynamic-blocks": _block,
    "slots": _slot,
    "category-rankings": lint_ranking,
    "recommendation-units": lint_unit,
}

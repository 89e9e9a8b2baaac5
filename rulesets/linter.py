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
from typing import Any
from typing import Literal

from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import Problem
from aggregates.kernel.limits import PRIORITY_MAX
from aggregates.site import SiteSettings
from rulesets.action_linter import lint_action
from rulesets.budget_linter import lint_budgets
from rulesets.group_linter import lint_group
from rulesets.language import parse
from rulesets.nearly_linter import lint_nearly
from rulesets.nodes import Node
from rulesets.ranking_linter import lint_ranking
from rulesets.reachability.contradictions import contradictions
from rulesets.reachability.contradictions import never_holds
from rulesets.unit_linter import lint_unit

Body = Mapping[str, Any]
_TreeScope = Literal["cart", "segment", "line"]


def lint(kind: str, body: Body, *, settings: SiteSettings) -> list[Problem]:
    """Every problem of a definition whose fields have the right shape; empty if it may be live."""
    check = _CHECKS.get(kind)
    return list(check(body, settings)) if check is not None else []


def _cart_rule(body: Body, settings: SiteSettings) -> Iterator[Problem]:
    yield from _tree(body.get("conditions"), "cart", "/conditions", settings)
    action = body.get("action", {})
    yield from lint_action(action, settings.base_currency)
    yield from _action_trees(action, settings)
    yield from _given_away(body, settings.base_currency)
    yield from _nearly(body, settings)
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
    tree: object, scope: _TreeScope, pointer: str, settings: SiteSettings
) -> Iterator[Problem]:
    if tree is None:
        return
    try:
        node = _parsed(tree, scope, pointer, settings)
    except InvalidInput as error:
        yield from error.problems
        return
    if scope == "line":
        yield from never_holds(node, pointer, settings.base_currency)
    else:
        of_cart = scope == "cart"
        yield from contradictions(node, pointer, settings.base_currency, of_cart=of_cart)


def _parsed(tree: object, scope: _TreeScope, pointer: str, settings: SiteSettings) -> Node:
    return parse(
        tree,
        scope=scope,
        currency=settings.base_currency,
        pointer=pointer,
        counted_properties=settings.counted_properties,
        history_days=settings.history_days,
    )


def _action_trees(action: Body, settings: SiteSettings) -> Iterator[Problem]:
    yield from _tree(action.get("items"), "line", "/action/items", settings)
    for number, part in enumerate(action.get("bundle") or ()):
        yield from _tree(part.get("where"), "line", f"/action/bundle/{number}/where", settings)


def _nearly(body: Body, settings: SiteSettings) -> Iterator[Problem]:
    nearly = body.get("nearly")
    if nearly is None:
        return
    try:
        node = _parsed(body.get("conditions"), "cart", "/conditions", settings)
    except InvalidInput:
        return  # told with the conditions
    yield from lint_nearly(nearly, node, settings.base_currency)


def _given_away(body: Body, base: str) -> Iterator[Problem]:
    yield from lint_budgets(body, base)
    items = (body.get("action") or {}).get("items")
    if body.get("totals_over") == "eligible_lines" and items is None:
        detail = "the action has no items: every line is eligible"
        yield Problem("/totals_over", "no_items_to_total", detail)


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
    elif isinstance(code, str) and not code.strip().isprintable():
        yield Problem("/coupon/code", "malformed_code", "a sign of it cannot be seen")
    if kind != "specific" and code is not None:
        yield Problem("/coupon/code", "not_for_this_coupon", f"{kind} takes no code")


_CHECKS: dict[str, Callable[[Body, SiteSettings], Iterator[Problem]]] = {
    "cart-rules": _cart_rule,
    "segments": _segment,
    "dynamic-blocks": _block,
    "slots": _slot,
    "category-rankings": lint_ranking,
    "recommendation-units": lint_unit,
}

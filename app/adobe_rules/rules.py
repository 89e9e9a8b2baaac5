"""A cart price rule of Adobe Commerce as the body of a cart rule."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import Any
from typing import Literal

from app.adobe_rules import vocabulary
from app.adobe_rules.actions import action_of
from app.adobe_rules.conditions import Trees
from app.adobe_rules.coupons import coupon_of
from app.adobe_rules.leaves import Leaves
from app.adobe_rules.names import Names
from app.adobe_rules.names import Table
from app.adobe_rules.reading import Condition
from app.adobe_rules.reading import Coupon
from app.adobe_rules.reading import SalesRule
from app.adobe_rules.report import Telling

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shop:
    """What a rule's numbers mean here. `websites`: those that are this site."""

    names: Names = field(default_factory=Names)
    websites: frozenset[str] = frozenset()
    tax_basis: Literal["excl_tax", "incl_tax"] = "excl_tax"


def key_of(rule_id: int) -> str:
    """The key under which a rule of Adobe is drafted, so that it is drafted once."""
    return f"adobe-{rule_id}"


def is_elsewhere(rule: SalesRule, shop: Shop) -> bool:
    """Whether a rule is of other websites alone."""
    return bool(rule.website_ids and shop.websites) and shop.websites.isdisjoint(rule.website_ids)


def body_of(rule: SalesRule, coupons: Sequence[Coupon], shop: Shop, telling: Telling) -> Body:
    """The rule as a body. It is one only if `telling` refuses nothing."""
    trees = Trees(shop.names, Leaves(telling), shop.tax_basis)
    body: Body = {
        "name": rule.name,
        "key": key_of(rule.rule_id),
        "customer_groups": _groups(rule, shop.names, telling),
        "priority": rule.sort_order,
        "stop_further": rule.stop_rules_processing,
        "coupon": coupon_of(rule, coupons, telling),
        "conditions": trees.cart(rule.condition),
        "action": action_of(rule, trees, telling),
        **dict(_further(rule, shop.names, telling)),
    }
    _tell(rule, shop, telling)
    return body


def _further(rule: SalesRule, names: Names, telling: Telling) -> Iterator[tuple[str, Any]]:
    """The fields that are there only if they say something."""
    if rule.description:
        yield "description", rule.description
    if rule.from_date:
        yield "from_date", rule.from_date[:10]
    if rule.to_date:
        yield "to_date", rule.to_date[:10]
    if rule.uses_per_customer:
        yield "uses_per_customer", rule.uses_per_customer
    if labels := _labels(rule, names.stores, telling):
        yield "labels", labels
    if rule.reward_points:
        yield "reward_points", rule.reward_points
    if rule.is_rss:
        yield "public", True
    free = vocabulary.FREE_SHIPPING.get(rule.simple_free_shipping)
    if free is None:
        pointer = f"{rule.pointer}/simple_free_shipping"
        telling.refuse(pointer, "unknown_form", "free shipping is 0, 1 or 2")
    elif free != "no":
        yield "free_shipping", free


def _groups(rule: SalesRule, names: Names, telling: Telling) -> list[str]:
    """Names of groups. One that has none stands by its number: left out, it would open the rule
    to everybody if it was the only one."""
    pointer = f"{rule.pointer}/customer_group_ids"
    found = [
        _named(names.groups, each, "customer group", pointer, telling)
        for each in dict.fromkeys(rule.group_ids)
    ]
    if not found:
        telling.refuse(pointer, "applies_to_nobody", "a rule without customer groups never applies")
    return found


def _labels(rule: SalesRule, stores: Table, telling: Telling) -> dict[str, str]:
    labels = {}
    for store, text in rule.labels:
        pointer = f"{rule.pointer}/store_labels"
        view = "default" if store == "0" else _named(stores, store, "store view", pointer, telling)
        labels[view] = text
    return labels


def _named(table: Table, number: str, what: str, pointer: str, telling: Telling) -> str:
    name = table.name(number)
    if name is None:
        detail = f"{what} {number} stands as {number!r}: its name is not in the names file"
        telling.leave_out(pointer, "name_missing", detail)
    return number if name is None else str(name)


def _tell(rule: SalesRule, shop: Shop, telling: Telling) -> None:
    """What a rule holds beside what it does."""
    at = rule.pointer
    if not rule.website_ids:
        telling.refuse(f"{at}/website_ids", "applies_to_nobody", "a rule of no website")
    elif not shop.websites:
        detail = f"websites {', '.join(rule.website_ids)}: which is this site is not known"
        telling.leave_out(f"{at}/website_ids", "name_missing", detail)
    if rule.times_used:
        detail = f"{rule.times_used} uses so far: counting begins at 0 here"
        telling.leave_out(f"{at}/times_used", "uses_not_carried", detail)
    if rule.product_ids:
        telling.leave_out(f"{at}/product_ids", "no_form_here", f"{rule.product_ids} product ids")
    for pointer in rule.unknown:
        telling.leave_out(pointer, "no_form_here", "no field of Adobe Commerce itself")
    if not rule.is_active:
        telling.note(f"{at}/is_active", "inactive", "it was off; a draft is, until it is published")
    if rule.action_condition and rule.action_condition.conditions and _reads_totals(rule.condition):
        detail = 'newer versions read totals over the eligible items: totals_over "eligible_lines"'
        telling.note(f"{at}/condition", "totals_over_cart", detail)


def _reads_totals(node: Condition | None) -> bool:
    if node is None:
        return False
    here = vocabulary.kind_of(node.type) == "Address" and node.attribute in vocabulary.TOTALS
    return here or any(_reads_totals(each) for each in node.conditions)

"""Adobe's answers of `/V1/salesRules/search` and `/V1/coupons/search`, read and checked as a whole.

A file that is wrong anywhere is refused: nothing of it is drafted. What a readable rule says that
this service cannot do is not asked here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from typing import TypeVar

from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import Problem
from aggregates.kernel.limits import JSON_DEPTH_MAX
from app.adobe_rules.fields import Fields
from app.adobe_rules.fields import Number
from app.adobe_rules.fields import document

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Condition:
    """A node of a tree. `type` is the name of its class; which fields it needs depends on it."""

    pointer: str
    type: str
    conditions: tuple[Condition, ...]
    aggregator: str
    operator: str
    attribute: str
    value: Any
    scope: str


@dataclass(frozen=True, slots=True)
class SalesRule:
    """A cart price rule as Adobe says it; 0 and empty texts for what is not set."""

    pointer: str
    rule_id: int
    name: str
    description: str
    labels: tuple[tuple[str, str], ...]
    website_ids: tuple[str, ...]
    group_ids: tuple[str, ...]
    from_date: str
    to_date: str
    uses_per_customer: int
    is_active: bool
    condition: Condition | None
    action_condition: Condition | None
    stop_rules_processing: bool
    product_ids: int
    sort_order: int
    simple_action: str
    discount_amount: Number
    discount_qty: Number
    discount_step: Number
    apply_to_shipping: bool
    times_used: int
    is_rss: bool
    coupon_type: str
    use_auto_generation: bool
    uses_per_coupon: int
    simple_free_shipping: str
    reward_points: int
    code: str
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coupon:
    """A code of a rule. `generated`: one of a batch."""

    rule_id: int
    code: str
    usage_limit: int
    usage_per_customer: int
    times_used: int
    expires: str
    generated: bool


_ELSEWHERE = {"pointer", "labels", "group_ids", "reward_points", "code", "unknown"}
KNOWN = frozenset(SalesRule.__slots__) - _ELSEWHERE | {
    "store_labels",
    "customer_group_ids",
    "is_advanced",
    "extension_attributes",
}
"""The fields of a rule that Adobe documents."""
_EXTENSIONS = frozenset({"reward_points_delta", "code"})


def read_rules(data: bytes) -> tuple[SalesRule, ...]:
    """Every rule, in the order of Adobe's ids, which is that of their creation."""
    rules = _items(data, _rule)
    counted = Counter(rule.rule_id for rule in rules)
    twice = [rule for rule in rules if counted[rule.rule_id] > 1]
    if twice:
        detail = f"rule {twice[-1].rule_id} stands in the file twice"
        raise InvalidInput([Problem(f"{twice[-1].pointer}/rule_id", "named_twice", detail)])
    return tuple(sorted(rules, key=lambda rule: rule.rule_id))


def not_in_file(data: bytes) -> int:
    """How many rules the search found that are not in its answer, which is a page then."""
    given = document(data)
    total, items = given.get("total_count"), given.get("items")
    if not isinstance(total, int) or not isinstance(items, list):
        return 0
    return max(0, total - len(items))


def read_coupons(data: bytes) -> dict[int, tuple[Coupon, ...]]:
    """The coupons of each rule, by its id."""
    found: dict[int, tuple[Coupon, ...]] = {}
    for coupon in _items(data, _coupon):
        found[coupon.rule_id] = (*found.get(coupon.rule_id, ()), coupon)
    return found


def _items(data: bytes, read: Callable[[Fields], Read]) -> list[Read]:
    given = document(data)
    problems: list[Problem] = []
    if given.get("items") is None:
        raise InvalidInput([Problem("/items", "required", "a search answers its items here")])
    items = Fields(given, "", problems).list("items")
    found = [read(Fields(one, f"/items/{at}", problems)) for at, one in enumerate(items)]
    if problems:
        raise InvalidInput(problems, "the file is wrong, nothing of it was taken in")
    return found


def _rule(fields: Fields) -> SalesRule:
    extensions = _object(fields, "extension_attributes")
    unknown = [fields.at(name) for name in fields.names() if name not in KNOWN]
    unknown += [extensions.at(name) for name in extensions.names() if name not in _EXTENSIONS]
    return SalesRule(
        pointer=fields.pointer,
        rule_id=_id(fields, "rule_id"),
        name=_required(fields, "name"),
        description=fields.text("description"),
        labels=_labels(fields),
        website_ids=fields.numbers("website_ids"),
        group_ids=fields.numbers("customer_group_ids"),
        from_date=fields.text("from_date"),
        to_date=fields.text("to_date"),
        uses_per_customer=fields.whole("uses_per_customer"),
        is_active=fields.flag("is_active"),
        condition=_root(fields, "condition"),
        action_condition=_root(fields, "action_condition"),
        stop_rules_processing=fields.flag("stop_rules_processing"),
        product_ids=len(fields.list("product_ids")),
        sort_order=fields.whole("sort_order"),
        simple_action=fields.text("simple_action"),
        discount_amount=fields.number("discount_amount"),
        discount_qty=fields.number("discount_qty"),
        discount_step=fields.number("discount_step"),
        apply_to_shipping=fields.flag("apply_to_shipping"),
        times_used=fields.whole("times_used"),
        is_rss=fields.flag("is_rss"),
        coupon_type=fields.text("coupon_type"),
        use_auto_generation=fields.flag("use_auto_generation"),
        uses_per_coupon=fields.whole("uses_per_coupon"),
        simple_free_shipping=fields.text("simple_free_shipping"),
        reward_points=extensions.whole("reward_points_delta"),
        code=extensions.text("code"),
        unknown=tuple(unknown),
    )


def _coupon(fields: Fields) -> Coupon:
    return Coupon(
        rule_id=_id(fields, "rule_id"),
        code=_required(fields, "code"),
        usage_limit=fields.whole("usage_limit"),
        usage_per_customer=fields.whole("usage_per_customer"),
        times_used=fields.whole("times_used"),
        expires=fields.text("expiration_date"),
        generated=fields.whole("type") == 1,
    )


def _id(fields: Fields, name: str) -> int:
    if not fields.text(name):
        fields.problems.append(Problem(fields.at(name), "required", "an id is wanted"))
    found = fields.whole(name)
    if found < 0:
        fields.refuse(name, "an id is wanted")
    return found


def _required(fields: Fields, name: str) -> str:
    found = fields.text(name)
    if not found.strip():
        fields.problems.append(Problem(fields.at(name), "required", "a text is wanted"))
    return found


def _object(fields: Fields, name: str) -> Fields:
    given = fields.raw(name)
    return Fields({} if given is None or given == [] else given, fields.at(name), fields.problems)


def _labels(fields: Fields) -> tuple[tuple[str, str], ...]:
    pointer = fields.at("store_labels")
    found = []
    for index, given in enumerate(fields.list("store_labels")):
        label = Fields(given, f"{pointer}/{index}", fields.problems)
        found.append((str(_id(label, "store_id")), label.text("store_label")))
    return tuple((store, text) for store, text in found if text)


def _root(fields: Fields, name: str) -> Condition | None:
    given = fields.raw(name)
    if given is None or given == []:
        return None
    return _condition(Fields(given, fields.at(name), fields.problems), 1)


def _condition(fields: Fields, depth: int) -> Condition:
    inner = fields.list("conditions")
    if depth > JSON_DEPTH_MAX:
        fields.problems.append(Problem(fields.pointer, "too_deep", f"over {JSON_DEPTH_MAX} levels"))
        inner = []
    pointer = fields.at("conditions")
    return Condition(
        pointer=fields.pointer,
        type=_required(fields, "condition_type"),
        conditions=tuple(
            _condition(Fields(each, f"{pointer}/{index}", fields.problems), depth + 1)
            for index, each in enumerate(inner)
        ),
        aggregator=fields.text("aggregator_type"),
        operator=operator if isinstance(operator := fields.raw("operator"), str) else "",
        attribute=fields.text("attribute_name"),
        value=_value(fields),
        scope=_object(fields, "extension_attributes").text("attribute_scope"),
    )


def _value(fields: Fields) -> Any:
    """A scalar, or a list of them."""
    given = fields.raw("value")
    for each in given if isinstance(given, list) else [given]:
        if isinstance(each, dict | list):
            fields.refuse("value", "a scalar or a list of scalars is wanted")
            return None
    return given

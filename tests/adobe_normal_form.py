"""The normal form of Adobe's rules: two rules with the same one do the same."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from app.adobe_rules.vocabulary import SEGMENT_CLASS
from tests.adobe_given import CLASSES
from tests.adobe_given import Json

_A_MEMBER = (SEGMENT_CLASS, "", "", "()")


def normal(rule: Mapping[str, Any]) -> Json:
    """The normal form of a rule.

    Fields that are not set have Adobe's defaults, numbers are numbers, dates are days, ids are
    sorted; counters and ids of products are 0 and none; percentages end at 100; what an action
    does not use is 0; AUTO is a specific coupon that is generated; a percentage to pay of counted
    units is the percentage off. Of trees see `_tree`.
    """
    found: Json = {
        "rule_id": int(rule["rule_id"]),
        "name": rule["name"],
        "store_labels": sorted(
            (int(label["store_id"]), label["store_label"])
            for label in rule.get("store_labels") or []
            if label["store_label"]
        ),
        "description": rule.get("description") or "",
        "website_ids": sorted(int(number) for number in rule["website_ids"]),
        "customer_group_ids": sorted(int(number) for number in rule["customer_group_ids"]),
        "from_date": (rule.get("from_date") or "")[:10],
        "to_date": (rule.get("to_date") or "")[:10],
        "condition": _tree(rule.get("condition"), "Combine"),
        "action_condition": _tree(rule.get("action_condition"), "Product\\Combine"),
        "reward_points": (rule.get("extension_attributes") or {}).get("reward_points_delta") or 0,
        "simple_free_shipping": {"FREE_WITH_MATCHING_ITEMS": "2"}.get(
            rule["simple_free_shipping"], rule["simple_free_shipping"]
        ),
        "coupon_type": "NO_COUPON" if rule["coupon_type"] == "NO_COUPON" else "SPECIFIC_COUPON",
        "use_auto_generation": rule["coupon_type"] == "AUTO"
        or bool(rule.get("use_auto_generation")),
        **_action(rule),
    }
    for name in ("uses_per_customer", "uses_per_coupon", "sort_order"):
        found[name] = int(rule.get(name) or 0)
    for name in ("is_active", "stop_rules_processing", "is_rss", "apply_to_shipping"):
        found[name] = rule.get(name) in (True, "1")
    return found


def _action(rule: Mapping[str, Any]) -> Json:
    amount = Decimal(str(rule.get("discount_amount") or 0))
    units = [Decimal(str(rule.get(name) or 0)) for name in ("discount_qty", "discount_step")]
    kind = rule["simple_action"]
    if kind in {"by_percent", "to_percent"}:
        amount = min(amount, Decimal(100))
    if kind == "to_percent" and any(units):
        kind, amount = "by_percent", 100 - amount
    used = kind in {"by_percent", "by_fixed", "buy_x_get_y"}
    return {
        "simple_action": kind,
        "discount_amount": amount,
        "discount_qty": units[0] if used else Decimal(0),
        "discount_step": units[1] if used else Decimal(0),
    }


def _tree(node: Json | None, kind: str) -> Any:
    """A tree by class, with only the fields that its class reads.

    Nothing is an empty ALL of TRUE, for actions also an empty tree of another kind. Adobe
    Commerce's own classes are those of Open Source. ALL of one membership being FALSE is not being
    a member. An operator over several values is a list operator; categories and segments have no
    others. Values of lists are joined by commas, numbers have no zeros behind. A scope in the name
    of an attribute is a scope.
    """
    if node is None or (kind != "Combine" and not node["conditions"]):
        return (kind, "all", "1", ())
    name = node["condition_type"].replace("AdvancedSalesRule", "SalesRule").removeprefix(CLASSES)
    inner = tuple(_tree(each, "Combine") for each in node.get("conditions") or ())
    if name in {"Combine", "Product\\Combine", "Product\\Found"}:
        joined = (name, node["aggregator_type"], str(node["value"]))
        if joined == ("Combine", "all", "0") and [each[:4] for each in inner] == [_A_MEMBER]:
            return (*_A_MEMBER[:3], "!()", *inner[0][4:])
        return (*joined, inner)
    scope = (node.get("extension_attributes") or {}).get("attribute_scope") or ""
    attribute = node.get("attribute_name") or ""
    if "::" in attribute:
        scope, attribute = attribute.split("::")
    operator, value = node["operator"], node["value"]
    of_ids = attribute == "category_ids" or name.endswith("Segment")
    if operator != "<=>" and (of_ids or isinstance(value, list)):
        operator = "()" if operator in {"==", "{}", "()"} else "!()"
    return (
        name,
        scope,
        attribute,
        operator,
        _value(operator, value),
        node.get("aggregator_type") or "",
        inner,
    )


def _value(operator: str, value: Any) -> str:
    if operator == "<=>":
        return ""
    parts = value if isinstance(value, list) else [value]
    if operator in {"()", "!()"} and isinstance(value, str):
        parts = [part.strip() for part in value.replace(";", ",").split(",")]
    return ",".join(_number(str(part)) for part in parts)


def _number(text: str) -> str:
    """`20.0000` is 20; zeros before a number count."""
    whole, dot, fraction = text.partition(".")
    return f"{whole}.{fraction}".rstrip("0").rstrip(".") if dot and whole.isdecimal() else text

"""The body of a cart rule as a cart price rule of Adobe Commerce."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from app.adobe_rules import vocabulary
from app.adobe_rules.cart_writing import CartWriter
from app.adobe_rules.line_writing import LineWriter
from app.adobe_rules.names import NOT_LOGGED_IN
from app.adobe_rules.names import Names
from app.adobe_rules.report import Telling
from app.adobe_rules.rules import Shop

Json = dict[str, Any]
Body = Mapping[str, Any]

_UNSAID = (
    "store_views",
    "group",
    "uses_total",
    "budget",
    "dynamic_blocks",
    "nearly",
)
_UNSAID_OF_ACTIONS = ("amounts", "max_discount")
_ACTIONS = {ours: theirs for theirs, ours in vocabulary.ACTIONS.items()}
_FREE = {"no": "0", "items": "1", "shipment": "2"}


def adobe_id(key: str | None) -> int | None:
    """The id that a rule has in Adobe, if it came from there."""
    number = (key or "").removeprefix("adobe-")
    return int(number) if key != number and number.isdecimal() else None


def rule_of(body: Body, shop: Shop, telling: Telling, *, active: bool) -> Json:
    """The rule. It is one only if `telling` refuses nothing; one that lost something is off."""
    lines = LineWriter(shop.names, telling, shop.tax_basis == "incl_tax")
    rule_id = adobe_id(body.get("key"))
    written = {
        **({} if rule_id is None else {"rule_id": rule_id}),
        "name": body["name"],
        "store_labels": _labels(body, shop.names, telling),
        "description": body.get("description", ""),
        "website_ids": _websites(shop, telling),
        "customer_group_ids": _groups(body, shop.names, telling),
        "from_date": body.get("from_date"),
        "to_date": body.get("to_date"),
        "uses_per_customer": body.get("uses_per_customer", 0),
        "condition": CartWriter(lines).root(body["conditions"], "/conditions"),
        "action_condition": lines.items(body["action"].get("items"), "/action/items"),
        "stop_rules_processing": bool(body["stop_further"]),
        "is_advanced": True,
        "product_ids": [],
        "sort_order": body["priority"],
        **_action(body["action"], telling),
        "times_used": 0,
        "is_rss": bool(body.get("public")),
        **_coupon(body["coupon"]),
        "simple_free_shipping": _FREE[body.get("free_shipping") or "no"],
        "extension_attributes": {"reward_points_delta": body.get("reward_points", 0)},
    }
    _tell(body, telling)
    return {**written, "is_active": active and not telling.left_out}


def coupon_of(body: Body, telling: Telling) -> Json | None:
    """The code of a rule, as Adobe keeps it beside the rule."""
    coupon = body["coupon"]
    if "code" not in coupon:
        return None
    rule_id = adobe_id(body.get("key"))
    if rule_id is None:
        detail = "give its code to the rule once Adobe has given the rule its id"
        telling.leave_out("/coupon/code", "no_form_in_adobe", detail)
        return None
    return {
        "rule_id": rule_id,
        "code": coupon["code"],
        "usage_limit": coupon.get("uses_per_coupon", 0),
        "usage_per_customer": coupon.get("uses_per_customer", 0),
        "times_used": 0,
        "is_primary": True,
        "type": 0,
    }


def _action(action: Body, telling: Telling) -> Json:
    simple_action = _ACTIONS.get(action["type"])
    if simple_action is None:
        detail = f"Adobe has no action {action['type']}"
        telling.refuse("/action/type", "no_form_in_adobe", detail)
    return {
        "simple_action": simple_action or "",
        "discount_amount": _number(action.get("amount", 0)),
        "discount_qty": _number(action.get("max_quantity", 0)),
        "discount_step": _number(action.get("step", 0)),
        "apply_to_shipping": bool(action.get("apply_to_shipping")),
    }


def _coupon(coupon: Body) -> Json:
    return {
        "coupon_type": "NO_COUPON" if coupon["type"] == "none" else "SPECIFIC_COUPON",
        "use_auto_generation": coupon["type"] == "generated",
        "uses_per_coupon": coupon.get("uses_per_coupon", 0),
    }


def _labels(body: Body, names: Names, telling: Telling) -> list[Json]:
    labels = []
    for view, text in (body.get("labels") or {}).items():
        number = "0" if view == "default" else _number_of(names.stores.number(view), view)
        if number is None:
            detail = f"no id of store view {view!r} in the names file"
            telling.leave_out("/labels", "name_missing", detail)
        else:
            labels.append({"store_id": int(number), "store_label": text})
    return sorted(labels, key=lambda label: label["store_id"])


def _websites(shop: Shop, telling: Telling) -> list[int]:
    if not shop.websites:
        telling.leave_out("", "name_missing", "no website of the names file is this site")
    return sorted(int(number) for number in shop.websites)


def _groups(body: Body, names: Names, telling: Telling) -> list[int]:
    """A rule for everybody is one for all groups: which there are, the names file says."""
    wanted = body.get("customer_groups")
    if not wanted:
        if not names.knows_groups:
            telling.leave_out("/customer_groups", "name_missing", "the names file lists no groups")
            return [int(NOT_LOGGED_IN[0])]
        return sorted(int(number) for number in names.groups.names)
    found = []
    for name in wanted:
        number = _number_of(names.groups.number(name), name)
        if number is None:
            detail = f"no id of customer group {name!r} in the names file"
            telling.leave_out("/customer_groups", "name_missing", detail)
        else:
            found.append(int(number))
    return sorted(found)


def _number_of(number: str | None, name: str) -> str | None:
    """A name without an id; digits are the id that came in without a name."""
    return number or (name if name.isdecimal() else None)


def _tell(body: Body, telling: Telling) -> None:
    for name in _UNSAID:
        if body.get(name):
            telling.leave_out(f"/{name}", "no_form_in_adobe", f"Adobe has no {name}")
    for name in _UNSAID_OF_ACTIONS:
        if body["action"].get(name):
            telling.leave_out(f"/action/{name}", "no_form_in_adobe", f"Adobe has no {name}")
    if body.get("totals_over", "cart") != "cart":
        detail = "which totals are read is a matter of Adobe's version"
        telling.leave_out("/totals_over", "no_form_in_adobe", detail)
    if body["coupon"].get("uses_per_customer"):
        detail = "it stands on the coupon, not on the rule"
        telling.note("/coupon/uses_per_customer", "said_otherwise", detail)


def _number(value: Any) -> int | float:
    exact = Decimal(str(value))
    return int(exact) if exact == exact.to_integral_value() else float(exact)

"""What trees of Adobe mean, read from FEATURES.md 1.3 and written down without the converter."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from rulesets.facts import Facts
from rulesets.facts import Scope
from tests.adobe_given import CLASSES
from tests.adobe_given import Json

PATHS = {"12": "men/shoes", "13": "women"}
SEGMENTS = {"4": "vip", "5": "newcomers"}
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?\Z")


@dataclass(frozen=True)
class Line:
    """One line; prices are whole dollars."""

    sku: str
    name: str
    material: str
    price: int
    quantity: int
    categories: frozenset[str]


@dataclass(frozen=True)
class Cart:
    """A cart and who asks."""

    lines: list[Line]
    weight: int
    address: dict[str, str]
    segments: frozenset[str]


def facts_of(cart: Cart) -> Facts:
    """The cart as this service knows it."""
    names = {
        "postcode": "cart.shipping.postcode",
        "region": "cart.shipping.region",
        "payment_method": "cart.payment_method",
        "country_id": "cart.shipping.country",
    }
    values: Scope = {
        "cart.subtotal": 100 * sum(line.price * line.quantity for line in cart.lines),
        "cart.quantity": sum(line.quantity for line in cart.lines),
        "cart.weight": cart.weight,
        **{names[name]: value for name, value in cart.address.items()},
    }
    if cart.segments:
        values["shopper.segments"] = frozenset(SEGMENTS[each] for each in cart.segments)
    return Facts("USD", values, [_scope(line) for line in cart.lines])


def _scope(line: Line) -> Scope:
    scope: Scope = {
        "line.unit_price": 100 * line.price,
        "line.quantity": line.quantity,
        "line.subtotal": 100 * line.price * line.quantity,
    }
    texts = {
        "line.sku": line.sku,
        "line.name": line.name,
        "line.attributes.material": line.material,
    }
    scope |= {name: text for name, text in texts.items() if text}
    if line.categories:
        scope["line.categories"] = frozenset(PATHS[each] for each in line.categories)
    return scope


def holds(node: Json, cart: Cart, line: Line | None = None) -> bool:
    """Whether a condition is true, of a line where there is one."""
    kind = node["condition_type"].removeprefix(CLASSES)
    if kind in {"Combine", "Product\\Combine"}:
        return _joined(
            node, [holds(each, cart, line) for each in node["conditions"]], node["value"]
        )
    if kind == "Product\\Found":
        found = any(_inner(node, cart, each) for each in cart.lines)
        return found is (node["value"] == "1")
    if kind == "Product\\Subselect":
        counted = [each for each in cart.lines if _inner(node, cart, each)]
        price = node["attribute_name"] == "base_row_total"
        total = sum(each.quantity * (each.price if price else 1) for each in counted)
        return _compared(node["operator"], total, node["value"])
    if kind == "Address":
        return _compared(node["operator"], _of_cart(cart, node["attribute_name"]), node["value"])
    if kind == "Product":
        assert line is not None
        return _of_line(node, line)
    return _member(node["operator"], cart.segments, node["value"])


def _joined(node: Json, truths: list[bool], value: str) -> bool:
    """ALL or ANY of the conditions are TRUE or FALSE; nothing asked is true."""
    wanted = [truth is (value == "1") for truth in truths]
    return not wanted or (all(wanted) if node["aggregator_type"] == "all" else any(wanted))


def _inner(node: Json, cart: Cart, line: Line) -> bool:
    return _joined(node, [holds(each, cart, line) for each in node["conditions"]], "1")


def _of_cart(cart: Cart, name: str) -> Any:
    totals = {
        "base_subtotal": sum(line.price * line.quantity for line in cart.lines),
        "total_qty": sum(line.quantity for line in cart.lines),
        "weight": cart.weight,
    }
    return totals.get(name, cart.address.get(name))


def _of_line(node: Json, line: Line) -> bool:
    name = node["attribute_name"]
    if name == "category_ids":
        return bool(line.categories) and _member(node["operator"], line.categories, node["value"])
    known = {
        "quote_item_price": line.price,
        "quote_item_qty": line.quantity,
        "quote_item_row_total": line.price * line.quantity,
    }
    actual = known[name] if name in known else getattr(line, name)
    return _compared(node["operator"], actual, node["value"])


def _member(operator: str, actual: frozenset[str], value: str) -> bool:
    found = not actual.isdisjoint(value.split(","))
    return found is not operator.startswith("!")


def _compared(operator: str, actual: Any, value: str) -> bool:
    if actual is None or actual == "":
        return operator == "<=>"
    if operator == "<=>":
        return False
    if operator.startswith("!"):
        return not _compared({"!=": "==", "!{}": "{}", "!()": "()"}[operator], actual, value)
    if operator == "()":
        return any(_compared("==", actual, part.strip()) for part in re.split("[,;]", value))
    if operator == "{}":
        return value.lower() in str(actual).lower()
    if _NUMBER.match(str(actual)) and _NUMBER.match(value):
        return _ordered(operator, Decimal(str(actual)), Decimal(value))
    return _ordered(operator, str(actual).lower(), value.lower())


def _ordered(operator: str, actual: Any, value: Any) -> bool:
    answers = {
        "==": actual == value,
        ">=": actual >= value,
        ">": actual > value,
        "<=": actual <= value,
        "<": actual < value,
    }
    return bool(answers[operator])

"""What the request itself says, and the catalogue about its lines, as facts.

Only attributes that are asked for are read. A line's own value goes before the catalogue's.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from aggregates.kernel.canonical import number
from aggregates.kernel.clock import SECOND
from projections.categories import with_ancestors
from rulesets.facts import Scope
from rulesets.facts import Value
from rulesets.question import CartLine
from rulesets.question import CartQuestion
from rulesets.tax import Basis

Json = Mapping[str, Any]
_NOTHING: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class AskedLine:
    """A line as priced, as written, and as the catalogue knows its product."""

    line: CartLine
    written: Json
    product: Json


_Reader = Callable[[AskedLine], Any]


def fact(value: Any) -> Value | None:
    """A JSON value as a fact; None for what no fact can be: null, empty, nested."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, bool | int | Decimal):
        return value
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return frozenset(value)
    return None


def context_values(wanted: frozenset[str], context: Json) -> Scope:
    """`context.*` of the request."""
    found: Scope = {}
    for name in wanted:
        if name.startswith("context."):
            key = name[8:]
            raw = (
                context.get("custom", _NOTHING).get(key[7:])
                if key.startswith("custom.")
                else context.get(key)
            )
            value = fact(raw)
            if value is not None:
                found[name] = value
    return found


def time_values(wanted: frozenset[str], at: int, zone: ZoneInfo) -> Scope:
    """`time.*` at the moment of the decision, in the site's zone."""
    if wanted.isdisjoint(("time.date", "time.day_of_week", "time.hour")):
        return {}
    local = datetime.fromtimestamp(at // SECOND, zone)
    all_of_them: Scope = {
        "time.date": local.date().isoformat(),
        "time.day_of_week": local.isoweekday(),
        "time.hour": local.hour,
    }
    return {name: value for name, value in all_of_them.items() if name in wanted}


def cart_values(
    wanted: frozenset[str], question: CartQuestion, request: Json, basis: Basis
) -> Scope:
    """`cart.*` before any discount."""
    found: Scope = {}
    for name, read in _CART.items():
        if name in wanted:
            value = read(question, request)
            if value is not None and value != "" and value != frozenset():
                found[name] = value
    if "cart.subtotal_incl_tax" in wanted:
        known = [
            one
            for line, one in zip(question.lines, with_tax(question, basis), strict=True)
            if line.parent_line_id is None
        ]
        if all(one is not None for one in known):
            found["cart.subtotal_incl_tax"] = sum(one for one in known if one is not None)
    return found


def with_tax(question: CartQuestion, basis: Basis) -> list[int | None]:
    """What each line costs with tax; None where nobody told it."""
    if basis == "incl_tax":
        return [line.subtotal_minor for line in question.lines]
    if question.tax is None:
        return [None for _ in question.lines]
    return [
        None if price is None else line.worth(price)
        for line, price in zip(question.lines, question.tax.incl_tax, strict=True)
    ]


def add_with_tax(scopes: Sequence[Scope], costs: Sequence[int | None]) -> None:
    """What lines cost with tax, for totals over the lines that a rule discounts."""
    for scope, cost in zip(scopes, costs, strict=True):
        if cost is not None:
            scope["line.subtotal_incl_tax"] = cost


def line_values(
    wanted: frozenset[str], question: CartQuestion, request: Json, products: Mapping[str, Json]
) -> list[Scope]:
    """`line.*` of every line, in cart order."""
    if not wanted:
        return [{} for _ in question.lines]
    asked = [
        AskedLine(line, written, products.get(line.sku, _NOTHING))
        for line, written in zip(question.lines, request["lines"], strict=True)
    ]
    own, parents, children = _readers(wanted)
    scopes = [_scope(own, line) for line in asked]
    if parents or children:
        _add_family(scopes, asked, parents, children)
    return scopes


def _scope(readers: Sequence[tuple[str, _Reader]], line: AskedLine) -> Scope:
    scope: Scope = {}
    for name, read in readers:
        value = read(line)
        if value is not None:
            scope[name] = value
    return scope


def _add_family(
    scopes: list[Scope],
    asked: Sequence[AskedLine],
    parents: Sequence[tuple[str, _Reader]],
    children: Sequence[tuple[str, _Reader]],
) -> None:
    """A child reads its parent; a parent reads the set of what its children have."""
    at = {line.line.line_id: index for index, line in enumerate(asked)}
    for scope, line in zip(scopes, asked, strict=True):
        parent = at.get(line.line.parent_line_id or "")
        if parent is None:
            continue
        scope.update(_scope(parents, asked[parent]))
        for name, read in children:
            value = read(line)
            if value is not None:
                _gather_child(scopes[parent], name, value)


def _gather_child(scope: Scope, name: str, value: Any) -> None:
    texts = value if isinstance(value, frozenset) else frozenset({_text(value)})
    known = scope.get(name)
    scope[name] = known | texts if isinstance(known, frozenset) else texts


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else format(value, "f")


@lru_cache(maxsize=64)
def _readers(
    wanted: frozenset[str],
) -> tuple[list[tuple[str, _Reader]], list[tuple[str, _Reader]], list[tuple[str, _Reader]]]:
    """Of the line itself, of its parent, of its children; made once for a set of needs."""
    own: list[tuple[str, _Reader]] = []
    parents: list[tuple[str, _Reader]] = []
    children: list[tuple[str, _Reader]] = []
    for name in sorted(wanted):
        if name.startswith("line.parent."):
            _append(parents, name, name[12:])
        elif name.startswith("line.children."):
            _append(children, name, name[14:])
        elif name.startswith("line."):
            _append(own, name, name[5:])
    return own, parents, children


def _append(readers: list[tuple[str, _Reader]], name: str, key: str) -> None:
    if key.startswith("attributes."):
        readers.append((name, _attribute(key[11:])))
    elif key in _LINE:
        readers.append((name, _LINE[key]))


def _attribute(key: str) -> _Reader:
    def read(line: AskedLine) -> Value | None:
        value = fact(line.written.get("attributes", _NOTHING).get(key))
        return fact(line.product.get("attributes", _NOTHING).get(key)) if value is None else value

    return read


def _own_or_listed(key: str, listed: str) -> _Reader:
    return lambda line: line.written.get(key) or line.product.get(listed) or None


def _categories(line: AskedLine) -> frozenset[str] | None:
    paths = line.written.get("categories") or line.product.get("categories")
    return with_ancestors(paths) if paths else None


def _line_weight(line: AskedLine) -> Value | None:
    """All its units together; undefined when it does not tell."""
    if "weight" not in line.written:
        return None
    return number(Decimal(line.written["weight"]) * line.line.quantity)


def _weight_of(question: CartQuestion, request: Json) -> Value | None:
    """The sum over the lines that tell their weight; undefined when none does."""
    weights = [
        Decimal(written["weight"]) * line.quantity
        for line, written in zip(question.lines, request["lines"], strict=True)
        if "weight" in written and line.parent_line_id is None
    ]
    return number(sum(weights, Decimal(0))) if weights else None


def _shipping(key: str) -> Callable[[CartQuestion, Json], Any]:
    return lambda question, request: request.get("shipping", _NOTHING).get(key)


_LINE: dict[str, _Reader] = {
    "sku": lambda line: line.line.sku,
    "name": _own_or_listed("name", "name"),
    "product_type": _own_or_listed("product_type", "type"),
    "quantity": lambda line: line.line.quantity,
    "weight": lambda line: line.written.get("weight"),
    "unit_price": lambda line: line.line.unit_price_minor,
    "subtotal": lambda line: line.line.subtotal_minor,
    "total_weight": _line_weight,
    "categories": _categories,
}
_CART: dict[str, Callable[[CartQuestion, Json], Any]] = {
    "cart.subtotal": lambda question, request: question.subtotal_minor,
    "cart.quantity": lambda question, request: number(
        sum((Decimal(line.quantity) for line in question.top_level), Decimal(0))
    ),
    "cart.line_count": lambda question, request: len(question.top_level),
    "cart.weight": _weight_of,
    "cart.currency": lambda question, request: question.currency,
    "cart.coupons": lambda question, request: frozenset(question.coupons),
    "cart.payment_method": lambda question, request: request.get("payment_method"),
    "cart.shipping.amount": lambda question, request: (
        question.shipping.amount_minor if question.shipping else None
    ),
    **{
        f"cart.shipping.{key}": _shipping(key)
        for key in ("method", "country", "region", "city", "postcode")
    },
}

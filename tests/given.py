"""Given: carts, definitions and facts for tests of decisions, without a store."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from aggregates.definition import id_of
from aggregates.kernel.clock import parse_moment
from aggregates.kernel.money import parse_money
from aggregates.site import SiteSettings
from rulesets.compiled import CompiledRevision
from rulesets.compiled import LiveDefinition
from rulesets.compiled import compile_revision
from rulesets.facts import Facts
from rulesets.facts import Scope
from rulesets.question import CartLine
from rulesets.question import CartQuestion
from rulesets.question import Shipping
from rulesets.question import TaxPrices
from rulesets.usage import Used

AT = parse_moment("2026-11-23T12:00:00Z")
ALWAYS: dict[str, Any] = {"all": []}
_META = ("paused", "starts_at", "ends_at")


def a_rule(**body: Any) -> dict[str, Any]:
    """10 % off everything, unless the body says otherwise."""
    return {
        "name": "Ten percent",
        "priority": 10,
        "stop_further": False,
        "coupon": {"type": "none"},
        "conditions": ALWAYS,
        "action": {"type": "percent", "amount": "10"},
        **body,
    }


def definitions(kind: str, bodies: Mapping[str, Mapping[str, Any]]) -> list[LiveDefinition]:
    """Live definitions by key; ids are in the order given, schedules stand in the body."""
    found = []
    for number, (key, body) in enumerate(bodies.items(), 1):
        own = {name: value for name, value in body.items() if name not in _META}
        meta = {name: body[name] for name in _META if name in body}
        for name in ("starts_at", "ends_at"):
            if isinstance(meta.get(name), str):
                meta[name] = parse_moment(meta[name])
        id_ = id_of(kind, number)
        found.append(LiveDefinition(kind, id_, key, 1, key, own, **meta))
    return found


def compiled(
    rules: Mapping[str, Mapping[str, Any]],
    *,
    segments: Mapping[str, Mapping[str, Any]] | None = None,
    blocks: Mapping[str, Mapping[str, Any]] | None = None,
    slots: Mapping[str, Mapping[str, Any]] | None = None,
    rankings: Mapping[str, Mapping[str, Any]] | None = None,
    units: Mapping[str, Mapping[str, Any]] | None = None,
    **settings: Any,
) -> CompiledRevision:
    """A revision of these definitions."""
    live = [
        *definitions("cart-rules", {key: a_rule(**body) for key, body in rules.items()}),
        *definitions(
            "segments",
            {
                key: {"name": key, "apply_to": "all", **body}
                for key, body in (segments or {}).items()
            },
        ),
        *definitions("dynamic-blocks", blocks or {}),
        *definitions("slots", slots or {}),
        *definitions("category-rankings", rankings or {}),
        *definitions("recommendation-units", units or {}),
    ]
    return compile_revision("shop", 1, "digest", live, SiteSettings(**settings))


def a_cart(
    lines: Sequence[Mapping[str, Any]],
    *,
    currency: str = "USD",
    shipping: str | None = None,
    coupons: Sequence[str] = (),
    shipping_tax: Mapping[str, str] | None = None,
) -> CartQuestion:
    """A cart; a line is `{quantity, price, sku?, minimum_price?, incl_tax?, excl_tax?, ...}`."""
    return CartQuestion(
        "cart",
        currency,
        tuple(_line(number, line, currency) for number, line in enumerate(lines, 1)),
        Shipping(parse_money(shipping, currency), "post") if shipping is not None else None,
        tuple(coupons),
        _tax(lines, currency, shipping_tax or {}),
    )


def _tax(
    lines: Sequence[Mapping[str, Any]], currency: str, shipping: Mapping[str, str]
) -> TaxPrices | None:
    """The prices on both sides of tax, if any is told."""

    def minor(found: Mapping[str, Any], name: str) -> int | None:
        return parse_money(found[name], currency) if name in found else None

    incl, excl = (tuple(minor(line, name) for line in lines) for name in ("incl_tax", "excl_tax"))
    if not shipping and not any(price is not None for price in (*incl, *excl)):
        return None
    return TaxPrices(incl, excl, minor(shipping, "incl_tax"), minor(shipping, "excl_tax"))


def facts_of(
    cart: CartQuestion,
    lines: Sequence[Mapping[str, Any]] = (),
    values: Mapping[str, Any] | None = None,
    counts: Mapping[str, Any] | None = None,
    usage: Mapping[str, Used] | None = None,
) -> Facts:
    """What a decision about this cart may know; `usage` by the id of a rule."""
    known: Scope = {
        "cart.subtotal": cart.subtotal_minor,
        "cart.quantity": sum(line.quantity for line in cart.top_level),
        "cart.line_count": len(cart.top_level),
        "cart.currency": cart.currency,
        "shopper.is_registered": False,
        "shopper.group": "not_logged_in",
        "time.date": "2026-11-23",
    }
    if cart.coupons:
        known["cart.coupons"] = frozenset(cart.coupons)
    for name, value in (values or {}).items():
        known[name] = frozenset(value) if isinstance(value, list) else value
    scopes = [
        _scope(line, dict(raw))
        for line, raw in zip(cart.lines, lines or [{}] * len(cart.lines), strict=True)
    ]
    return Facts(cart.currency, known, scopes, dict(counts or {}), dict(usage or {}))


def _line(number: int, line: Mapping[str, Any], currency: str) -> CartLine:
    quantity = Decimal(str(line.get("quantity", 1)))
    floor = line.get("minimum_price")
    return CartLine(
        line_id=str(line.get("line_id", number)),
        sku=line.get("sku", f"sku-{number}"),
        quantity=int(quantity) if quantity == int(quantity) else quantity,
        unit_price_minor=parse_money(line["price"], currency),
        minimum_price_minor=parse_money(floor, currency) if floor is not None else None,
        no_discount=line.get("no_discount", False),
        parent_line_id=line.get("parent_line_id"),
    )


def _scope(line: CartLine, raw: Mapping[str, Any]) -> Scope:
    scope: Scope = {
        "line.sku": line.sku,
        "line.quantity": line.quantity,
        "line.unit_price": line.unit_price_minor,
        "line.subtotal": line.subtotal_minor,
    }
    if line.parent_line_id is not None:
        scope["line.parent.sku"] = "parent"
    if "categories" in raw:
        scope["line.categories"] = frozenset(raw["categories"])
    for name, value in raw.get("attributes", {}).items():
        scope[f"line.attributes.{name}"] = value
    return scope

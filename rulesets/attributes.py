"""The registry of attributes: name, type, where it may stand, where its value comes from.

`GET /v1/attributes` serves this table. A name that ends in `.<name>` stands for a family: what
follows the dot is the merchant's own word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from typing import Literal

Type = Literal["money", "number", "int", "string", "bool", "date", "moment", "set", "open"]
Scope = Literal["cart", "segment", "line", "history", "orders"]
SCOPES: tuple[Scope, ...] = ("cart", "segment", "line", "history", "orders")
RUNNING = frozenset(
    {"cart.subtotal_after_discount", "cart.applied_rules", "line.subtotal_after_discount"}
)
"""What changes while rules are applied, one after the other."""

_OWN_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]{0,63}\Z")


@dataclass(frozen=True, slots=True)
class Attribute:
    """One thing that conditions may read."""

    name: str
    type: Type
    source: str


def lookup(name: str, scope: Scope) -> Attribute | None:
    """The attribute of that name, if a tree of that scope may read it."""
    return _found(name, scope)


def scopes_of(name: str) -> tuple[Scope, ...]:
    """Where a name may stand; empty if nowhere."""
    return tuple(scope for scope in SCOPES if _found(name, scope) is not None)


def table() -> list[dict[str, Any]]:
    """The registry as it is served."""
    return [
        {
            "name": name,
            "type": attribute.type,
            "source": attribute.source,
            "scopes": [scope for scope in SCOPES if name in _TABLES[scope]],
        }
        for name, attribute in sorted(_all().items())
    ]


@lru_cache(maxsize=4096)
def _found(name: str, scope: Scope) -> Attribute | None:
    known = _TABLES[scope].get(name)
    if known is not None:
        return known if not name.endswith(".<name>") else None
    for end in _FAMILIES:
        family = _TABLES[scope].get(f"{end}.<name>")
        own = name[len(end) + 1 :]
        if family is not None and name.startswith(f"{end}.") and _OWN_NAME.match(own):
            return Attribute(name, family.type, family.source)
    return None


def _all() -> dict[str, Attribute]:
    return {name: found for scope in SCOPES for name, found in _TABLES[scope].items()}


def _of(source: str, names: dict[Type, str], prefix: str) -> dict[str, Attribute]:
    return {
        f"{prefix}{name}": Attribute(f"{prefix}{name}", kind, source)
        for kind, listed in names.items()
        for name in listed.split()
    }


_LINE: dict[Type, str] = {
    "string": "sku name product_type",
    "number": "quantity weight",
    "money": "unit_price subtotal",
    "set": "categories",
    "open": "attributes.<name>",
}
_CART = _of(
    "the cart of the request",
    {
        "money": "subtotal subtotal_incl_tax shipping.amount",
        "number": "quantity weight",
        "int": "line_count",
        "string": "currency payment_method shipping.method shipping.country shipping.region"
        " shipping.city shipping.postcode",
    },
    "cart.",
)
_RUNNING = {
    **_of("the coupons of the request", {"set": "coupons"}, "cart."),
    **_of("the discounts given so far", {"money": "subtotal_after_discount"}, "cart."),
    **_of("the rules applied so far", {"set": "applied_rules"}, "cart."),
}
_ADDRESS = " ".join(
    f"address.{which}.{part}"
    for which in ("default_billing", "default_shipping", "any")
    for part in ("country", "region", "city", "postcode")
)
_SHOPPER = {
    **_of("whether the request has a customer_id", {"bool": "is_registered"}, "shopper."),
    **_of(
        "the request's customer_group, else the profile's, else by registration",
        {"string": "group"},
        "shopper.",
    ),
    **_of("the segments of this decision", {"set": "segments"}, "shopper."),
    **_of("the audiences of the request", {"set": "audiences"}, "shopper."),
    **_of("the profile", {"open": "traits.<name>", "string": _ADDRESS}, "shopper."),
    **_of("the profile", {"moment": "first_seen_at"}, "shopper."),
}
_CONTEXT = {
    **_of(
        "the context of the request",
        {"string": "store_view customer_group device locale country channel"},
        "context.",
    ),
    **_of("the context of the request", {"open": "custom.<name>"}, "context."),
    **_of("the clock, in the site's zone", {"date": "date", "int": "day_of_week hour"}, "time."),
}
_LINES = {
    **_of("the line, else the catalogue", _LINE, "line."),
    **_of("the discounts given so far", {"money": "subtotal_after_discount"}, "line."),
    **_of("the line that this one belongs to", _LINE, "line.parent."),
    **_of("some line that belongs to this one", _LINE, "line.children."),
}
_HISTORY = {
    **_of(
        "the interaction",
        {"string": "sku category search_phrase unit", "money": "value", "number": "quantity"},
        "event.",
    ),
    **_of("a counted property of the interaction", {"open": "properties.<name>"}, "event."),
    **_of(
        "the catalogue now",
        {
            "string": "sku name product_type",
            "money": "price special_price",
            "set": "categories",
            "open": "attributes.<name>",
        },
        "product.",
    ),
}
_ORDERS = _of(
    "the order",
    {"string": "status currency coupon country", "money": "total", "set": "skus categories"},
    "order.",
)
_TABLES: dict[Scope, dict[str, Attribute]] = {
    "cart": {**_CART, **_RUNNING, **_SHOPPER, **_CONTEXT},
    "segment": {**_CART, **_SHOPPER, **_CONTEXT},
    "line": {**_LINES, **_CONTEXT},
    "history": _HISTORY,
    "orders": _ORDERS,
}
_FAMILIES = sorted(
    {name[: -len(".<name>")] for name in _all() if name.endswith(".<name>")}, key=len, reverse=True
)

"""Products and amounts among a message's properties, in the words of Segment's ecommerce spec."""

from __future__ import annotations

from decimal import ROUND_HALF_UP
from decimal import Decimal
from typing import Any

from aggregates.kernel.limits import AMOUNT_MINOR_MAX
from aggregates.kernel.limits import CART_LINES_MAX
from app.intake.values import amount
from app.intake.values import quantity
from app.intake.values import refused
from app.intake.values import text
from app.intake.values import texts

Product = dict[str, Any]
"""`sku`, and where told `quantity`, `price_minor`, `categories`, `parent_sku`, `position`."""

POSITION_MAX = 100_000  # results of one search end at 10,000; more is no rank

TOTALS = ("total", "revenue", "value")
"""Where an amount may stand; the first one counts."""


def products_of(properties: dict[str, Any], currency: str | None) -> list[Product]:
    """The list `products`, or the one product that the properties themselves describe.

    Without a currency prices stay unread: an amount means nothing without its unit.
    """
    listed = properties.get("products")
    if listed is not None:
        if listed.__class__ is not list:
            raise refused("wrong_type", "/properties/products", "a list")
        if len(listed) > CART_LINES_MAX:
            detail = f"at most {CART_LINES_MAX}"
            raise refused("too_many_products", "/properties/products", detail)
        return [
            _product(item, currency, f"/properties/products/{index}")
            for index, item in enumerate(listed)
        ]
    if "sku" in properties or "product_id" in properties:
        return [_product(properties, currency, "/properties")]
    return []


def has_money(properties: dict[str, Any]) -> bool:
    """Whether an amount or a price stands there, so that a currency is needed."""
    if any(properties.get(name) is not None for name in (*TOTALS, "price")):
        return True
    listed = properties.get("products")
    return listed.__class__ is list and any(
        item.__class__ is dict and item.get("price") is not None for item in listed or ()
    )


def total_of(
    properties: dict[str, Any], currency: str, names: tuple[str, ...] = TOTALS
) -> int | None:
    """The first of these amounts that is there."""
    for name in names:
        value = properties.get(name)
        if value is not None and value != "":
            return amount(value, currency, f"/properties/{name}")
    return None


def sum_of(products: list[Product]) -> int | None:
    """Price times quantity over the products, None if one has no price.

    Half a metre at 0.25 is 0.125: each product is rounded by itself, half up, to 0.13.
    """
    total = 0
    for product in products:
        if "price_minor" not in product:
            return None
        worth = Decimal(product["price_minor"]) * product.get("quantity", 1)
        total += int(worth.to_integral_value(ROUND_HALF_UP))
    if total > AMOUNT_MINOR_MAX:
        raise refused("amount_too_large", "/properties/products", "a sum beyond all orders")
    return total


def _product(item: Any, currency: str | None, place: str) -> Product:
    if item.__class__ is not dict:
        raise refused("wrong_type", place, "an object")
    get = item.get
    product: Product = {"sku": _sku(item, place)}
    count = get("quantity")
    if count is not None:
        product["quantity"] = quantity(count, f"{place}/quantity")
    price = get("price")
    if price is not None and currency is not None:
        product["price_minor"] = amount(price, currency, f"{place}/price")
    categories = get("categories")
    if categories is None:
        categories = get("category")
    if categories is not None:
        paths = texts(categories, f"{place}/category")
        if paths:
            product["categories"] = paths
    if "parent_sku" in item or "position" in item:
        _add_place(product, item, place)
    return product


def _add_place(product: Product, item: dict[str, Any], place: str) -> None:
    """The product that it is a variant of, and its rank in a list. A position may also be a word
    (a promotion is at `home_banner_top`): that one stays with the properties, sealed."""
    parent = text(item.get("parent_sku"), f"{place}/parent_sku")
    if parent is not None and parent != product["sku"]:
        product["parent_sku"] = parent
    position = item.get("position")
    if position.__class__ is str and position.isascii() and position.isdecimal():
        position = int(position) if len(position) < 10 else None
    if position.__class__ is int and 0 <= position <= POSITION_MAX:
        product["position"] = position


def _sku(item: dict[str, Any], place: str) -> str:
    for name in ("sku", "product_id"):
        value = item.get(name)
        if value is not None:
            sku = text(value, f"{place}/{name}")
            if sku is not None:
                return sku
    raise refused("required", f"{place}/sku", "a product has a sku or a product_id")

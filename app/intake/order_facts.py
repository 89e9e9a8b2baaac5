"""What an order event says, open: amount, products, coupons, country; never the order's number."""

from __future__ import annotations

from typing import Any

from app.intake.products import has_money
from app.intake.products import products_of
from app.intake.products import sum_of
from app.intake.products import total_of
from app.intake.values import ADDRESS
from app.intake.values import currency
from app.intake.values import refused
from app.intake.values import text
from app.intake.values import texts

COUNTRY_LENGTH_MAX = 64  # codes and names of countries; longer is another field's text
_SALE_TOTALS = ("total", "revenue")


def order_id_of(properties: dict[str, Any]) -> str:
    """The order's number, which every order event names."""
    order_id = text(properties.get("order_id"), "/properties/order_id")
    if order_id is None:
        raise refused("required", "/properties/order_id", "an order event names its order")
    return order_id


def sale(properties: dict[str, Any], context: dict[str, Any] | None) -> dict[str, Any]:
    """Of `Order Completed` and `Order Updated`: `total`, else `revenue`, else the products' sum."""
    unit = currency(properties.get("currency"), "/properties/currency")
    if unit is None:
        raise refused("required", "/properties/currency", "an order has a currency")
    products = products_of(properties, unit)
    total = total_of(properties, unit, _SALE_TOTALS)
    if total is None:
        total = sum_of(products) if products else None
    if total is None:
        detail = "an order has a total, a revenue, or products with prices"
        raise refused("required", "/properties/total", detail)
    data: dict[str, Any] = {"currency": unit, "total_minor": total}
    if products:
        data["products"] = [{"quantity": 1, **product} for product in products]
    coupons = coupons_of(properties)
    if coupons:
        data["coupons"] = coupons
    country = _country(properties, context)
    if country:
        data["country"] = country
    return data


def refund(properties: dict[str, Any]) -> dict[str, Any]:
    """Of `Order Refunded`: an amount, else products, else (neither) the whole order."""
    unit = currency(properties.get("currency"), "/properties/currency")
    if unit is None and has_money(properties):
        raise refused("required", "/properties/currency", "an amount has a currency")
    products = products_of(properties, unit)
    data: dict[str, Any] = {}
    if unit is not None:
        data["currency"] = unit
        total = total_of(properties, unit)
        if total is not None:
            data["total_minor"] = total
    if products:
        data["products"] = [{"quantity": 1, **product} for product in products]
    return data


def coupons_of(properties: dict[str, Any]) -> list[str]:
    """Coupon codes as they were entered; what looks like an e-mail address is none."""
    codes: dict[str, None] = {}
    for name in ("coupons", "coupon"):
        value = properties.get(name)
        if value is not None:
            codes |= dict.fromkeys(texts(value, f"/properties/{name}"))
    return [code for code in codes if not ADDRESS.search(code)]


def _country(properties: dict[str, Any], context: dict[str, Any] | None) -> str | None:
    """The order's own country, else that of where it is shipped, else that of the device."""
    for holder in (
        properties,
        properties.get("shipping_address"),
        properties.get("shipping"),
        (context or {}).get("location"),
    ):
        if holder.__class__ is dict:
            country = text(holder.get("country"), "the order's country")
            if country is not None:
                if len(country) > COUNTRY_LENGTH_MAX:
                    detail = f"at most {COUNTRY_LENGTH_MAX} characters"
                    raise refused("too_long", "the order's country", detail)
                return country
    return None

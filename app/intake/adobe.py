"""Adobe's storefront contexts in Segment's words, for events under Adobe's names (FEATURES 6.1).

`product.pricing.specialPrice` becomes `price`, `shoppingCart.items` and `order` become products and
totals, `searchInput.units[0].phrase` becomes `query`. What already is in Segment's words stays.
"""

from __future__ import annotations

from typing import Any

_CONTEXTS = ("product", "shoppingCart", "order", "searchInput")
Object = dict[str, Any]


def in_segment_words(properties: Object, context: Object | None) -> Object:
    """The properties with what Adobe's contexts, in properties or context, say of them."""
    holders = (properties, context or {})
    found = {
        name: holder[name]
        for holder in reversed(holders)
        for name in _CONTEXTS
        if holder.get(name).__class__ is dict
    }
    if not found:
        return properties
    read: Object = {}
    if "product" in found:
        read.update(_product(found["product"]))
    if "shoppingCart" in found:
        read.update(_cart(found["shoppingCart"]))
    if "order" in found:
        read.update(_order(found["order"]))
    if "searchInput" in found:
        read.update(_search(found["searchInput"]))
    return {**_told(read), **properties}


def _product(product: Object) -> Object:
    pricing = _object(product.get("pricing"))
    prices = (pricing.get(name) for name in ("specialPrice", "minimalPrice", "regularPrice"))
    return _told(
        {
            "sku": product.get("sku"),
            "categories": product.get("categories"),
            "price": next((price for price in prices if price is not None), None),
            "currency": pricing.get("currencyCode"),
        }
    )


def _cart(cart: Object) -> Object:
    items = cart.get("items")
    if items.__class__ is not list:
        return {}
    products = [
        {**_product(_object(item.get("product"))), "quantity": item.get("quantity")}
        for item in items or ()
        if item.__class__ is dict
    ]
    currencies = (product.pop("currency", None) for product in products)
    return {"products": products, "currency": next(filter(None, list(currencies)), None)}


def _order(order: Object) -> Object:
    return {
        "order_id": order.get("orderId"),
        "total": order.get("grandTotal"),
        "coupon": order.get("appliedCouponCode"),
        "shipping": order.get("shipping"),
    }


def _search(search: Object) -> Object:
    units = search.get("units")
    first = units[0] if units.__class__ is list and units else None
    return {"query": _object(first).get("phrase")}


def _object(value: Any) -> Object:
    return value if value.__class__ is dict else {}


def _told(values: Object) -> Object:
    return {name: value for name, value in values.items() if value is not None}

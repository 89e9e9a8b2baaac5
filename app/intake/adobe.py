"""Adobe's storefront contexts in Segment's words, for events under Adobe's names (FEATURES 6.1).

Adobe's data layer gives every context that the page has set to every event: a click in a unit on a
product page also carries that page's product. So the event's name says which contexts are read:
`product.pricing.specialPrice` becomes `price`, `shoppingCart.items` and `order` become products and
totals; searches and recommendation units stand in app/intake/adobe_units.py. What already is in
Segment's words stays. `shopper.shopperId` says what a userId says anyway, and is only kept.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.intake import adobe_units
from app.intake.adobe_units import Object
from app.intake.adobe_units import object_of
from app.intake.adobe_units import told
from app.intake.names import RECOMMENDATION_EVENTS
from app.intake.names import SEARCH_EVENTS

_CONTEXTS = (
    "storefrontInstance",
    "page",
    "product",
    "changedProducts",
    "shoppingCart",
    "order",
    "recommendations",
    "searchInput",
    "searchResults",
)


def in_segment_words(name: str, properties: Object, context: Object | None) -> Object:
    """The properties with what Adobe's contexts say of an event of this canonical name. They stand
    in the properties, in their `eventInfo` or in the context, as `product` or `productContext`."""
    holders = (properties, object_of(properties.get("eventInfo")), context or {})
    contexts: Object = {}
    for one in _CONTEXTS:
        for holder in holders:
            found = holder.get(one, holder.get(f"{one}Context"))
            if found.__class__ is dict:
                contexts[one] = found
                break
    info = {**holders[1], **properties}
    reader = _READERS.get(name)
    read = {} if reader is None else reader(name, contexts, info)
    return {**_place(contexts), **told(read), **properties}


def _place(contexts: Object) -> Object:
    """Of every event: the store view and its currency, the type of page."""
    storefront = object_of(contexts.get("storefrontInstance"))
    return told(
        {
            "currency": storefront.get("storeViewCurrencyCode")
            or storefront.get("baseCurrencyCode"),
            "store_view": storefront.get("storeViewCode"),
            "page_type": object_of(contexts.get("page")).get("pageType"),
        }
    )


def _about_product(name: str, contexts: Object, info: Object) -> Object:
    """What was looked at, put in or taken out: not the whole cart that it is in now."""
    if "changedProducts" in contexts:
        return _lines(contexts["changedProducts"])
    if "product" in contexts:
        return _product(contexts["product"])
    return _lines(contexts.get("shoppingCart"))


def _about_cart(name: str, contexts: Object, info: Object) -> Object:
    """The cart; a page that shows none may still say which product."""
    if "shoppingCart" in contexts:
        return _lines(contexts["shoppingCart"])
    return _product(object_of(contexts.get("product")))


def _about_order(name: str, contexts: Object, info: Object) -> Object:
    order = object_of(contexts.get("order"))
    return {
        **_lines(contexts.get("shoppingCart")),
        "order_id": order.get("orderId"),
        "total": order.get("grandTotal"),
        "coupon": order.get("appliedCouponCode"),
        "shipping": order.get("shipping"),
    }


_READERS: dict[str, Callable[[str, Object, Object], Object]] = {
    **dict.fromkeys(
        (
            "Product Viewed",
            "Product Added",
            "Product Removed",
            "Requisition List Product Added",
            "Requisition List Product Removed",
        ),
        _about_product,
    ),
    **dict.fromkeys(
        ("Cart Viewed", "Cart Opened", "Cart Updated", "Checkout Started"), _about_cart
    ),
    "Order Completed": _about_order,
    **dict.fromkeys(
        (*SEARCH_EVENTS, "Product List Viewed", "Product Clicked"), adobe_units.about_search
    ),
    **dict.fromkeys(RECOMMENDATION_EVENTS, adobe_units.about_recommendations),
}


def _product(product: Object) -> Object:
    pricing = object_of(product.get("pricing"))
    prices = (pricing.get(name) for name in ("specialPrice", "minimalPrice", "regularPrice"))
    return told(
        {
            "sku": product.get("sku"),
            "parent_sku": product.get("topLevelSku"),
            "categories": product.get("categories"),
            "price": next((price for price in prices if price is not None), None),
            "currency": pricing.get("currencyCode"),
        }
    )


def _lines(cart: Any) -> Object:
    items = object_of(cart).get("items")
    if items.__class__ is not list:
        return {}
    products = [_line(item) for item in items or () if item.__class__ is dict]
    currencies = [product.pop("currency", None) for product in products]
    return told({"products": products, "currency": next(filter(None, currencies), None)})


def _line(item: Object) -> Object:
    """The price that the cart shows goes before the product's own."""
    price = object_of(object_of(item.get("prices")).get("price"))
    shown = told({"price": price.get("value"), "currency": price.get("currency")})
    return {
        **_product(object_of(item.get("product"))),
        **shown,
        **told({"quantity": item.get("quantity")}),
    }

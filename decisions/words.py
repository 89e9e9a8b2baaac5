"""Attributes in words, as sentences call them; trees and facts keep the dotted names."""

from __future__ import annotations

_LINE = {
    "sku": "the SKU",
    "name": "the name",
    "product_type": "the product type",
    "quantity": "the quantity",
    "weight": "the weight",
    "unit_price": "the unit price",
    "subtotal": "the subtotal",
    "categories": "the categories",
    "attributes.<name>": "the attribute “{}”",
}
_ADDRESS = {
    "country": "the country",
    "region": "the region",
    "city": "the city",
    "postcode": "the postcode",
}
_ADDRESSES = {
    "default_billing": "the shopper's billing address",
    "default_shipping": "the shopper's shipping address",
    "any": "any of the shopper's addresses",
}
_LINES = {
    "line.": "the line",
    "line.parent.": "the line that this one belongs to",
    "line.children.": "a line that belongs to this one",
}

WORDS: dict[str, str] = {
    "cart.subtotal": "the cart's subtotal",
    "cart.subtotal_after_discount": "the cart's subtotal after discounts",
    "cart.subtotal_incl_tax": "the cart's subtotal with tax",
    "cart.quantity": "the number of units in the cart",
    "cart.line_count": "the number of lines in the cart",
    "cart.weight": "the cart's weight",
    "cart.currency": "the cart's currency",
    "cart.coupons": "the coupon codes on the cart",
    "cart.applied_rules": "the rules applied so far",
    "cart.payment_method": "the payment method",
    "cart.shipping.method": "the shipping method",
    "cart.shipping.amount": "the shipping amount",
    "cart.shipping.country": "the country shipped to",
    "cart.shipping.region": "the region shipped to",
    "cart.shipping.city": "the city shipped to",
    "cart.shipping.postcode": "the postcode shipped to",
    **{
        f"{prefix}{name}": f"{words} of {line}"
        for prefix, line in _LINES.items()
        for name, words in _LINE.items()
    },
    "line.subtotal_after_discount": "the subtotal after discounts of the line",
    "shopper.is_registered": "the shopper is registered",
    "shopper.group": "the shopper's customer group",
    "shopper.segments": "the shopper's segments",
    "shopper.audiences": "the shopper's audiences",
    "shopper.traits.<name>": "the shopper's trait “{}”",
    "shopper.first_seen_at": "the moment when the shopper was first seen",
    **{
        f"shopper.address.{which}.{name}": f"{words} of {address}"
        for which, address in _ADDRESSES.items()
        for name, words in _ADDRESS.items()
    },
    "context.store_view": "the store view",
    "context.customer_group": "the shopper's customer group",
    "context.device": "the device",
    "context.locale": "the locale",
    "context.country": "the country of the visit",
    "context.channel": "the channel",
    "context.custom.<name>": "the request's “{}”",
    "time.date": "the date",
    "time.day_of_week": "the day of the week (1 is Monday)",
    "time.hour": "the hour",
    "event.sku": "the SKU of the event",
    "event.category": "the category of the event",
    "event.search_phrase": "the search phrase",
    "event.unit": "the recommendation unit of the event",
    "event.value": "the value of the event",
    "event.quantity": "the quantity of the event",
    "event.properties.<name>": "the event's “{}”",
    "product.sku": "the product's SKU",
    "product.name": "the product's name",
    "product.product_type": "the product's type",
    "product.price": "the product's price",
    "product.special_price": "the product's special price",
    "product.categories": "the product's categories",
    "product.attributes.<name>": "the product's attribute “{}”",
    "order.status": "the order's status",
    "order.currency": "the order's currency",
    "order.coupon": "the coupon of the order",
    "order.country": "the country of the order",
    "order.total": "the total of the order",
    "order.skus": "the SKUs of the order",
    "order.categories": "the categories of the order",
}
"""Every attribute -> what it is called; `<name>` stands for a merchant's own word."""

_OWN = ".<name>"
_FAMILIES = sorted((name for name in WORDS if name.endswith(_OWN)), key=len, reverse=True)


def own_words_for(attribute: str) -> str:
    """An attribute of a line as it is called beside the line: `SKU`, not `the SKU of the line`."""
    return words_for(attribute).removeprefix("the ").removesuffix(" of the line")


def words_for(attribute: str) -> str:
    """What an attribute is called; its dotted name if nobody gave it words."""
    known = WORDS.get(attribute)
    if known is not None:
        return known
    for family in _FAMILIES:
        start = family[: -len("<name>")]
        if attribute.startswith(start):
            return WORDS[family].format(attribute[len(start) :])
    return attribute

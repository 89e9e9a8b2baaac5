"""Adobe's words and this service's, read in both directions."""

from __future__ import annotations

import re

CLASSES = "Magento\\SalesRule\\Model\\Rule\\Condition\\"
SEGMENT_CLASS = "Magento\\CustomerSegment\\Model\\Segment\\Condition\\Segment"
_CLASS = re.compile(
    r"\\?Magento\\(?:SalesRule|AdvancedSalesRule)\\Model\\Rule\\Condition\\([A-Za-z\\]+)\Z"
)
_OF_LINES = {"Product", "Product\\Combine", "Product\\Found", "Product\\Subselect"}
KINDS = frozenset({"Combine", "Address", "Segment", *_OF_LINES})
"""What `kind_of` may answer for a condition that has a form here."""

COMBINED = {
    ("all", True): "all",
    ("any", True): "any",
    ("all", False): "none",
    ("any", False): "not_all",
}
"""ALL or ANY of the conditions are TRUE or FALSE."""

OPERATORS = {
    "==": "==",
    "!=": "!=",
    ">": ">",
    ">=": ">=",
    "<": "<",
    "<=": "<=",
    "{}": "contains",
    "!{}": "not_contains",
    "()": "in",
    "!()": "not_in",
    "<=>": "is_undefined",
}
POSITIVE = frozenset({"==", "{}", "()"})
NEGATIVE = frozenset({"!=", "!{}", "!()"})

ADDRESS = {
    "base_subtotal": "cart.subtotal",
    "base_subtotal_with_discount": "cart.subtotal_after_discount",
    "base_subtotal_total_incl_tax": "cart.subtotal_incl_tax",
    "total_qty": "cart.quantity",
    "weight": "cart.weight",
    "payment_method": "cart.payment_method",
    "shipping_method": "cart.shipping.method",
    "postcode": "cart.shipping.postcode",
    "region": "cart.shipping.region",
    "country_id": "cart.shipping.country",
}
REGION_ID = "region_id"
REGION = "cart.shipping.region"
TOTALS = frozenset(name for name in ADDRESS if name.startswith("base_")) | {"total_qty", "weight"}
"""What newer versions of Adobe Commerce read over the eligible items (FEATURES C18)."""

PRODUCT = {
    "sku": "sku",
    "name": "name",
    "type_id": "product_type",
    "weight": "weight",
    "quote_item_price": "unit_price",
    "quote_item_qty": "quantity",
    "quote_item_row_total": "subtotal",
}
"""Names of products under `line.`; every other attribute stands under `line.attributes.`."""
CATEGORIES = "category_ids"
SCOPES = {"": "line.", "parent": "line.parent.", "children": "line.children."}
LINES = "Product\\Combine"
"""How conditions of a line are joined."""

SUBSELECTED = {"qty": "quantity", "base_row_total": "amount", "base_row_total_incl_tax": "amount"}
EXCL_TAX = frozenset({"base_row_total", "quote_item_row_total"})
INCL_TAX = frozenset({"base_row_total_incl_tax"})

ACTIONS = {
    "by_percent": "percent",
    "by_fixed": "fixed",
    "cart_fixed": "cart_fixed",
    "buy_x_get_y": "buy_x_get_y",
    "to_percent": "to_percent",
    "to_fixed": "to_fixed",
}
FREE_SHIPPING = {
    "": "no",
    "0": "no",
    "1": "items",
    "2": "shipment",
    "NONE": "no",
    "MATCHING_ITEMS_ONLY": "items",
    "FREE_WITH_MATCHING_ITEMS": "shipment",
}


def kind_of(name: str) -> str | None:
    """A condition's class without what all of them begin with; None for a foreign one."""
    if name.lstrip("\\") == SEGMENT_CLASS:
        return "Segment"
    found = _CLASS.match(name)
    return found.group(1) if found else None

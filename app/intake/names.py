"""Event names: Segment's ecommerce spec is canonical, Adobe's storefront names are aliases of it.

Names are compared without regard to case; whatever stands in neither table is a custom event and
keeps the name its sender gave it.
"""

from __future__ import annotations

ORDER_TOPICS = {
    "Order Completed": "OrderCompleted",
    "Order Updated": "OrderUpdated",
    "Order Refunded": "OrderRefunded",
    "Order Cancelled": "OrderCancelled",
}
"""Events about an order are classes of their own; the others are interactions."""

ECOMMERCE = (
    "Products Searched",
    "Product List Viewed",
    "Product List Filtered",
    "Promotion Viewed",
    "Promotion Clicked",
    "Product Clicked",
    "Product Viewed",
    "Product Added",
    "Product Removed",
    "Cart Viewed",
    "Checkout Started",
    "Checkout Step Viewed",
    "Checkout Step Completed",
    "Payment Info Entered",
    *ORDER_TOPICS,
    "Coupon Entered",
    "Coupon Applied",
    "Coupon Denied",
    "Coupon Removed",
    "Product Added to Wishlist",
    "Product Removed from Wishlist",
    "Wishlist Product Added to Cart",
    "Product Shared",
    "Cart Shared",
    "Product Reviewed",
)
"""Segment's ecommerce events, version 2: their properties are read and checked."""

STOREFRONT = {
    "Page Viewed": "page-view",
    "Page Activity Summarized": "page-activity-summary",
    "Referrer Recorded": "referrer-url",
    "Custom Url Recorded": "custom-url",
    "Product Viewed": "product-page-view product-view",
    "Product Added": "add-to-cart",
    "Product Removed": "remove-from-cart",
    "Cart Updated": "update-cart",
    "Cart Opened": "open-cart",
    "Cart Viewed": "shopping-cart-view",
    "Checkout Started": "initiate-checkout",
    "Order Completed": "place-order",
    "Signed In": "sign-in",
    "Signed Out": "sign-out",
    "Account Created": "create-account",
    "Account Updated": "edit-account",
    "Products Searched": "search-request-sent",
    "Search Results Received": "search-response-received",
    "Search Results Viewed": "search-results-view",
    "Product List Viewed": "category-results-view",
    "Product Clicked": "search-product-click",
    "Search Category Clicked": "search-category-click",
    "Search Suggestion Clicked": "search-suggestion-click",
    "Recommendations Requested": "recs-api-request-sent recs-request-sent",
    "Recommendations Received": "recs-api-response-received",
    "Recommendation Unit Rendered": (
        "recs-unit-impression-render recs-unit-render impression-render"
    ),
    "Recommendation Unit Viewed": "recs-unit-view view",
    "Recommendation Clicked": "recs-item-click rec-click",
    "Recommendation Added to Cart": (
        "recs-item-add-to-cart-click recs-add-to-cart-click rec-add-to-cart-click"
    ),
    "Requisition List Created": "create-requisition-list",
    "Requisition List Deleted": "delete-requisition-list",
    "Requisition List Product Added": "add-to-requisition-list",
    "Requisition List Product Removed": "remove-from-requisition-list",
}
"""Canonical name to what Adobe's storefront SDK, and its documentation, call it."""

ALIASES = {alias: name for name, aliases in STOREFRONT.items() for alias in aliases.split()}
_CANONICAL = {
    **{name.casefold(): name for name in (*ECOMMERCE, *STOREFRONT)},
    **ALIASES,
}
_READ = frozenset(ECOMMERCE)


def canonical_name(name: str) -> str:
    """The canonical name of an event: `add-to-cart` is `Product Added`; custom ones stay."""
    return _CANONICAL.get(name) or _CANONICAL.get(name.casefold()) or name


def is_ecommerce(name: str) -> bool:
    """Whether the properties of this canonical name have a known meaning."""
    return name in _READ

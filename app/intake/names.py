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
    "Recommendations Received": "recs-api-response-received recs-response-received",
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
    "Custom Event Published": "commerce-custom",
    "Data Layer Changed": "adobeDataLayer:change",
    "Data Layer Event Pushed": "adobeDataLayer:event",
}
"""Canonical name to what Adobe's storefront SDK, and its documentation, call it."""

XDM = {
    "Product Added": "addToCart commerce.productListAdds",
    "Cart Opened": "openCart commerce.productListOpens",
    "Product Removed": "removeFromCart commerce.productListRemovals",
    "Cart Viewed": "shoppingCartView commerce.productListViews",
    "Page Viewed": "pageView web.webpagedetails.pageViews",
    "Product Viewed": "productPageView commerce.productViews",
    "Checkout Started": "startCheckout commerce.checkouts",
    "Order Completed": "completeCheckout commerce.purchases",
    "Signed In": "signIn userAccount.login",
    "Signed Out": "signOut userAccount.logout",
    "Account Created": "createAccount userAccount.createProfile",
    "Account Updated": "editAccount userAccount.updateProfile",
    "Products Searched": "searchRequestSent searchRequest",
    "Search Results Received": "searchResponseReceived searchResponse",
    "Requisition List Created": "createRequisitionList commerce.requisitionListOpens",
    "Requisition List Product Added": "addToRequisitionList commerce.requisitionListAdds",
    "Requisition List Product Removed": (
        "removeFromRequisitionList commerce.requisitionListRemovals"
    ),
    "Requisition List Deleted": "deleteRequisitionList commerce.requisitionListDeletes",
}
"""The same to the names and event types of Adobe's data connection."""

UNIT_EVENTS = (
    "Recommendation Unit Rendered",
    "Recommendation Unit Viewed",
    "Recommendation Clicked",
    "Recommendation Added to Cart",
)
"""What happens to one recommendation unit, which the event must name."""

RECOMMENDATION_EVENTS = ("Recommendations Requested", "Recommendations Received", *UNIT_EVENTS)
SEARCH_EVENTS = (
    "Products Searched",
    "Search Results Received",
    "Search Results Viewed",
    "Search Category Clicked",
    "Search Suggestion Clicked",
)


def _aliases(table: dict[str, str]) -> dict[str, str]:
    return {alias.casefold(): name for name, aliases in table.items() for alias in aliases.split()}


XDM_ALIASES = _aliases(XDM)
ALIASES = {**_aliases(STOREFRONT), **XDM_ALIASES}
"""Case-folded."""

COMMON_WORDS = frozenset({"view"})
"""Aliases that shops use for events of their own: they count only if they name a unit."""

_CANONICAL = {
    **{name.casefold(): name for name in (*ECOMMERCE, *STOREFRONT)},
    **ALIASES,
}
_READ = frozenset((*ECOMMERCE, *SEARCH_EVENTS, *RECOMMENDATION_EVENTS))


def canonical_name(name: str) -> str:
    """The canonical name of an event: `add-to-cart` is `Product Added`; custom ones stay."""
    return _CANONICAL.get(name) or _CANONICAL.get(name.casefold()) or name


def is_ecommerce(name: str) -> bool:
    """Whether the properties of this canonical name have a known meaning."""
    return name in _READ

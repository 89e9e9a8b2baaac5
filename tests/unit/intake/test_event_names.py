"""Names of events: Segment's are canonical, Adobe's are aliases, others stay."""

from __future__ import annotations

import pytest

from app.intake.names import ALIASES
from app.intake.names import ECOMMERCE
from app.intake.names import ORDER_TOPICS
from app.intake.names import RECOMMENDATION_EVENTS
from app.intake.names import SEARCH_EVENTS
from app.intake.names import STOREFRONT
from app.intake.names import UNIT_EVENTS
from app.intake.names import XDM
from app.intake.names import canonical_name
from app.intake.names import is_ecommerce

NAMES = {
    # The constants of the storefront SDK
    "page-view": "Page Viewed",
    "page-activity-summary": "Page Activity Summarized",
    "referrer-url": "Referrer Recorded",
    "custom-url": "Custom Url Recorded",
    "product-page-view": "Product Viewed",
    "add-to-cart": "Product Added",
    "remove-from-cart": "Product Removed",
    "update-cart": "Cart Updated",
    "open-cart": "Cart Opened",
    "shopping-cart-view": "Cart Viewed",
    "initiate-checkout": "Checkout Started",
    "place-order": "Order Completed",
    "sign-in": "Signed In",
    "sign-out": "Signed Out",
    "create-account": "Account Created",
    "edit-account": "Account Updated",
    "search-request-sent": "Products Searched",
    "search-response-received": "Search Results Received",
    "search-results-view": "Search Results Viewed",
    "category-results-view": "Product List Viewed",
    "search-product-click": "Product Clicked",
    "search-category-click": "Search Category Clicked",
    "search-suggestion-click": "Search Suggestion Clicked",
    "recs-api-request-sent": "Recommendations Requested",
    "recs-api-response-received": "Recommendations Received",
    "recs-unit-impression-render": "Recommendation Unit Rendered",
    "recs-unit-view": "Recommendation Unit Viewed",
    "recs-item-click": "Recommendation Clicked",
    "recs-item-add-to-cart-click": "Recommendation Added to Cart",
    "create-requisition-list": "Requisition List Created",
    "delete-requisition-list": "Requisition List Deleted",
    "add-to-requisition-list": "Requisition List Product Added",
    "remove-from-requisition-list": "Requisition List Product Removed",
    "commerce-custom": "Custom Event Published",
    "adobeDataLayer:change": "Data Layer Changed",
    "adobeDataLayer:event": "Data Layer Event Pushed",
    # How the documentation spells them elsewhere
    "recs-request-sent": "Recommendations Requested",
    "recs-response-received": "Recommendations Received",
    "recs-unit-render": "Recommendation Unit Rendered",
    "recs-add-to-cart-click": "Recommendation Added to Cart",
    "impression-render": "Recommendation Unit Rendered",
    "rec-click": "Recommendation Clicked",
    "rec-add-to-cart-click": "Recommendation Added to Cart",
    "view": "Recommendation Unit Viewed",
    "product-view": "Product Viewed",
    # Names and types of the data connection
    "addToCart": "Product Added",
    "commerce.productListAdds": "Product Added",
    "openCart": "Cart Opened",
    "commerce.productListOpens": "Cart Opened",
    "removeFromCart": "Product Removed",
    "commerce.productListRemovals": "Product Removed",
    "shoppingCartView": "Cart Viewed",
    "commerce.productListViews": "Cart Viewed",
    "pageView": "Page Viewed",
    "web.webpagedetails.pageViews": "Page Viewed",
    "productPageView": "Product Viewed",
    "commerce.productViews": "Product Viewed",
    "startCheckout": "Checkout Started",
    "commerce.checkouts": "Checkout Started",
    "completeCheckout": "Order Completed",
    "commerce.purchases": "Order Completed",
    "signIn": "Signed In",
    "userAccount.login": "Signed In",
    "signOut": "Signed Out",
    "userAccount.logout": "Signed Out",
    "createAccount": "Account Created",
    "userAccount.createProfile": "Account Created",
    "editAccount": "Account Updated",
    "userAccount.updateProfile": "Account Updated",
    "searchRequestSent": "Products Searched",
    "searchRequest": "Products Searched",
    "searchResponseReceived": "Search Results Received",
    "searchResponse": "Search Results Received",
    "createRequisitionList": "Requisition List Created",
    "commerce.requisitionListOpens": "Requisition List Created",
    "addToRequisitionList": "Requisition List Product Added",
    "commerce.requisitionListAdds": "Requisition List Product Added",
    "removeFromRequisitionList": "Requisition List Product Removed",
    "commerce.requisitionListRemovals": "Requisition List Product Removed",
    "deleteRequisitionList": "Requisition List Deleted",
    "commerce.requisitionListDeletes": "Requisition List Deleted",
}


@pytest.mark.parametrize("alias", NAMES)
def test_an_alias_is_its_canonical_name_in_any_case(alias: str) -> None:
    assert canonical_name(alias) == NAMES[alias]
    assert canonical_name(alias.upper()) == NAMES[alias]


def test_there_are_no_other_aliases() -> None:
    assert set(ALIASES) == {alias.casefold() for alias in NAMES}


def test_an_alias_names_one_canonical_event() -> None:
    listed = [
        alias for table in (STOREFRONT, XDM) for name in table.values() for alias in [*name.split()]
    ]
    assert len(listed) == len(ALIASES)


def test_canonical_names_are_their_own() -> None:
    for name in (*ECOMMERCE, *STOREFRONT, *XDM):
        assert canonical_name(name) == name
        assert canonical_name(name.upper()) == name
    assert canonical_name("Quiz Taken") == "Quiz Taken"


def test_events_whose_properties_are_read_strictly() -> None:
    for name in (*ORDER_TOPICS, *RECOMMENDATION_EVENTS, *UNIT_EVENTS, *SEARCH_EVENTS):
        assert is_ecommerce(name)
    assert not is_ecommerce("Quiz Taken")

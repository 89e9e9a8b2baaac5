"""Adobe's storefront contexts are read as Segment's properties: those that the event is about."""

from __future__ import annotations

from typing import Any

import pytest

from app.intake.interactions import Reading
from app.intake.message import Draft
from app.intake.message import Envelope
from app.intake.message import read
from tests.fakes import NOON

ENVELOPE = Envelope("server", NOON, Reading("USD", (), False))
PRODUCT = {
    "productId": 7,
    "sku": "24-MB01-red",
    "topLevelSku": "24-MB01",
    "categories": ["gear/bags"],
    "pricing": {"regularPrice": 40, "specialPrice": 32.5, "currencyCode": "EUR"},
}
READ = {
    "sku": "24-MB01-red",
    "parent_sku": "24-MB01",
    "price_minor": 3250,
    "categories": ["gear/bags"],
}
CART = {"id": "c", "items": [{"product": PRODUCT, "quantity": 2}, "noise"]}
SHOWN = {"product": {"sku": "a"}, "prices": {"price": {"value": 3.5, "currency": "GBP"}}}
ORDER = {"orderId": 1001, "grandTotal": 65.0, "appliedCouponCode": "SPRING"}
STORE = {
    "storeViewCode": "de",
    "storeViewCurrencyCode": "EUR",
    "baseCurrencyCode": "USD",
    "storeUrl": "https://shop.example",
}
ITEMS = [
    {"productId": 1, "sku": "a", "rank": 1, "currency": "EUR", "categories": ["gear"],
     "prices": {"minimum": {"final": 9.5, "regular": 12}}},
    {"productId": 2, "sku": "b", "rank": 2, "currency": "EUR",
     "prices": {"minimum": {"final": 4}}},
]  # fmt: skip
UNITS = {
    "units": [
        {"unitId": "unit-1", "unitName": "More", "typeId": "most-viewed", "products": ITEMS},
        {"unitId": "unit-2", "products": [{"productId": 3, "sku": "c", "rank": 1}]},
    ]
}
ONE_UNIT = {"units": UNITS["units"][1:]}
A = {"sku": "a", "price_minor": 950, "categories": ["gear"], "position": 1}
B = {"sku": "b", "price_minor": 400, "position": 2}
INPUT = {"units": [{"searchUnitId": "bar", "searchRequestId": "req-1", "phrase": "bags"}]}
FOUND = {
    "units": [
        {"searchUnitId": "other", "searchRequestId": "req-9", "products": []},
        {
            "searchUnitId": "bar",
            "searchRequestId": "req-1",
            "products": [
                {"sku": "a", "price": 9.5, "rank": 1},
                {"sku": "b", "price": 4, "rank": 2},
            ],
        },
    ]
}
NONE: dict[str, Any] = {"products": None, "unit": None, "search_phrase": None}

CASES: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    # storefrontInstance, page, shopper
    ("a store view", "sign-in", {"storefrontInstance": STORE}, {"store_view": "de"}),
    ("its currency", "product-page-view",
     {"storefrontInstance": STORE, "product": {"sku": "s", "pricing": {"regularPrice": 5}}},
     {"currency": "EUR", "products": [{"sku": "s", "price_minor": 500}]}),
    ("else the base currency", "place-order",
     {"storefrontInstance": {"baseCurrencyCode": "JPY"}, "order": {"orderId": 1, "grandTotal": 5}},
     {"currency": "JPY", "total_minor": 5}),
    ("a page", "page-view", {"page": {"pageType": "Product", "pageName": "Bag"}},
     {"event": "Page Viewed", "page_type": "Product"}),
    ("a page's type that is no code", "page-view", {"page": {"pageType": "anna@example.org"}},
     {"page_type": None}),
    ("a shopper says nothing open", "sign-in", {"shopper": {"shopperId": "logged-in"}},
     {"event": "Signed In", **NONE}),
    # product, changedProducts
    ("a product page", "product-page-view", {"product": PRODUCT},
     {"event": "Product Viewed", "currency": "EUR", "products": [READ]}),
    ("what was put in, not the whole cart", "add-to-cart",
     {"product": PRODUCT, "shoppingCart": {"items": [SHOWN, SHOWN]}},
     {"event": "Product Added", "products": [READ]}),
    ("what changed", "add-to-cart",
     {"changedProducts": {"items": [{"product": {"sku": "x"}, "quantity": 3}]},
      "product": PRODUCT, "shoppingCart": CART},
     {"products": [{"sku": "x", "quantity": 3}]}),
    ("a cart will do", "remove-from-cart", {"shoppingCart": {"items": [SHOWN]}},
     {"event": "Product Removed", "products": [{"sku": "a", "price_minor": 350}]}),
    ("a requisition list", "add-to-requisition-list", {"product": {"sku": "s"}},
     {"event": "Requisition List Product Added", "products": [{"sku": "s"}]}),
    ("a sign-in on a product page is about no product", "sign-in", {"product": PRODUCT}, NONE),
    # shoppingCart
    ("a cart", "shopping-cart-view", {"shoppingCart": CART, "product": {"sku": "page"}},
     {"event": "Cart Viewed", "currency": "EUR", "products": [{**READ, "quantity": 2}]}),
    ("a cart's own prices", "initiate-checkout", {"shoppingCart": {"items": [SHOWN]}},
     {"currency": "GBP", "products": [{"sku": "a", "price_minor": 350}]}),
    ("an opened cart", "open-cart", {"shoppingCart": {"items": [SHOWN]}},
     {"event": "Cart Opened", "products": [{"sku": "a", "price_minor": 350}]}),
    ("a changed cart", "update-cart", {"shoppingCart": {"items": []}},
     {"event": "Cart Updated", "products": None}),
    # order
    ("an order", "place-order", {"shoppingCart": CART, "order": ORDER},
     {"order_id": "1001", "total_minor": 6500, "currency": "EUR", "coupons": ["SPRING"],
      "products": [{**READ, "quantity": 2}]}),
    # recommendations
    ("a unit that is shown", "recs-unit-impression-render",
     {"recommendations": UNITS, "unitId": "unit-1"},
     {"event": "Recommendation Unit Rendered", "unit": "unit-1", "products": [A, B],
      "currency": "EUR"}),
    ("a unit that is seen", "recs-unit-view", {"recommendations": ONE_UNIT},
     {"event": "Recommendation Unit Viewed", "unit": "unit-2",
      "products": [{"sku": "c", "position": 1}]}),
    ("a click", "recs-item-click",
     {"recommendations": UNITS, "unitId": "unit-1", "productId": 2, "product": PRODUCT},
     {"event": "Recommendation Clicked", "unit": "unit-1", "products": [B]}),
    ("a click by its sku", "rec-click", {"recommendations": UNITS, "unitId": "unit-1", "sku": "a"},
     {"unit": "unit-1", "products": [A]}),
    ("a click on the only product", "rec-click", {"recommendations": ONE_UNIT},
     {"unit": "unit-2", "products": [{"sku": "c", "position": 1}]}),
    ("a click on nobody knows what", "rec-click", {"recommendations": UNITS, "unitId": "unit-1"},
     {"unit": "unit-1", "products": None}),
    ("a unit that the page does not know", "rec-click",
     {"recommendations": UNITS, "unitId": "unit-9", "sku": "z"},
     {"unit": "unit-9", "products": [{"sku": "z"}]}),
    ("into the cart", "recs-add-to-cart-click",
     {"recommendations": UNITS, "unitId": "unit-1", "productId": "1"},
     {"event": "Recommendation Added to Cart", "unit": "unit-1", "products": [A]}),
    ("an answer of several units names none", "recs-api-response-received",
     {"recommendations": UNITS}, {"event": "Recommendations Received", **NONE}),
    ("a request", "recs-api-request-sent", {"page": {"pageType": "Cart"}},
     {"event": "Recommendations Requested", "page_type": "Cart", **NONE}),
    # searchInput, searchResults
    ("a search", "search-request-sent", {"searchInput": INPUT},
     {"event": "Products Searched", "search_phrase": "bags", "search_request_id": "req-1"}),
    ("its answer", "search-response-received",
     {"searchInput": INPUT, "searchResults": FOUND, "searchUnitId": "bar"},
     {"event": "Search Results Received", "search_phrase": "bags", "search_request_id": "req-1",
      "result_count": 2,
      "products": [{"sku": "a", "price_minor": 950, "position": 1},
                   {"sku": "b", "price_minor": 400, "position": 2}]}),
    ("an answer without results", "search-results-view", {"searchResults": FOUND},
     {"event": "Search Results Viewed", "search_request_id": "req-9", "result_count": 0,
      "products": None}),
    ("a count of its own", "search-response-received",
     {"searchResults": {"units": [{"products": [], "productCount": 200}]}}, {"result_count": 200}),
    ("a category", "category-results-view", {"searchResults": FOUND, "searchUnitId": "bar"},
     {"event": "Product List Viewed", "search_request_id": "req-1", "result_count": 2}),
    ("a result that is clicked", "search-product-click",
     {"searchResults": FOUND, "searchUnitId": "bar", "sku": "b"},
     {"event": "Product Clicked", "search_request_id": "req-1",
      "products": [{"sku": "b", "price_minor": 400, "position": 2}]}),
    ("a result of another page", "search-product-click",
     {"searchResults": FOUND, "searchUnitId": "bar", "sku": "z"},
     {"search_request_id": "req-1", "products": [{"sku": "z"}]}),
    ("a suggestion", "search-suggestion-click", {"searchInput": INPUT},
     {"event": "Search Suggestion Clicked", "search_request_id": "req-1"}),
    ("a category among the results", "search-category-click", {"searchResults": FOUND},
     {"event": "Search Category Clicked", "search_request_id": "req-9", "products": None}),
    # What may be missing or odd
    ("Segment's words under Adobe's name", "add-to-cart", {"sku": "s"},
     {"event": "Product Added", "products": [{"sku": "s"}]}),
    ("nothing of use", "search-request-sent", {"product": "x", "searchInput": {"units": []}},
     {"event": "Products Searched", **NONE}),
    ("units that are none", "recs-api-request-sent", {"recommendations": {"units": "all"}},
     {"event": "Recommendations Requested", **NONE}),
]  # fmt: skip


def told(event: str, where: str, given: dict[str, Any]) -> Draft:
    """What is read of a message with these contexts."""
    return read({"type": "track", "event": event, "userId": "u", where: given}, ENVELOPE)


@pytest.mark.parametrize("where", ["properties", "eventInfo", "context", "named Context"])
@pytest.mark.parametrize(
    ("event", "given", "expected"), [row[1:] for row in CASES], ids=[row[0] for row in CASES]
)
def test_a_storefront_event_is_read(
    event: str, given: dict[str, Any], expected: dict[str, Any], where: str
) -> None:
    contexts = {name: value for name, value in given.items() if isinstance(value, dict)}
    info = {name: value for name, value in given.items() if name not in contexts}
    message: dict[str, Any] = {"type": "track", "event": event, "userId": "u"}
    if where == "properties":
        message["properties"] = given
    elif where == "eventInfo":
        message["properties"] = {"eventInfo": given}
    elif where == "context":
        message |= {"properties": info, "context": contexts}
    else:
        named = {f"{name}Context": value for name, value in contexts.items()}
        message["properties"] = {**info, **named}
    if where == "eventInfo" and event == "add-to-cart" and not contexts:
        pytest.skip("Segment's words stand in the properties themselves")
    data = read(message, ENVELOPE).data
    assert {name: data.get(name) for name in expected} == expected
    for place in ("properties", "context"):
        assert data.get(place, {}) == message.get(place, {})


def test_segments_words_are_not_overwritten() -> None:
    given = {"sku": "mine", "product": PRODUCT, "unit_id": "mine", "recommendations": UNITS}
    assert told("product-page-view", "properties", given).data["products"][0]["sku"] == "mine"
    clicked = told("recs-item-click", "properties", given).data
    assert (clicked["unit"], clicked["products"]) == ("mine", [{"sku": "mine"}])


def test_a_view_is_adobe_s_only_if_it_names_a_unit() -> None:
    assert told("view", "properties", {"color": "red"}).data["event"] == "view"
    assert told("View", "properties", {}).data["event"] == "View"
    seen = told("view", "properties", {"unitId": "u-1"}).data
    assert (seen["event"], seen["unit"]) == ("Recommendation Unit Viewed", "u-1")

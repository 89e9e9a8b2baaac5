"""Adobe's storefront contexts are read as Segment's properties."""

from __future__ import annotations

from typing import Any

import pytest

from app.intake.interactions import Reading
from app.intake.message import Envelope
from app.intake.message import read
from tests.fakes import NOON

ENVELOPE = Envelope("server", NOON, Reading("USD", (), False))
PRODUCT = {
    "sku": "24-MB01",
    "categories": ["gear/bags"],
    "pricing": {"regularPrice": 40, "specialPrice": 32.5, "currencyCode": "EUR"},
}
CART = {"id": "c", "items": [{"product": PRODUCT, "quantity": 2}, "noise"]}
ORDER = {"orderId": 1001, "grandTotal": 65.0, "appliedCouponCode": "SPRING"}
CASES: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    ("a product page", "product-page-view", {"product": PRODUCT},
     {"event": "Product Viewed", "currency": "EUR",
      "products": [{"sku": "24-MB01", "price_minor": 3250, "categories": ["gear/bags"]}]}),
    ("a cart", "shopping-cart-view", {"shoppingCart": CART},
     {"event": "Cart Viewed", "currency": "EUR",
      "products": [{"sku": "24-MB01", "quantity": 2, "price_minor": 3250,
                    "categories": ["gear/bags"]}]}),
    ("an order", "place-order", {"shoppingCart": CART, "order": ORDER},
     {"order_id": "1001", "total_minor": 6500, "currency": "EUR", "coupons": ["SPRING"]}),
    ("a search", "search-request-sent", {"searchInput": {"units": [{"phrase": "bags"}]}},
     {"event": "Products Searched", "search_phrase": "bags"}),
    ("Segment's words under Adobe's name", "add-to-cart", {"sku": "s"},
     {"event": "Product Added", "products": [{"sku": "s"}]}),
    ("nothing of use", "sign-in", {"product": "x", "searchInput": {"units": []}},
     {"event": "Signed In"}),
]  # fmt: skip


@pytest.mark.parametrize("where", ["properties", "context"])
@pytest.mark.parametrize(("sentence", "event", "given", "expected"), CASES)
def test_a_storefront_event_is_read(
    sentence: str, event: str, given: dict[str, Any], expected: dict[str, Any], where: str
) -> None:
    if where == "context" and "sku" in given:
        pytest.skip("Segment's words stand in properties")
    data = read({"type": "track", "event": event, "userId": "u", where: given}, ENVELOPE).data
    assert {name: data.get(name) for name in expected} == expected
    assert data[where] == given


def test_segments_words_are_not_overwritten() -> None:
    properties = {"sku": "mine", "product": PRODUCT}
    data = read(
        {"type": "track", "event": "product-page-view", "userId": "u", "properties": properties},
        ENVELOPE,
    ).data
    assert data["products"][0]["sku"] == "mine"

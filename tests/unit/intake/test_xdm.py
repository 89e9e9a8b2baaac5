"""Adobe's XDM fields are read as Segment's properties."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.kernel.errors import InvalidValue
from app.intake.interactions import Reading
from app.intake.message import Envelope
from app.intake.message import read
from tests.fakes import NOON

ENVELOPE = Envelope("server", NOON, Reading("USD", (), False))
ITEM = {"SKU": "a", "name": "A", "quantity": 4, "priceTotal": 10.0, "currencyCode": "EUR"}
ORDER = {"purchaseID": "o1", "payments": [{"paymentAmount": 7.1, "currencyCode": "EUR"},
                                          {"paymentAmount": "2.95"}]}  # fmt: skip
CASES: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    ("what was put in", "addToCart", {"productListItems": [ITEM, "noise"]},
     {"event": "Product Added", "currency": "EUR",
      "products": [{"sku": "a", "quantity": 4, "price_minor": 250}]}),
    ("under its type", "commerce.productViews", {"xdm": {"productListItems": [{"SKU": "a"}]}},
     {"event": "Product Viewed", "products": [{"sku": "a"}]}),
    ("a line of one", "openCart",
     {"productListItems": [{"SKU": "a", "priceTotal": "2.50", "quantity": 1}]},
     {"products": [{"sku": "a", "quantity": 1, "price_minor": 250}]}),
    ("no exact price of one", "shoppingCartView",
     {"productListItems": [{**ITEM, "quantity": 3}]},
     {"products": [{"sku": "a", "quantity": 3}]}),
    ("none in the currency's digits", "shoppingCartView",
     {"productListItems": [{**ITEM, "quantity": 16}]},
     {"products": [{"sku": "a", "quantity": 16}]}),
    ("yen have none", "shoppingCartView",
     {"productListItems": [{**ITEM, "currencyCode": "JPY", "quantity": 20}]},
     {"products": [{"sku": "a", "quantity": 20}]}),
    ("an order", "completeCheckout",
     {"commerce": {"order": ORDER, "promotionID": "SPRING"}, "productListItems": [ITEM]},
     {"order_id": "o1", "total_minor": 1005, "currency": "EUR", "coupons": ["SPRING"]}),
    ("an order's own total", "commerce.purchases",
     {"order": {"purchaseID": "o1", "priceTotal": 12, "currencyCode": "USD"}},
     {"order_id": "o1", "total_minor": 1200}),
    ("an order without payments", "commerce.purchases",
     {"order": {"purchaseID": "o1"}, "productListItems": [ITEM]}, {"total_minor": 1000}),
    ("a search", "searchRequestSent",
     {"searchRequest": {"id": "req-1", "value": 1}, "siteSearch": {"query": "bags"}},
     {"event": "Products Searched", "search_phrase": "bags", "search_request_id": "req-1"}),
    ("its answer", "searchResponse",
     {"commerce": {"searchResponse": {"id": "req-1"}, "search": {"query": "bags"}},
      "numberOfResults": 0},
     {"event": "Search Results Received", "search_request_id": "req-1", "result_count": 0}),
    ("a store view", "signIn", {"commerceScope": {"storeViewCode": "de"}},
     {"event": "Signed In", "store_view": "de"}),
    ("Segment's words stay", "addToCart", {"sku": "mine"}, {"products": [{"sku": "mine"}]}),
    ("nothing of use", "addToCart", {"productListItems": {}, "commerce": 1, "order": []},
     {"event": "Product Added", "products": None}),
]  # fmt: skip
WRONG = [
    ("a total that is none", {**ITEM, "priceTotal": "much"}, "not_money"),
    ("an absurd total", {**ITEM, "priceTotal": "1e300"}, "not_money"),
    ("a negative total", {**ITEM, "priceTotal": -8}, "negative_amount"),
    ("a quantity that is none", {**ITEM, "quantity": "many"}, "not_a_quantity"),
    ("a line without its SKU", {"quantity": 1}, "required"),
]


@pytest.mark.parametrize(
    ("event", "given", "expected"), [row[1:] for row in CASES], ids=[row[0] for row in CASES]
)
def test_an_xdm_event_is_read(event: str, given: dict[str, Any], expected: dict[str, Any]) -> None:
    message = {"type": "track", "event": event, "userId": "u", "properties": given}
    data = read(message, ENVELOPE).data
    assert {name: data.get(name) for name in expected} == expected
    assert data["properties"] == given


@pytest.mark.parametrize(
    ("item", "code"), [row[1:] for row in WRONG], ids=[str(row[0]) for row in WRONG]
)
def test_a_wrong_line_is_refused_with_its_code(item: dict[str, Any], code: str) -> None:
    message = {
        "type": "track",
        "event": "addToCart",
        "userId": "u",
        "properties": {"productListItems": [item]},
    }
    with pytest.raises(InvalidValue) as refusal:
        read(message, ENVELOPE)
    assert refusal.value.code == code


def test_a_payment_that_is_no_amount_refuses_the_order() -> None:
    order = {"purchaseID": "o1", "payments": [{"paymentAmount": "much", "currencyCode": "EUR"}]}
    message = {"type": "track", "event": "completeCheckout", "userId": "u",
               "properties": {"order": order}}  # fmt: skip
    with pytest.raises(InvalidValue, match="not_money"):
        read(message, ENVELOPE)

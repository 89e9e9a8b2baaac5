"""Messages: what is read from them, what is refused, and with which code."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from aggregates.events import VOCABULARY
from aggregates.kernel.errors import InvalidValue
from app.intake.interactions import Reading
from app.intake.message import Draft
from app.intake.message import Envelope
from app.intake.message import read
from tests.fakes import NOON

READING = Reading("USD", ("size", "stars"), False)
ENVELOPE = Envelope("server", NOON, READING)
PUBLIC = Envelope("client", NOON, READING)


def track(event: str, properties: Any = None, **others: Any) -> dict[str, Any]:
    """A track message of one shopper."""
    message = {"type": "track", "event": event, "messageId": "m1", "userId": "u1", **others}
    return message if properties is None else {**message, "properties": properties}


def order(**properties: Any) -> dict[str, Any]:
    """A complete order, changed by what is given."""
    return track(
        "Order Completed", {"order_id": "o1", "currency": "USD", "total": "10.00", **properties}
    )


def refunded(**properties: Any) -> dict[str, Any]:
    """A refund of order o."""
    return track("Order Refunded", {"order_id": "o", **properties})


def stamped(timestamp: Any, **others: Any) -> dict[str, Any]:
    """A cart view with a timestamp."""
    return track("Cart Viewed", timestamp=timestamp, **others)


REFUSED: list[tuple[str, Any, str]] = [
    ("a message is an object", [1], "wrong_type"),
    ("a message is not null", None, "wrong_type"),
    ("a type is needed", {"userId": "u"}, "unknown_type"),
    ("an unknown type is refused", {"type": "delete", "userId": "u"}, "unknown_type"),
    ("a type is a string", {"type": ["track"], "userId": "u"}, "unknown_type"),
    ("a track needs its event", {"type": "track", "userId": "u"}, "required"),
    ("a blank event is none", track("  "), "required"),
    ("an event is a string", track(True), "wrong_type"),  # type: ignore[arg-type]
    ("an event name has an end", track("x" * 1025), "too_long"),
    ("bytes count, not characters", track("é" * 513), "too_long"),
    ("somebody did it", {"type": "track", "event": "Cart Viewed"}, "missing_id"),
    ("empty ids are none", track("Cart Viewed", userId="", anonymousId=None), "missing_id"),
    ("an id is a string", track("Cart Viewed", userId={"id": 1}), "wrong_type"),
    ("true is no id", track("Cart Viewed", userId=True), "wrong_type"),
    ("an id has an end", track("Cart Viewed", userId="u" * 1025), "too_long"),
    ("a message id has an end", track("Cart Viewed", messageId="u" * 1025), "too_long"),
    ("properties are an object", track("Cart Viewed", ["a"]), "wrong_type"),
    ("a context is an object", track("Cart Viewed", context="web"), "wrong_type"),
    ("traits are an object", {"type": "identify", "userId": "u", "traits": []}, "wrong_type"),
    ("a group is named", {"type": "group", "userId": "u"}, "required"),
    ("an alias has two ids", {"type": "alias", "userId": "u"}, "missing_id"),
    ("an alias has a user", {"type": "alias", "previousId": "a"}, "missing_id"),
    ("products are a list", track("Cart Viewed", {"products": {}}), "wrong_type"),
    ("a product is an object", track("Cart Viewed", {"products": ["s"]}), "wrong_type"),
    ("a product has a sku", track("Cart Viewed", {"products": [{"name": "x"}]}), "required"),
    ("no negative quantity", track("Product Added", {"sku": "s", "quantity": -1}), "out_of_range"),
    ("no absurd one", track("Product Added", {"sku": "s", "quantity": 10**6}), "out_of_range"),
    ("none beyond floats", track("Product Added", {"sku": "s", "quantity": 1e300}), "out_of_range"),
    ("no word for one", track("Product Added", {"sku": "s", "quantity": "two"}), "not_a_quantity"),
    ("no NaN in words", track("Product Added", {"sku": "s", "quantity": "NaN"}), "not_a_quantity"),
    ("no 5 places", track("Product Added", {"sku": "s", "quantity": 0.00001}), "too_many_digits"),
    ("true is no quantity", track("Product Added", {"sku": "s", "quantity": True}), "wrong_type"),
    ("no negative price", track("Product Added", {"sku": "s", "price": -1}), "negative_amount"),
    ("no absurd price", track("Product Added", {"sku": "s", "price": 1e13}), "amount_too_large"),
    ("a price is money", track("Product Added", {"sku": "s", "price": "12,50"}), "not_money"),
    ("in its digits", track("Product Added", {"sku": "s", "price": "1.005"}), "too_many_digits"),
    ("yen has none", order(currency="JPY", total="1.5"), "too_many_digits"),
    ("an unknown currency", order(currency="EURO"), "unknown_currency"),
    ("a currency is a string", order(currency=978), "unknown_currency"),
    ("an order has a number", order(order_id=None), "required"),
    ("an order has a currency", order(currency=None), "required"),
    ("an order has an amount", order(total=None), "required"),
    ("a sum needs all prices", order(total=None, products=[{"sku": "s"}]), "required"),
    ("a total is not negative", order(total="-1.00"), "negative_amount"),
    ("no absurd sum of products",
     order(total=None, products=[{"sku": "s", "quantity": 1e5, "price": "100000.01"}]),
     "amount_too_large"),
    ("a country has an end", order(country="x" * 65), "too_long"),
    ("a refund's money has a unit", refunded(total=1), "required"),
    ("so have its products' prices", refunded(products=[{"sku": "s", "price": 1}]), "required"),
    ("a cancellation names an order", track("Order Cancelled", {}), "required"),
    ("a timestamp has a zone", stamped("2026-11-23T12:00:00"), "not_a_moment"),
    ("a timestamp is text", stamped(1795435200), "not_a_moment"),
    ("a date is no moment", stamped("2026-11-23"), "not_a_moment"),
    ("no thirteenth month", stamped("2026-13-01T00:00:00Z"), "not_a_moment"),
    ("nor before all time", stamped("0001-01-01T00:00:00+14:00"), "not_a_moment"),
    ("not long ago", stamped("2014-01-01T00:00:00Z"), "occurred_too_long_ago"),
    ("a sending time is one", stamped("2026-11-23T12:00:00Z", sentAt="now"), "not_a_moment"),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "message", "code"), REFUSED, ids=[row[0] for row in REFUSED])
def test_a_message_is_refused_with_its_code(sentence: str, message: Any, code: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        read(message, ENVELOPE)
    assert refusal.value.code == code


READ: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("names are canonical", track("product viewed"), {"event": "Product Viewed"}),
    ("aliases are accepted", track("add-to-cart"), {"event": "Product Added"}),
    ("a custom event keeps its name", track("Quiz Taken"), {"event": "Quiz Taken"}),
    ("names are trimmed", track(" Cart Viewed "), {"event": "Cart Viewed"}),
    ("the product may stand alone",
     track("Product Viewed", {"product_id": 7, "price": 12.5, "quantity": 1, "category": "men"}),
     {"products": [{"sku": "7", "quantity": 1, "price_minor": 1250, "categories": ["men"]}],
      "currency": "USD"}),
    ("a sku goes before a product_id",
     track("Product Viewed", {"product_id": "7", "sku": "s"}), {"products": [{"sku": "s"}]}),
    ("or be in a list",
     track("Cart Viewed", {"products": [{"sku": "a"}, {"sku": "b", "quantity": "2.50"}]}),
     {"products": [{"sku": "a"}, {"sku": "b", "quantity": orjson.Fragment}]}),
    ("a currency in small letters is one",
     track("Product Viewed", {"sku": "s", "price": "5", "currency": "jpy"}),
     {"currency": "JPY", "products": [{"sku": "s", "price_minor": 5}]}),
    ("an event may have a value", track("Checkout Started", {"value": "9.90"}),
     {"value_minor": 990, "currency": "USD"}),
    ("coupons are a list", track("Coupon Applied", {"coupon": "SPRING"}), {"coupons": ["SPRING"]}),
    ("a search has its phrase", track("Products Searched", {"query": " red shoes "}),
     {"search_phrase": "red shoes"}),
    ("a declared property is counted", track("Quiz Taken", {"size": "XL", "stars": 4.5, "x": 1}),
     {"counted": {"size": "XL", "stars": orjson.Fragment}}),
    ("a custom price may be a word", track("Quiz Taken", {"price": "cheap", "sku": "s"}), {}),
    ("a custom product is read where it fits", track("Quiz Taken", {"sku": "s"}),
     {"products": [{"sku": "s"}]}),
    ("a page", {"type": "page", "userId": "u", "name": "Home"},
     {"kind": "page", "event": "Page Viewed", "properties": {"name": "Home"}}),
    ("a screen", {"type": "screen", "userId": "u"}, {"kind": "screen", "event": "Screen Viewed"}),
    ("traits lose their floats", {"type": "identify", "userId": "u", "traits": {"score": 2.5}},
     {"traits": {"score": orjson.Fragment}}),
    ("a group has its id", {"type": "group", "userId": "u", "groupId": "wholesale"},
     {"group_id": "wholesale"}),
    ("what else was sent is kept", track("Cart Viewed", channel="web", integrations={}),
     {"rest": {"channel": "web"}}),
    ("an order's total", order(), {"currency": "USD", "total_minor": 1000, "order_id": "o1"}),
    ("else its revenue", order(total=None, revenue=7), {"total_minor": 700}),
    ("else the sum of its products",
     order(total=None, products=[{"sku": "a", "price": "2.50", "quantity": 3},
                                 {"sku": "b", "price": 1}]),
     {"total_minor": 850,
      "products": [{"sku": "a", "quantity": 3, "price_minor": 250},
                   {"sku": "b", "quantity": 1, "price_minor": 100}]}),
    ("an order's country", order(shipping_address={"country": "DE"}), {"country": "DE"}),
    ("else its device's", {**order(), "context": {"location": {"country": "FR"}}},
     {"country": "FR"}),
    ("an order may be free", order(total=0), {"total_minor": 0}),
    ("an order number may be a number", order(order_id=1001), {"order_id": "1001"}),
    ("a refund of everything", track("Order Refunded", {"order_id": "o1"}), {"order_id": "o1"}),
    ("a refund of an amount",
     track("Order Refunded", {"order_id": "o1", "currency": "USD", "total": 3}),
     {"total_minor": 300, "currency": "USD"}),
    ("a refund of products without prices",
     track("Order Refunded", {"order_id": "o1", "products": [{"sku": "a"}]}),
     {"products": [{"sku": "a", "quantity": 1}]}),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "message", "expected"), READ, ids=[row[0] for row in READ])
def test_a_message_is_read(
    sentence: str, message: dict[str, Any], expected: dict[str, Any]
) -> None:
    data = read(message, ENVELOPE).data
    assert _comparable({name: data.get(name) for name in expected}) == _comparable(expected)
    if not expected:
        assert "products" not in data


@pytest.mark.parametrize("row", READ, ids=[row[0] for row in READ])
def test_every_field_is_in_the_vocabulary(row: tuple[str, dict[str, Any], Any]) -> None:
    draft = read(row[1], ENVELOPE)
    known = VOCABULARY[draft.topic]
    assert draft.data.keys() <= known.open | known.sealed


@pytest.mark.parametrize("phrase", ["anna@example.org", "order 1234567", "call 0301234567"])
def test_a_personal_search_phrase_stays_sealed(phrase: str) -> None:
    draft = read(track("Products Searched", {"query": phrase}), ENVELOPE)
    assert "search_phrase" not in draft.data
    assert draft.data["properties"]["query"] == phrase


def test_a_site_may_seal_all_search_phrases() -> None:
    sealing = Envelope("server", NOON, Reading("USD", (), True))
    draft = read(track("Products Searched", {"query": "shoes"}), sealing)
    assert "search_phrase" not in draft.data


def test_a_message_without_an_id_gets_one_from_what_it_says() -> None:
    def one(**others: Any) -> Draft:
        message = track("Cart Viewed", {"b": 1, "a": 2}, **others)
        del message["messageId"]
        return read(message, ENVELOPE)

    first, again = one(), one(sentAt="2026-11-23T12:00:00Z")
    assert first.message_id == again.message_id
    assert one(userId="u2").message_id != first.message_id


def test_the_same_words_of_another_type_are_another_message() -> None:
    said = {"anonymousId": "a", "userId": "u"}
    routes = ("page", "screen", "identify", "alias")
    ids = {read(said, Envelope("server", NOON, READING, type=kind)).message_id for kind in routes}
    assert len(ids) == 4
    named = {**said, "type": "page"}
    assert read(named, ENVELOPE).message_id in ids  # the same page, in a batch


def test_an_order_s_later_events_need_no_shopper_from_a_server_only() -> None:
    message = {"type": "track", "event": "Order Refunded", "properties": {"order_id": "o1"}}
    assert read(message, ENVELOPE).user_id is None
    with pytest.raises(InvalidValue, match="missing_id"):
        read(message, PUBLIC)


def test_the_route_names_the_type() -> None:
    envelope = Envelope("server", NOON, READING, None, "identify")
    assert read({"type": "track", "userId": "u1"}, envelope).topic == "ShopperIdentified"


def test_a_refusal_never_repeats_what_was_sent() -> None:
    for _, message, _ in REFUSED:
        with pytest.raises(InvalidValue) as refusal:
            read(message, ENVELOPE)
        for sent in ("12,50", "EURO", "two", "2026-13", "delete"):
            assert sent not in refusal.value.detail


def _comparable(value: Any) -> Any:
    """Decimals compare by being there: their digits are values' own tests."""
    if isinstance(value, dict):
        return {name: _comparable(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_comparable(item) for item in value]
    return "a decimal" if value is orjson.Fragment or type(value).__name__ == "Decimal" else value

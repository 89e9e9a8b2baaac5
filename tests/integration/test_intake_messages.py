"""Messages in the log, on both databases: once each, sealed, under the right shopper."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from aggregates.kernel.clock import SECOND
from aggregates.kernel.ids import stream_id
from aggregates.kernel.limits import MESSAGE_BYTES_MAX
from app.database import Stores
from app.eventlog.keys import KeyStore
from app.eventlog.log import SqlEventLog
from tests.fakes import NOON
from tests.fakes import SettableClock
from tests.intake_fixtures import SITE
from tests.intake_fixtures import Shop
from tests.intake_fixtures import shop_of


@pytest.fixture
def shop(
    stores: Stores, keys: KeyStore, clock: SettableClock, open_log: Callable[..., SqlEventLog]
) -> Shop:
    """A shop on either database."""
    return shop_of(stores, keys, clock, open_log)


def viewed(message_id: str | None, sku: str = "s", **ids: str) -> dict[str, Any]:
    """A product page was looked at."""
    message = {"type": "track", "event": "Product Viewed", "properties": {"sku": sku}}
    named = {"messageId": message_id} if message_id else {}
    return {**message, **named, **(ids or {"userId": "anna"})}


def ordered(event: str, message_id: str, order_id: str = "o1", **ids: Any) -> dict[str, Any]:
    """An order event worth 10.00."""
    properties = {"order_id": order_id, "currency": "USD", "total": "10.00"}
    message = {"type": "track", "event": event, "messageId": message_id, "properties": properties}
    return {**message, **ids}


def test_a_batch_is_taken_in_and_each_message_stands_for_itself(shop: Shop) -> None:
    received = shop.send(viewed("m1"), {"type": "track"}, viewed("m2", anonymousId="a1"), 7)
    assert received.to_json() == {
        "success": True,
        "accepted": 2,
        "duplicates": 0,
        "rejected": [
            {"index": 1, "messageId": None, "code": "required",
             "detail": "/event: a track message names its event"},
            {"index": 3, "messageId": None, "code": "wrong_type",
             "detail": "the message: an object"},
        ],
    }  # fmt: skip
    assert received.log_position == shop.log.head(SITE).position == 4


def test_an_empty_batch_is_nothing(shop: Shop) -> None:
    received = shop.send()
    assert (received.accepted, received.log_position) == (0, 0)


def test_a_message_counts_once_however_often_it_comes(shop: Shop) -> None:
    assert shop.send(viewed("m1"), viewed("m1", "other")).duplicates == 1
    again = shop.send(viewed("m1"), viewed("m2"))
    assert (again.accepted, again.duplicates) == (1, 1)
    assert [event.data["message_id"] for event in shop.events()] == ["m1", "m2"]


def test_a_message_without_an_id_counts_once_by_its_content(shop: Shop) -> None:
    assert shop.send(viewed(None), viewed(None)).duplicates == 1
    assert shop.send({**viewed(None), "sentAt": "2026-11-23T12:00:00Z"}).duplicates == 1
    assert shop.send(viewed(None, "other")).accepted == 1


def test_a_stream_does_not_tell_what_was_said_to_one_who_guesses(shop: Shop) -> None:
    shop.send(viewed(None), {"type": "track", "userId": "anna"})
    said, refused = shop.events()
    assert said.stream_id != stream_id(SITE, "message", said.data["message_id"])
    guess = hashlib.sha256(refused.data["message"].encode()).hexdigest()
    assert refused.stream_id != stream_id(SITE, "quarantine", guess)


def test_a_public_client_cannot_take_a_servers_message_id(shop: Shop) -> None:
    shop.send(viewed("order-1001", anonymousId="evil"), trusted=False)
    received = shop.send(ordered("Order Completed", "order-1001", userId="anna"), trusted=True)
    assert received.accepted == 1


def test_an_event_is_its_users_and_the_other_id_stands_beside(shop: Shop) -> None:
    shop.send(viewed("m1", userId="anna", anonymousId="a1"), viewed("m2", anonymousId="a1"))
    first, second = shop.events()
    assert first.shopper_id == shop.customer("anna")
    assert first.data["via"] == second.shopper_id == shop.anonymous("a1")
    assert "via" not in second.data
    assert (first.data["user_id"], first.data["anonymous_id"]) == ("anna", "a1")


def test_the_open_part_names_nobody(shop: Shop) -> None:
    personal = {"context": {"ip": "203.0.113.9"}, "channel": "the web"}
    shop.send({**viewed("m1", userId="anna", anonymousId="a1"), **personal})
    (event,) = shop.log.read(SITE, 0, 10)
    assert set(event.data) == {"kind", "event", "products", "via", "trust"}
    assert event.data["products"] == [{"sku": "s"}]
    (opened,) = shop.events()
    assert opened.data["context"] == {"ip": "203.0.113.9"}
    assert opened.data["rest"] == {"channel": "the web"}


def test_the_same_value_is_another_id_as_a_customer(shop: Shop) -> None:
    shop.send(viewed("m1", userId="x"), viewed("m2", anonymousId="x"))
    first, second = shop.events()
    assert first.shopper_id != second.shopper_id


ODD = [
    ("a NUL", viewed("m1", "a\0b"), "nul_in_string"),
    ("a NUL in a name", {**viewed("m1"), "context": {"\0": 1}}, "nul_in_string"),
    ("the log's own name", {**viewed("m1"), "context": {"$decimal": "x"}}, "reserved_name"),
    ("more than a message holds", {**viewed("m1"), "context": {"a": "x" * MESSAGE_BYTES_MAX}},
     "message_too_large"),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "message", "code"), ODD, ids=[row[0] for row in ODD])
def test_odd_content_is_refused_and_kept(
    shop: Shop, sentence: str, message: dict[str, Any], code: str
) -> None:
    received = shop.send(message, viewed("m2"))
    assert (received.accepted, received.rejected[0]["code"]) == (1, code)
    assert len(shop.events("MessageQuarantined")) == 1


def test_a_written_backslash_u0000_is_no_nul(shop: Shop) -> None:
    assert shop.send(viewed("m1", "a\\u0000b")).accepted == 1


def test_quarantine_is_sealed_for_whom_it_names_and_keeps_a_message_once(
    shop: Shop, open_log: Callable[..., SqlEventLog]
) -> None:
    bad = {"type": "track", "userId": "anna", "messageId": "m1"}
    shop.send(bad)
    shop.clock.advance(SECOND)
    assert shop.send(bad).rejected[0]["messageId"] == "m1"
    (closed,) = shop.log.read(SITE, 0, 10)
    assert closed.data == {
        "code": "required", "detail": "/event: a track message names its event", "trust": "server"
    }  # fmt: skip
    (opened,) = shop.events()
    assert opened.data["message"] == '{"messageId":"m1","type":"track","userId":"anna"}'
    assert opened.data["received_at"] == NOON
    shop.keys.destroy(SITE, [shop.keys.of(SITE, "customer", "anna")], NOON)
    (erased,) = open_log(shop.stores).read(SITE, 0, 10, unseal=True)
    assert erased.erased


def test_a_clock_that_is_ahead_is_flagged_and_what_it_said_is_kept(shop: Shop) -> None:
    shop.send({**viewed("m1"), "timestamp": "2027-01-01T00:00:00Z"})
    (event,) = shop.events()
    assert event.occurred_at == event.recorded_at == NOON
    assert event.data["flags"] == ["ahead"]
    assert event.data["timestamp"] == "2027-01-01T00:00:00Z"


def test_a_batchs_sending_time_corrects_all_its_messages(shop: Shop) -> None:
    hour_fast = {**viewed("m1"), "timestamp": "2026-11-23T12:59:00Z"}
    shop.send(hour_fast, sent_at="2026-11-23T13:00:00Z")
    assert shop.events()[0].occurred_at == NOON - 60 * SECOND


def test_settings_say_what_is_counted_and_in_which_currency(shop: Shop) -> None:
    shop.set(base_currency="JPY", counted_properties=("size",), seal_search_phrases=True)
    shop.send(
        {**viewed("m1"), "properties": {"sku": "s", "price": 1250, "size": "XL", "color": "red"}},
        {**viewed("m2"), "event": "Products Searched", "properties": {"query": "shoes"}},
    )
    first, second = shop.log.read(SITE, 1, 10)
    assert first.data["products"] == [{"sku": "s", "price_minor": 1250}]
    assert first.data["counted"] == {"size": "XL"}
    assert first.data["currency"] == "JPY"
    assert "search_phrase" not in second.data


def test_the_order_number_is_never_open(shop: Shop) -> None:
    shop.send(ordered("Order Completed", "m1", "R-2026-1001", userId="anna"))
    (event,) = shop.log.read(SITE, 0, 10)
    assert event.topic == "OrderCompleted"
    assert event.data["order"] == shop.keys.digest(SITE, "order", "R-2026-1001")
    assert "order_id" not in event.data
    assert event.data["total_minor"] == 1000


def test_an_orders_later_events_are_its_owners_whoever_sent_them(shop: Shop) -> None:
    shop.send(ordered("Order Completed", "m1", userId="anna"))
    shop.send(
        ordered("Order Refunded", "m2"),
        ordered("Order Updated", "m3", userId="clerk"),
        ordered("Order Completed", "m4", anonymousId="a9"),
    )
    anna = shop.customer("anna")
    events = shop.events()
    assert [event.shopper_id for event in events] == [anna] * 4
    assert [event.data.get("via") for event in events[1:]] == [
        None, shop.customer("clerk"), shop.anonymous("a9")
    ]  # fmt: skip
    assert events[2].data["user_id"] == "clerk"


def test_an_order_made_in_the_same_batch_has_its_owner_at_once(shop: Shop) -> None:
    shop.send(
        ordered("Order Refunded", "m0"),
        ordered("Order Completed", "m1", userId="anna"),
        ordered("Order Cancelled", "m2"),
    )
    before, _, after = shop.events()
    assert before.shopper_id is None
    assert before.data["flags"] == ["order_unknown"]
    assert after.shopper_id == shop.customer("anna")
    assert "flags" not in after.data


def test_what_a_public_client_claims_of_orders_stays_its_own(shop: Shop) -> None:
    shop.send(ordered("Order Completed", "m1", userId="anna"))
    shop.send(ordered("Order Refunded", "m2", anonymousId="evil"), trusted=False)
    shop.send(ordered("Order Completed", "m3", "o2", anonymousId="evil"), trusted=False)
    shop.send(ordered("Order Completed", "m4", "o2", userId="ben"))
    refund, claimed, made = shop.events()[1:]
    assert refund.shopper_id == claimed.shopper_id == shop.anonymous("evil")
    assert refund.data["trust"] == claimed.data["trust"] == "client"
    assert made.shopper_id == shop.customer("ben")


def test_traits_of_a_public_client_are_marked(shop: Shop) -> None:
    message = {"type": "identify", "userId": "anna", "traits": {"vip": True}, "messageId": "m1"}
    shop.send(message, trusted=False)
    assert shop.events()[0].data["trust"] == "client"


def test_decimals_come_back_as_they_were_sent(shop: Shop) -> None:
    shop.send({"type": "identify", "userId": "anna", "traits": {"score": 2.5, "n": 3}})
    assert str(shop.events()[0].data["traits"]["score"]) == "2.5"
    assert shop.events()[0].data["traits"]["n"] == 3

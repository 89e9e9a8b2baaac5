"""A refused message is repaired and resubmitted: once, when it happened, under the trust it had."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from aggregates.kernel.clock import DAY
from aggregates.kernel.clock import SECOND
from aggregates.kernel.errors import Conflict
from aggregates.kernel.errors import Erased
from aggregates.kernel.errors import InvalidValue
from aggregates.kernel.errors import NotFound
from aggregates.kernel.ids import stream_id
from aggregates.log import Append
from aggregates.log import NewEvent
from app.database import Stores
from app.eventlog.keys import KeyStore
from app.eventlog.log import SqlEventLog
from app.intake.resubmission import Resubmission
from app.intake.resubmission import Resubmitted
from projections import quarantine
from projections.follower import Follower
from projections.quarantine import Quarantine
from projections.quarantine import Quarantined
from tests.fakes import NOON
from tests.fakes import SettableClock
from tests.intake_fixtures import SITE
from tests.intake_fixtures import Shop
from tests.intake_fixtures import shop_of

ORDER = {"order_id": "o1", "currency": "USD", "total": "10.00"}
HOUR = 3_600 * SECOND


@pytest.fixture
def shop(
    stores: Stores, keys: KeyStore, clock: SettableClock, open_log: Callable[..., SqlEventLog]
) -> Shop:
    """A shop on either database."""
    return shop_of(stores, keys, clock, open_log)


def clicked(**more: Any) -> dict[str, Any]:
    """A click in a unit; wrong, unless `properties` name the unit."""
    message = {"type": "track", "event": "Recommendation Clicked", "userId": "anna"}
    return {**message, "properties": {"sku": "a"}, "messageId": "m1", **more}


RIGHT = clicked(properties={"sku": "a", "unit_id": "u"})


def refused(shop: Shop, message: Any, **options: Any) -> int:
    """The position at which a message was quarantined; a day passes."""
    received = shop.send(message, **options)
    assert (received.accepted, len(received.rejected)) == (0, 1)
    shop.clock.advance(DAY)
    return received.log_position


def resubmit(shop: Shop, position: int, *repaired: Any) -> Resubmitted:
    """Sends it again; as it is, or another one."""
    use = Resubmission(shop.intake(), shop.keys, shop.log)
    return use.resubmit(SITE, position, {"message": repaired[0]} if repaired else {}, "key-1")


def listed(shop: Shop, resubmitted: bool | None = False) -> list[Quarantined]:
    """What stands in quarantine, once it was folded."""
    Follower(shop.stores, shop.log, [Quarantine()], shop.clock).catch_up(SITE)
    with shop.stores.read.connect() as connection:
        return quarantine.listed(connection, SITE, 100, None, resubmitted)


def test_a_repaired_message_is_taken_in_and_leaves_quarantine(shop: Shop) -> None:
    position = refused(shop, clicked())
    assert [item.position for item in listed(shop)] == [position]
    done = resubmit(shop, position, RIGHT)
    assert done.to_json() == {
        "position": position, "status": "resubmitted", "accepted": 1, "duplicates": 0
    }  # fmt: skip
    _, click, closed = shop.events()
    assert click.data["unit"] == "u"
    assert click.data["flags"] == ["resubmitted"]
    assert click.shopper_id == shop.customer("anna")
    assert closed.position == done.log_position
    assert closed.topic == "MessageResubmitted"
    assert closed.shopper_id is None
    assert (closed.data["quarantined"], closed.data["repaired"]) == (position, True)
    assert closed.data["actor"] == "key-1"
    assert listed(shop) == []
    (item,) = listed(shop, True)
    assert (item.position, item.resubmitted_position) == (position, closed.position)
    assert listed(shop, None) == [item]


def test_resubmitting_twice_takes_in_once(shop: Shop) -> None:
    position = refused(shop, clicked())
    first = resubmit(shop, position, RIGHT)
    again = resubmit(shop, position, RIGHT)
    assert again == Resubmitted(position, 0, 1, first.log_position)
    assert len(shop.events()) == 3
    for other in (clicked(), {**RIGHT, "messageId": "m2"}):
        with pytest.raises(Conflict) as conflict:
            resubmit(shop, position, other)
        assert conflict.value.code == "already_resubmitted"
        assert conflict.value.data["resubmitted_position"] == first.log_position
    assert len(shop.events()) == 3


def test_many_who_resubmit_at_once_take_in_one(shop: Shop) -> None:
    position = refused(shop, {"type": "identify", "anonymousId": "a1", "userId": ["anna"]})
    done: list[Any] = []
    start = threading.Barrier(4)

    def try_it(number: int) -> None:
        repaired = {"type": "identify", "anonymousId": "a1", "userId": f"anna-{number}"}
        start.wait()
        try:
            done.append(resubmit(shop, position, repaired))
        except Conflict as conflict:
            done.append(conflict.code)

    threads = [threading.Thread(target=try_it, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one if isinstance(one, str) else "taken" for one in done) == [
        *["already_resubmitted"] * 3, "taken"
    ]  # fmt: skip
    assert len(shop.events("ShopperIdentified", "MessageResubmitted")) == 2
    assert len(shop.links("a1")) == 1


def test_what_is_still_wrong_says_why_and_stays(shop: Shop) -> None:
    position = refused(shop, clicked())
    for repair, code in (
        ((), "required"),
        ((clicked(properties={"unit_id": "a@b"}),), "not_an_id"),
        (([1],), "wrong_type"),
        ((clicked(context={"a": "x" * 40_000}),), "message_too_large"),
    ):
        with pytest.raises(InvalidValue) as refusal:
            resubmit(shop, position, *repair)
        assert refusal.value.code == code
    assert len(shop.events()) == 1
    assert len(listed(shop)) == 1


def test_settings_may_be_what_was_wrong(shop: Shop) -> None:
    message = {
        "type": "track",
        "event": "Cart Viewed",
        "userId": "anna",
        "properties": {"value": "1.005"},
    }
    position = refused(shop, message)
    shop.set(base_currency="BHD")
    assert resubmit(shop, position).accepted == 1
    assert shop.events("InteractionRecorded")[0].data["value_minor"] == 1005
    assert shop.events("MessageResubmitted")[0].data["repaired"] is False


def test_a_message_that_came_in_otherwise_meanwhile_counts_once(shop: Shop) -> None:
    position = refused(shop, clicked())
    shop.send(RIGHT)
    done = resubmit(shop, position, RIGHT)
    assert (done.accepted, done.duplicates) == (0, 1)
    assert len(shop.events("InteractionRecorded")) == 1
    assert listed(shop) == []
    assert shop.send(RIGHT).duplicates == 1


WHEN: list[tuple[str, dict[str, Any], str | None, int, list[str]]] = [
    ("its own timestamp", {"timestamp": "2026-11-23T11:00:00Z"}, None, NOON - HOUR, []),
    ("corrected by when it came in",
     {"timestamp": "2026-11-23T12:30:00Z", "sentAt": "2026-11-23T13:00:00Z"}, None,
     NOON - HOUR // 2, []),
    ("also by its batch", {"timestamp": "2026-11-23T12:30:00Z"}, "2026-11-23T13:00:00Z",
     NOON - HOUR // 2, []),
    ("without one, the moment it came in", {}, "2026-11-23T13:00:00Z", NOON, []),
    ("ahead of that, too", {"timestamp": "2026-11-23T13:00:00Z"}, None, NOON, ["ahead"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("stamped", "sent_at", "at", "flags"), [row[1:] for row in WHEN], ids=[row[0] for row in WHEN]
)
def test_it_happened_when_it_would_have(
    shop: Shop, stamped: dict[str, Any], sent_at: str | None, at: int, flags: list[str]
) -> None:
    position = refused(shop, {**clicked(), **stamped}, sent_at=sent_at)
    resubmit(shop, position, {**RIGHT, **stamped})
    (click,) = shop.events("InteractionRecorded")
    assert (click.occurred_at, click.recorded_at) == (at, NOON + DAY)
    assert click.data["flags"] == [*flags, "resubmitted"]


def test_a_late_identify_does_not_undo_a_newer_one(shop: Shop) -> None:
    identify = {"type": "identify", "anonymousId": "a1", "traits": []}
    position = refused(shop, {**identify, "userId": "anna"})
    shop.send({"type": "identify", "anonymousId": "a1", "userId": "ben"})
    resubmit(shop, position, {"type": "identify", "anonymousId": "a1", "userId": "anna"})
    assert [link.customer for link in shop.links("a1")] == [shop.customer("ben")]


def test_a_clients_word_stays_a_clients_word(shop: Shop) -> None:
    bad = {"type": "track", "event": "Order Completed", "anonymousId": "a1", "messageId": "m1",
           "properties": {**ORDER, "total": "x"}}  # fmt: skip
    position = refused(shop, bad, trusted=False)
    resubmit(shop, position, {**bad, "properties": ORDER})
    (order,) = shop.events("OrderCompleted")
    assert order.data["trust"] == "client"
    made = shop.send(
        {**bad, "properties": ORDER, "userId": "ben"}, trusted=True
    )  # the order is still nobody's, and the id of the message still free
    assert made.accepted == 1
    assert shop.events("OrderCompleted")[1].shopper_id == shop.customer("ben")


def test_a_servers_word_stays_a_servers_word(shop: Shop) -> None:
    bad = {"type": "track", "event": "Order Completed", "userId": "anna", "messageId": "m1",
           "properties": {**ORDER, "currency": "EURO"}}  # fmt: skip
    client = refused(shop, bad, trusted=False)
    server = refused(shop, bad, trusted=True)  # kept although a client sent the very same before
    assert [(item.position, item.trust) for item in listed(shop)] == [
        (server, "server"), (client, "client")
    ]  # fmt: skip
    resubmit(shop, server, {**bad, "properties": ORDER})
    (order,) = shop.events("OrderCompleted")
    assert order.data["trust"] == "server"
    assert [item.position for item in listed(shop)] == [client]


def test_an_event_from_before_trust_was_recorded_counts_as_a_clients(shop: Shop) -> None:
    data = {"code": "required", "detail": "x", "message": '{"type":"track","userId":"anna"}',
            "received_at": NOON}  # fmt: skip
    old = NewEvent(stream_id(SITE, "quarantine", "old"), 1, "MessageQuarantined", data)
    position = shop.log.append(Append(SITE, (old,))).log_position
    assert [item.trust for item in listed(shop)] == ["client"]
    resubmit(shop, position, {"type": "track", "userId": "anna", "event": "Cart Viewed"})
    assert shop.events("InteractionRecorded")[0].data["trust"] == "client"


def test_the_route_s_type_is_remembered_unless_the_repair_names_another(shop: Shop) -> None:
    first = refused(shop, {"userId": "anna", "messageId": "m1"}, kind="track")
    resubmit(shop, first, {"userId": "anna", "messageId": "m1", "event": "Cart Viewed"})
    assert shop.events("InteractionRecorded")[0].data["event"] == "Cart Viewed"
    second = refused(shop, {"userId": "anna", "messageId": "m2"}, kind="track")
    resubmit(shop, second, {"userId": "anna", "messageId": "m2", "type": "identify"})
    assert len(shop.events("ShopperIdentified")) == 1
    third = refused(shop, {"userId": "anna", "type": "page", "messageId": "m3"}, kind="track")
    with pytest.raises(InvalidValue, match="required"):
        resubmit(shop, third)


def test_what_is_not_in_quarantine_is_not_found(shop: Shop) -> None:
    shop.send(RIGHT)
    for position in (0, 1, 2, 2**62):
        with pytest.raises(NotFound) as missing:
            resubmit(shop, position)
        assert missing.value.code == "message_unknown"


def test_what_an_erased_person_sent_is_gone(
    shop: Shop, open_log: Callable[..., SqlEventLog]
) -> None:
    position = refused(shop, clicked())
    shop.keys.destroy(SITE, [shop.customer("anna")], NOON)
    keys = KeyStore(shop.stores.keys, b"pepper of the tests, 32 bytes at least")
    other = Shop(shop.stores, keys, open_log(shop.stores), shop.clock)
    with pytest.raises(Erased, match="message_erased"):
        resubmit(other, position, RIGHT)
    assert len(shop.log.read(SITE, 0, 10)) == 1


def test_a_rebuild_gives_the_same_rows(shop: Shop) -> None:
    positions = [refused(shop, clicked(messageId=f"m{number}")) for number in range(5)]
    resubmit(shop, positions[1], {**RIGHT, "messageId": "m1"})
    resubmit(shop, positions[4], {**RIGHT, "messageId": "m4"})
    live = listed(shop, None)
    follower = Follower(shop.stores, shop.log, [Quarantine()], shop.clock)
    follower.rebuild(SITE, "quarantine")
    follower.catch_up(SITE)
    assert listed(shop, None) == live
    assert [item.resubmitted_position is None for item in live] == [False, True, True, False, True]

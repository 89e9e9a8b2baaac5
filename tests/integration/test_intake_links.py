"""Links between ids, on both databases: who is whose, from when to when, and by whose word."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from aggregates.kernel.clock import SECOND
from aggregates.kernel.clock import format_moment
from app.database import Stores
from app.eventlog.keys import KeyStore
from app.eventlog.log import SqlEventLog
from tests.fakes import NOON
from tests.fakes import SettableClock
from tests.intake_fixtures import SITE
from tests.intake_fixtures import Shop
from tests.intake_fixtures import shop_of

MINUTE = 60 * SECOND


@pytest.fixture
def shop(
    stores: Stores, keys: KeyStore, clock: SettableClock, open_log: Callable[..., SqlEventLog]
) -> Shop:
    """A shop on either database."""
    return shop_of(stores, keys, clock, open_log)


def identify(user: str, message_id: str, anonymous: str = "a1", **others: Any) -> dict[str, Any]:
    """The browser a1 is this customer's."""
    return {
        "type": "identify",
        "userId": user,
        "anonymousId": anonymous,
        "messageId": message_id,
        **others,
    }


def at(minutes: int) -> str:
    """A moment some minutes after noon."""
    return format_moment(NOON + minutes * MINUTE)


def customers(shop: Shop, anonymous: str = "a1") -> list[tuple[str, bool]]:
    """Whose the browser was, oldest first, and whether it still is."""
    return [(link.customer, link.unlinked_position is None) for link in shop.links(anonymous)]


def test_identify_joins_a_browser_to_its_customer(shop: Shop) -> None:
    shop.send(identify("anna", "m1"))
    assert shop.person(shop.anonymous("a1")) == {shop.anonymous("a1"), shop.customer("anna")}
    (event,) = shop.events("IdentitiesLinked")
    assert event.data == {
        "anonymous": shop.anonymous("a1"), "customer": shop.customer("anna"), "trust": "server"
    }  # fmt: skip


def test_the_same_again_links_nothing_new(shop: Shop) -> None:
    shop.send(identify("anna", "m1"), identify("anna", "m2"))
    shop.send(identify("anna", "m3"))
    assert len(shop.events("IdentitiesLinked")) == 1
    assert len(shop.events("ShopperIdentified")) == 3


def test_another_customer_closes_the_former_link_at_that_moment(shop: Shop) -> None:
    shop.clock.advance(30 * MINUTE)
    shop.send(identify("anna", "m1", timestamp=at(10)), identify("ben", "m2", timestamp=at(20)))
    first, second = shop.links("a1")
    assert (first.customer, first.unlinked_at) == (shop.customer("anna"), NOON + 20 * MINUTE)
    assert (second.customer, second.linked_at) == (shop.customer("ben"), NOON + 20 * MINUTE)
    assert second.unlinked_position is None
    assert shop.person(shop.customer("anna")) == {shop.customer("anna")}
    unlinked, linked = shop.events("IdentitiesUnlinked", "IdentitiesLinked")[-2:]
    assert (unlinked.version, linked.version) == (2, 3)


def test_there_and_back_again(shop: Shop) -> None:
    for index, user in enumerate(("anna", "ben", "anna", "ben")):
        shop.clock.advance(MINUTE)
        shop.send(identify(user, f"m{index}"))
    anna, ben = shop.customer("anna"), shop.customer("ben")
    assert customers(shop) == [(anna, False), (ben, False), (anna, False), (ben, True)]


def test_there_and_back_in_one_batch(shop: Shop) -> None:
    shop.send(*(identify(user, f"m{i}") for i, user in enumerate(("anna", "ben", "anna"))))
    anna, ben = shop.customer("anna"), shop.customer("ben")
    assert customers(shop) == [(anna, False), (ben, False), (anna, True)]


def test_an_older_message_that_comes_late_changes_nothing(shop: Shop) -> None:
    shop.clock.advance(30 * MINUTE)
    shop.send(identify("ben", "m2", timestamp=at(20)))
    shop.send(identify("anna", "m1", timestamp=at(10)))
    assert customers(shop) == [(shop.customer("ben"), True)]


def test_a_repeat_of_an_old_message_does_not_link_again(shop: Shop) -> None:
    shop.send(identify("anna", "m1"))
    shop.send(identify("ben", "m2"))
    shop.clock.advance(MINUTE)
    received = shop.send(identify("anna", "m1"), identify("anna", "m1"))
    assert received.duplicates == 2
    assert customers(shop)[-1] == (shop.customer("ben"), True)


def test_a_repeat_that_only_its_own_batch_makes_moving_does_not_link(shop: Shop) -> None:
    shop.send(identify("anna", "m1"))
    shop.clock.advance(MINUTE)
    shop.send(identify("ben", "m2"), identify("anna", "m1"))
    assert customers(shop)[-1] == (shop.customer("ben"), True)


def test_a_public_clients_link_joins_nothing_to_a_known_profile(shop: Shop) -> None:
    shop.send(identify("anna", "m1"), trusted=False)
    assert customers(shop) == [(shop.customer("anna"), True)]
    assert shop.person(shop.anonymous("a1")) == {shop.anonymous("a1")}
    assert shop.person(shop.customer("anna")) == {shop.customer("anna")}


def test_a_server_confirms_what_a_client_linked(shop: Shop) -> None:
    shop.send(identify("anna", "m1"), trusted=False)
    shop.send(identify("anna", "m2"))
    assert [link.trust for link in shop.links("a1")] == ["client", "server"]
    assert shop.person(shop.anonymous("a1")) == {shop.anonymous("a1"), shop.customer("anna")}


def test_a_client_does_not_weaken_what_a_server_linked(shop: Shop) -> None:
    shop.send(identify("anna", "m1"))
    shop.send(identify("anna", "m2"), trusted=False)
    assert [link.trust for link in shop.links("a1")] == ["server"]


def test_a_client_never_merges_two_known_customers(shop: Shop) -> None:
    shop.send(identify("anna", "m1"))
    shop.send(
        identify("ben", "m2"),
        {"type": "alias", "previousId": "anna", "userId": "ben", "messageId": "m3"},
        trusted=False,
    )
    for known in (shop.customer("anna"), shop.customer("ben"), shop.anonymous("a1")):
        assert shop.person(known) == {known}


def test_an_alias_of_an_anonymous_id_links_it(shop: Shop) -> None:
    shop.send({"type": "alias", "previousId": "a7", "userId": "anna", "messageId": "m1"})
    assert customers(shop, "a7") == [(shop.customer("anna"), True)]
    (event,) = shop.events("InteractionRecorded")
    assert (event.data["kind"], event.data["via"]) == ("alias", shop.anonymous("a7"))


@pytest.mark.parametrize("trusted", [True, False])
def test_an_alias_of_a_former_customer_is_kept_and_merges_nothing(
    shop: Shop, trusted: bool
) -> None:
    alias = {"type": "alias", "previousId": "anna", "userId": "ben", "messageId": "m2"}
    shop.send(identify("anna", "m1"))
    shop.send(alias, trusted=trusted)
    assert customers(shop, "anna") == []
    assert shop.events("InteractionRecorded")[0].data["flags"] == ["not_merged"]


def test_an_alias_of_oneself_is_nothing(shop: Shop) -> None:
    shop.send({"type": "alias", "previousId": "anna", "userId": "anna", "messageId": "m1"})
    assert shop.events("IdentitiesLinked") == []


def test_one_customer_may_have_many_browsers(shop: Shop) -> None:
    shop.send(*(identify("anna", f"m{i}", f"a{i}") for i in range(3)))
    assert shop.person(shop.customer("anna")) == {
        shop.customer("anna"), *(shop.anonymous(f"a{i}") for i in range(3))
    }  # fmt: skip


def test_of_many_at_once_exactly_one_link_stays_open(
    shop: Shop, stores: Stores, clock: SettableClock, open_log: Callable[..., SqlEventLog]
) -> None:
    other = shop_of(stores, shop.keys, clock, open_log)
    failed: list[BaseException] = []

    def send(index: int) -> None:
        try:
            (shop, other)[index % 2].send(identify(f"u{index}", f"m{index}"))
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=send, args=(index,)) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    links = customers(shop)
    assert len(links) == 8
    assert [is_open for _, is_open in links] == [False] * 7 + [True]
    versions = [e.version for e in shop.events("IdentitiesLinked", "IdentitiesUnlinked")]
    assert versions == list(range(1, 16))


def test_the_log_holds_all_links_of_a_site_in_its_own_order(shop: Shop) -> None:
    shop.send(*(identify(f"u{i}", f"m{i}", f"a{i % 3}") for i in range(9)))
    assert shop.log.head(SITE).position == 9 + 9 + 6

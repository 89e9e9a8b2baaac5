"""What is written with the event: catalogue, identities, sites, keys, owners of orders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from aggregates.kernel.clock import SystemClock
from aggregates.kernel.errors import NotFound
from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.ids import SiteId
from aggregates.log import RecordedEvent
from aggregates.site import SiteSettings
from projections import api_keys
from projections import catalogue
from projections import identities
from projections import order_owners
from projections import profiles
from projections import sites
from projections.followed import followed
from projections.follower import Follower
from projections.projection import Projection
from tests.projection_events import ANNA
from tests.projection_events import BEN
from tests.projection_events import NOON
from tests.projection_events import SITE
from tests.projection_events import MemoryLog
from tests.projection_events import ordered
from tests.projection_events import recorded
from tests.projection_events import viewed

PHONE = Pseudonym("1" * 32)
LAPTOP = Pseudonym("2" * 32)
Fold = Callable[..., None]


@pytest.fixture
def fold(stores: Any) -> Fold:
    """Folds events as the log's writer does: one unit, one transaction."""

    def folding(projection: Projection, *events: RecordedEvent) -> None:
        with stores.log.begin() as connection:
            for write in projection.fold(connection, SITE, events):
                connection.execute(write.statement, list(write.rows))

    return folding


@pytest.fixture
def ask(stores: Any) -> Callable[..., Any]:
    """Calls a query with a connection to the log's store and the site."""

    def asking(query: Callable[..., Any], *asked: Any, **how: Any) -> Any:
        with stores.log.connect() as connection:
            return query(connection, SITE, *asked, **how)

    return asking


def _listed(position: int, sku: str, **product: Any) -> RecordedEvent:
    return recorded("ProductListed", position, None, sku=sku, product={"sku": sku, **product})


def test_a_product_is_as_its_last_event_says(fold: Fold, ask: Any) -> None:
    fold(catalogue.Catalogue(), _listed(1, "x", name="old"), _listed(2, "x", name="new"))
    fold(catalogue.Catalogue(), _listed(3, "y"), _listed(4, "z"))
    fold(catalogue.Catalogue(), recorded("ProductDelisted", 5, None, sku="y"))

    found = ask(catalogue.of_skus, ["x", "y", "z", "unknown"])
    assert set(found) == {"x", "z"}
    assert found["x"].product["name"] == "new"
    assert (found["x"].position, found["x"].version) == (2, 1)


def test_a_product_listed_and_taken_out_in_one_unit_is_out(fold: Fold, ask: Any) -> None:
    gone = recorded("ProductDelisted", 2, None, sku="x")
    fold(catalogue.Catalogue(), _listed(1, "x"), gone)
    fold(catalogue.Catalogue(), gone, _listed(3, "y"), _listed(4, "x"))

    assert set(ask(catalogue.of_skus, ["x", "y"])) == {"x", "y"}


def test_the_catalogue_is_paged_by_sku(fold: Fold, ask: Any) -> None:
    fold(catalogue.Catalogue(), *(_listed(n, sku) for n, sku in enumerate("cabd", start=1)))

    assert [entry.sku for entry in ask(catalogue.listed, "", 3)] == ["a", "b", "c"]
    assert [entry.sku for entry in ask(catalogue.listed, "c", 3)] == ["d"]


def _link(position: int, anonymous: str, customer: str, trust: str = "server") -> RecordedEvent:
    data = {"anonymous": anonymous, "customer": customer, "trust": trust}
    return recorded("IdentitiesLinked", position, None, NOON + position, **data)


def _unlink(position: int, anonymous: str, customer: str) -> RecordedEvent:
    data = {"anonymous": anonymous, "customer": customer}
    return recorded("IdentitiesUnlinked", position, None, NOON + position, **data)


def test_a_person_is_everything_that_open_links_join(fold: Fold, ask: Any) -> None:
    fold(identities.Identities(), _link(1, PHONE, ANNA), _link(2, LAPTOP, ANNA))
    whole = {ANNA, PHONE, LAPTOP}

    assert ask(identities.person, [ANNA]) == whole
    assert ask(identities.person, [PHONE]) == whole
    assert ask(identities.person, [BEN]) == {BEN}
    assert ask(identities.person, [BEN, LAPTOP]) == whole | {BEN}


def test_a_link_that_only_a_client_made_joins_nothing(fold: Fold, ask: Any) -> None:
    fold(identities.Identities(), _link(1, PHONE, ANNA, "client"))

    assert ask(identities.person, [PHONE]) == {PHONE}
    assert ask(identities.person, [ANNA]) == {ANNA}


def test_another_customer_on_the_same_device_closes_the_former_link(
    stores: Any, fold: Fold, ask: Any
) -> None:
    fold(identities.Identities(), _link(1, PHONE, ANNA), _link(2, PHONE, BEN))

    assert ask(identities.person, [ANNA]) == {ANNA}
    assert ask(identities.person, [BEN]) == {BEN, PHONE}
    with stores.log.connect() as connection:
        query = select(identities.identity_links).order_by("linked_position")
        former, current = connection.execute(query)
    assert (former.unlinked_position, former.unlinked_at) == (2, NOON + 2)
    assert current.unlinked_position is None


def test_a_person_is_known_as_of_every_past_position(fold: Fold, ask: Any) -> None:
    fold(identities.Identities(), _link(3, PHONE, ANNA))
    fold(identities.Identities(), _unlink(5, PHONE, ANNA), _link(5 + 2, PHONE, BEN))

    seen = [ask(identities.person, [PHONE], at=position) - {PHONE} for position in range(2, 9)]
    assert seen == [set(), {ANNA}, {ANNA}, set(), set(), {BEN}, {BEN}]


def test_an_unlinked_device_may_be_linked_again(fold: Fold, ask: Any) -> None:
    for event in (_link(1, PHONE, ANNA), _unlink(2, PHONE, ANNA), _link(3, PHONE, ANNA)):
        fold(identities.Identities(), event)

    assert ask(identities.person, [ANNA]) == {ANNA, PHONE}
    assert ask(identities.person, [ANNA], at=2) == {ANNA}


def test_merging_and_unmerging_fold_nothing_anew(
    stores: Any, fold: Fold, ask: Any, rows_of: Any
) -> None:
    events = [
        viewed(1, "x", at=NOON - 5, shopper=PHONE),
        recorded("ShopperIdentified", 2, ANNA, NOON, traits={"city": "Kiel"}),
        _link(3, PHONE, ANNA),
        _unlink(4, PHONE, ANNA),
    ]
    log = MemoryLog(events[:2])
    Follower(stores, log, followed(), SystemClock()).catch_up(SITE)  # type: ignore[arg-type]
    before = rows_of(stores)

    def first_seen() -> int:
        with stores.read.connect() as connection:
            parts = profiles.of_shoppers(connection, SITE, ask(identities.person, [ANNA]))
        person = profiles.combined(parts.values())
        assert person is not None
        return person.first_seen_at

    apart = first_seen()
    for event, seen in ((events[2], NOON - 5), (events[3], apart)):
        fold(identities.Identities(), event)
        log.events.append(event)
        Follower(stores, log, followed(), SystemClock()).catch_up(SITE)  # type: ignore[arg-type]
        assert first_seen() == seen
        after = rows_of(stores)
        assert {**after, "projection_positions": None} == {**before, "projection_positions": None}


def test_a_site_has_its_last_settings(fold: Fold, ask: Any) -> None:
    assert ask(sites.find) is None
    with pytest.raises(NotFound, match="site_unknown"):
        ask(sites.get)
    fold(sites.Sites(), recorded("SiteOpened", 1, None, name="My shop"))
    assert ask(sites.get) == sites.Site(SiteSettings(name="My shop"), 1)

    changed = SiteSettings(name="My shop", base_currency="EUR", counted_properties=("colour",))
    fold(sites.Sites(), recorded("SiteSettingsChanged", 7, None, settings=changed.to_json()))
    assert ask(sites.get) == sites.Site(changed, 7)


def test_sites_are_listed_by_name(stores: Any) -> None:
    for name in ("zebra", "ant"):
        event = recorded("SiteOpened", 1, None, name=name)
        with stores.log.begin() as connection:
            for write in sites.Sites().fold(connection, SiteId(name), [event]):
                connection.execute(write.statement, list(write.rows))

    with stores.log.connect() as connection:
        assert sites.names(connection) == ["ant", "zebra"]


def test_a_key_is_found_by_its_id_until_and_after_it_is_revoked(
    stores: Any, fold: Fold, ask: Any
) -> None:
    for position, key in enumerate(("k1", "k2"), start=1):
        data = {"key_id": key, "name": "web", "scopes": ["decide", "ingest"], "digest": "d" + key}
        fold(api_keys.ApiKeys(), recorded("ApiKeyIssued", position, None, **data))
    fold(api_keys.ApiKeys(), recorded("ApiKeyRevoked", 3, None, key_id="k1"))

    with stores.log.connect() as connection:
        assert api_keys.find(connection, "k3") is None
        revoked = api_keys.find(connection, "k1")
    scopes = frozenset({"decide", "ingest"})
    assert revoked == api_keys.ApiKey("k1", SITE, "web", scopes, "dk1", True)
    assert [(key.key_id, key.revoked) for key in ask(api_keys.listed)] == [
        ("k1", True),
        ("k2", False),
    ]


def test_an_order_belongs_to_whom_it_was_first_told_of_by_a_server(fold: Fold, ask: Any) -> None:
    owners = order_owners.OrderOwners()
    fold(owners, ordered(1, "o", 1, shopper=PHONE, trust="client"))
    assert ask(order_owners.of_orders, ["o"]) == {}

    fold(owners, ordered(2, "o", 1, shopper=ANNA), ordered(3, "o", 1, shopper=BEN))
    fold(owners, ordered(4, "o", 1, shopper=BEN), ordered(5, "p", 1, shopper=BEN))
    assert ask(order_owners.of_orders, ["o", "p", "q"]) == {"o": ANNA, "p": BEN}

"""Sealed fields: readable with the key, bound to their place, gone with the key."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import make_url
from sqlalchemy import select
from sqlalchemy import update

from aggregates.kernel.errors import Erased
from aggregates.kernel.errors import InvalidValue
from aggregates.kernel.errors import NotFound
from aggregates.kernel.errors import TamperedLog
from aggregates.kernel.ids import Pseudonym
from aggregates.log import NewEvent
from app.database import Stores
from app.eventlog.key_tables import pseudonyms
from app.eventlog.keys import KeyStore
from app.eventlog.log import SqlEventLog
from app.eventlog.tables import events
from app.verifying.log import verify
from tests.conftest import PEPPER
from tests.log_events import SITE
from tests.log_events import unit

SECRET = "ann@example.com"
Open = Callable[..., SqlEventLog]


def _identified(
    shopper: Pseudonym | None = None, *, sealed_for: Pseudonym | None = None
) -> NewEvent:
    data = {"trust": "server", "user_id": SECRET, "traits": {"size": Decimal("2.5")}}
    return NewEvent(uuid4(), 1, "ShopperIdentified", data, shopper, sealed_for=sealed_for)


def test_sealed_fields_come_back_only_where_they_are_asked_for(
    event_log: SqlEventLog, keys: KeyStore
) -> None:
    ann = keys.of(SITE, "customer", "ann")
    event = _identified(ann)
    event_log.append(unit(event))
    assert event_log.read(SITE, 0, 1)[0].data == {"trust": "server"}
    assert event_log.read(SITE, 0, 1, unseal={"ShopperGrouped"})[0].data == {"trust": "server"}
    for unseal in (True, {"ShopperIdentified"}):
        assert event_log.read(SITE, 0, 1, unseal=unseal)[0].data == event.data


def test_what_is_sealed_stands_nowhere_in_the_log(
    event_log: SqlEventLog, stores: Stores, keys: KeyStore
) -> None:
    event_log.append(unit(_identified(keys.of(SITE, "customer", SECRET))))
    with stores.log.connect() as connection:
        states = connection.scalars(select(events.c.state)).all()
    assert all(SECRET.encode() not in state for state in states)
    with stores.keys.connect() as connection:
        rows = connection.execute(select(pseudonyms)).all()
    assert SECRET not in repr(rows)


def test_an_event_of_nobody_is_sealed_for_the_site_or_for_whom_it_names(
    event_log: SqlEventLog, stores: Stores, keys: KeyStore, open_log: Open
) -> None:
    ann = keys.of(SITE, "customer", "ann")
    event_log.append(unit(_identified(), _identified(sealed_for=ann)))
    keys.destroy(SITE, [ann], at=1)
    own, named = open_log(stores).read(SITE, 0, 2, unseal=True)
    assert own.data["user_id"] == SECRET
    assert named.erased


def test_a_destroyed_key_leaves_the_open_fields_and_a_whole_chain(
    stores: Stores, keys: KeyStore, open_log: Open
) -> None:
    ann, bob = keys.of_many(SITE, [("customer", "ann"), ("customer", "bob")])
    log = open_log(stores)
    log.append(unit(_identified(ann), _identified(bob)))
    before = verify(stores.log, SITE)
    keys.destroy(SITE, [ann], at=1)
    fresh = open_log(stores)
    erased, kept = fresh.read(SITE, 0, 2, unseal=True)
    assert (erased.erased, erased.data) == (True, {"trust": "server"})
    assert (kept.erased, kept.data["user_id"]) == (False, SECRET)
    assert verify(stores.log, SITE) == before
    with pytest.raises(Erased):
        fresh.append(unit(_identified(ann)))


def test_an_id_that_comes_back_after_an_erasure_gets_a_new_name(
    stores: Stores, keys: KeyStore
) -> None:
    ann = keys.of(SITE, "customer", "ann")
    keys.destroy(SITE, [ann], at=1)
    assert keys.find(SITE, "customer", "ann") is None
    again = keys.of(SITE, "customer", "ann")
    assert again != ann
    assert KeyStore(stores.keys, PEPPER).find(SITE, "customer", "ann") == again


def test_a_sealed_part_opens_in_no_other_place(
    event_log: SqlEventLog, stores: Stores, keys: KeyStore
) -> None:
    ann = keys.of(SITE, "customer", "ann")
    event_log.append(unit(_identified(ann), _identified(ann)))
    first = select(events.c.state).where(events.c.position == 1).scalar_subquery()
    with stores.log.begin() as connection:
        connection.execute(update(events).where(events.c.position == 2).values(state=first))
    with pytest.raises(TamperedLog) as refused:
        event_log.read(SITE, 0, 2, unseal=True)
    assert (refused.value.code, refused.value.data) == ("sealed_part_invalid", {"position": 2})


def test_a_seal_needs_a_version_and_a_known_key(event_log: SqlEventLog) -> None:
    event = _identified()
    with pytest.raises(InvalidValue) as refused:
        event_log.append(unit(NewEvent(event.stream_id, None, event.topic, event.data)))
    assert refused.value.code == "seal_without_version"
    with pytest.raises(NotFound):
        event_log.append(unit(_identified(Pseudonym("f" * 32))))


def test_names_are_the_same_in_every_process_and_differ_by_site_and_kind(
    stores: Stores, keys: KeyStore
) -> None:
    other = KeyStore(stores.keys, PEPPER)
    name = keys.of(SITE, "customer", "ann")
    assert other.of(SITE, "customer", "ann") == name
    assert other.of_many(SITE, [("anonymous", "ann"), ("customer", "ann")])[1] == name
    assert len({name, other.of(SITE, "anonymous", "ann")}) == 2
    assert keys.digest(SITE, "order", "7") != keys.digest(SITE, "customer", "7")


def test_many_ids_in_one_call_are_as_many_calls(keys: KeyStore) -> None:
    ids = [("customer", str(number % 700)) for number in range(1_500)]
    names = keys.of_many(SITE, ids)
    assert len(set(names)) == 700
    assert names == [keys.of(SITE, *one) for one in ids]


def test_a_destroyed_key_is_in_no_file(sqlite_url: str, sqlite_stores: Stores) -> None:
    keys = KeyStore(sqlite_stores.keys, PEPPER)
    ann = keys.of(SITE, "customer", "ann")
    with sqlite_stores.keys.connect() as connection:
        key = connection.exec_driver_sql("SELECT key FROM shopper_keys").scalar_one()
    keys.destroy(SITE, [ann], at=1)
    folder = Path(make_url(sqlite_url).database or "").parent
    assert all(key not in path.read_bytes() for path in folder.iterdir())

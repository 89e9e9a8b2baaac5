"""Backups of keys live a week, serve a lost store, and never bring a forgotten person back."""

from __future__ import annotations

import stat

import pytest
from sqlalchemy import delete
from sqlalchemy import select

from app.erasure.erase import erase
from app.erasure.erase import finish
from app.erasure.key_backups import FOLDER
from app.erasure.key_backups import back_up
from app.erasure.key_backups import destroy_again
from app.erasure.key_backups import restore
from app.eventlog.key_tables import pseudonyms
from app.eventlog.key_tables import shopper_keys
from app.wiring import Services
from tests.erasure_given import ADA
from tests.erasure_given import BOB
from tests.erasure_given import SITE
from tests.erasure_given import Ask
from tests.erasure_given import decided
from tests.erasure_given import opened
from tests.erasure_given import redeemed


@pytest.fixture
def carts(services: Services, ask: Ask) -> dict[str, str]:
    opened(services, ask)
    return {"ada": decided(ask, ADA), "bob": decided(ask, BOB)}


def test_a_lost_key_store_comes_back_without_those_who_were_forgotten_since(
    services: Services, ask: Ask, carts: dict[str, str]
) -> None:
    file = back_up(services, SITE, "2026-11-23")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    ada = services.keys.find(SITE, "customer", ADA["customer_id"])
    assert ada is not None
    erase(services, SITE, ada, actor="test")
    with services.stores.keys.begin() as connection:
        connection.execute(delete(shopper_keys))
        connection.execute(delete(pseudonyms))
    services.keys.forget()
    assert restore(services, file) > 0
    assert ask("GET", f"/v1/decisions/{carts['bob']}")[0] == 200
    assert ask("GET", f"/v1/decisions/{carts['ada']}")[0] == 410
    assert services.keys.find(SITE, "customer", ADA["customer_id"]) is None


def test_what_an_operator_restored_by_hand_is_destroyed_again(
    services: Services, ask: Ask, carts: dict[str, str]
) -> None:
    with services.stores.keys.connect() as connection:
        before = [dict(row._mapping) for row in connection.execute(select(shopper_keys))]
    ada = services.keys.find(SITE, "customer", ADA["customer_id"])
    assert ada is not None
    erase(services, SITE, ada, actor="test")
    with services.stores.keys.begin() as connection:
        connection.execute(delete(shopper_keys))
        connection.execute(shopper_keys.insert(), before)
    assert destroy_again(services, SITE) == 1
    assert destroy_again(services, SITE) == 0
    assert ask("GET", f"/v1/decisions/{carts['ada']}")[0] == 410


def test_a_cart_of_nobody_that_was_redeemed_for_them_does_not_come_back_either(
    services: Services, ask: Ask, carts: dict[str, str]
) -> None:
    guest = decided(ask, None)
    redeemed(ask, guest, "ORDER-OF-A-GUEST", ADA)
    file = back_up(services, SITE, "2026-11-23")
    ada = services.keys.find(SITE, "customer", ADA["customer_id"])
    assert ada is not None
    finish(services, SITE, erase(services, SITE, ada, actor="test"))
    with services.stores.keys.begin() as connection:
        connection.execute(delete(shopper_keys))
        connection.execute(delete(pseudonyms))
    services.keys.forget()
    restore(services, file)
    assert ask("GET", f"/v1/decisions/{guest}")[0] == 410
    assert ask("GET", f"/v1/decisions/{carts['bob']}")[0] == 200


def test_backups_are_kept_for_seven_days(services: Services, carts: dict[str, str]) -> None:
    for day in range(10, 20):
        back_up(services, SITE, f"2026-11-{day}")
    kept = sorted(path.name for path in (services.settings.data_dir / FOLDER).iterdir())
    assert kept == [f"shop_2026-11-{day}.db" for day in range(13, 20)]

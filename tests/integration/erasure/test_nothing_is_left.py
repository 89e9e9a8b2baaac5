"""After an erasure nothing of the person is in any file: stores, their journals, older backups.

Values are looked for as text, as UTF-16, in hex and in base64, whole or in part of a longer one.
"""

from __future__ import annotations

import os
import tempfile
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url
from sqlalchemy import select

from app.config import Settings
from app.database import Stores
from app.engines import BY_HAND
from app.erasure.erase import erase
from app.erasure.erase import finish
from app.eventlog.key_tables import shopper_keys
from app.intake.imports import import_orders
from app.wiring import Services
from tests.erasure_given import ADA
from tests.erasure_given import SITE
from tests.erasure_given import VALUES
from tests.erasure_given import Ask
from tests.erasure_given import lived
from tests.erasure_given import lived_too
from tests.erasure_given import opened

KEY_STORE = "keys"


@pytest.fixture
def life(
    services: Services, ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """Ada's life, every channel of it; temporary files stand in a folder of their own."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    opened(services, ask)
    lived_too(ask)
    orders = folder / "orders.csv"
    number, at = VALUES["imported order number"], "2026-11-01T12:00:00Z"
    orders.write_text(
        "order_id,customer_id,completed_at,currency,total,sku,quantity,price\n"
        f"{number},{ADA['customer_id']},{at},USD,10.00,A,1,10.00\n"
    )
    assert import_orders(services, SITE, orders).accepted == 1
    orders.unlink()
    found = lived(ask)
    services.follower.catch_up(SITE)
    return found


def test_a_value_is_found_in_every_disguise() -> None:
    """The search itself finds what it looks for, wherever it begins within base64."""
    value = "Ada's own words"
    for hidden in (
        value.encode(),
        value.encode("utf-16-le"),
        value.encode("utf-16-be"),
        value.encode().hex().encode(),
        *(b64encode(b"x" * before + value.encode() + b"yz") for before in range(3)),
    ):
        assert any(form in b"..." + hidden + b"..." for form in forms(value)), hidden


def test_no_value_of_an_erased_person_is_left_in_any_file(
    services: Services, settings: Settings, life: dict[str, str], tmp_path: Path
) -> None:
    backups = tmp_path / "backups"
    backups.mkdir()
    _back_up(services.stores, backups)
    before = services.keys.find(SITE, "customer", ADA["customer_id"])
    assert before == life["person"]
    finish(services, SITE, erase(services, SITE, life["person"], actor="test"))
    assert not found_in(files(tmp_path))
    assert not found_in(tables(settings))
    assert not found_in(pages(settings))


def test_no_key_of_an_erased_person_is_left_in_the_key_store(
    services: Services, settings: Settings, life: dict[str, str], tmp_path: Path
) -> None:
    with services.stores.keys.connect() as connection:
        rows = connection.execute(select(shopper_keys.c.pseudonym, shopper_keys.c.key)).all()
    begun = erase(services, SITE, life["person"], actor="test")
    finish(services, SITE, begun)
    destroyed = [bytes(key) for name, key in rows if name in begun.pseudonyms]
    kept = [bytes(key) for name, key in rows if name not in begun.pseudonyms]
    stored = [*files(tmp_path), *tables(settings), *pages(settings)]
    assert len(destroyed) == 2
    assert [where for where, content in stored if any(key in content for key in kept)]
    assert not [where for where, content in stored if any(key in content for key in destroyed)]


def _back_up(stores: Stores, folder: Path) -> None:
    """Copies of log and read store, as an operator makes them; the key store has its own."""
    for name, engine in stores.engines().items():
        if engine.dialect.name == "sqlite" and name != KEY_STORE:
            with engine.execution_options(writing=BY_HAND).connect() as connection:
                connection.exec_driver_sql(f"VACUUM INTO '{folder / name}.db'")
        elif name != KEY_STORE:
            copied = b"".join(_copied(engine.url, f"rationale_{name}"))
            (folder / f"{name}.copy").write_bytes(copied)


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below a folder."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield str(path.relative_to(folder)), path.read_bytes()


def tables(settings: Settings) -> Iterator[tuple[str, bytes]]:
    """Every row of every table, on PostgreSQL."""
    url = make_url(settings.database_url)
    if url.get_backend_name() == "postgresql":
        for store in ("log", "read", KEY_STORE):
            for number, copied in enumerate(_copied(url, f"rationale_{store}")):
                yield f"{store} {number}", copied


def pages(settings: Settings) -> Iterator[tuple[str, bytes]]:
    """The files of the database, where PostgreSQL runs on this machine."""
    url = make_url(settings.database_url)
    if url.get_backend_name() != "postgresql":
        return
    with psycopg.connect(_plain(url), autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        folder = connection.execute("SHOW data_directory").fetchone()
        oid = connection.execute("SELECT oid FROM pg_database WHERE datname = current_database()")
        place = Path(folder[0]) / "base" / str(oid.fetchone()[0]) if folder else None
    if place is not None and os.access(place, os.R_OK):
        yield from files(place)


def found_in(contents: Iterator[tuple[str, bytes]]) -> list[tuple[str, str]]:
    """(what it is, where) for each value that is found."""
    looked_for = {what: forms(value) for what, value in VALUES.items()}
    return [
        (what, where)
        for where, content in contents
        for what, written in looked_for.items()
        if any(form in content for form in written)
    ]


def forms(value: str) -> list[bytes]:
    """How a value may stand in bytes."""
    plain = value.encode()
    found = [plain, value.encode("utf-16-le"), value.encode("utf-16-be")]
    found += [plain.hex().encode(), plain.hex().upper().encode()]
    for before in range(3):
        cut = (3 - before) % 3
        whole = plain[cut:]
        found.append(b64encode(whole[: len(whole) // 3 * 3]))
    return found


def _copied(url: object, schema: str) -> Iterator[bytes]:
    with psycopg.connect(_plain(url)) as connection:
        names = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", (schema,)
        ).fetchall()
        for (name,) in names:
            copying = f'COPY "{schema}"."{name}" TO STDOUT (FORMAT binary)'
            with connection.cursor().copy(copying.encode()) as copy:
                yield b"".join(copy)


def _plain(url: object) -> str:
    return (
        make_url(str(url) if isinstance(url, str) else url)
        .set(  # type: ignore[call-overload]
            drivername="postgresql"
        )
        .render_as_string(hide_password=False)
    )

"""Backups of the key store, short-lived: whoever is erased is gone from them too after KEPT_DAYS.

A backup is a SQLite file with the names and keys of one site, from whichever database they are in.
What is restored never undoes an erasure: what the log says is forgotten is destroyed again.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine
from sqlalchemy import Table
from sqlalchemy import create_engine
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import select

from aggregates.kernel.clock import DAY
from aggregates.kernel.clock import parse_moment
from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.ids import SiteId
from app.erasure import remains
from app.eventlog.key_tables import key_store
from app.eventlog.key_tables import pseudonyms
from app.eventlog.key_tables import shopper_keys
from projections import erased_shoppers
from projections.upserts import insert_or_keep

if TYPE_CHECKING:
    from app.wiring import Services

FOLDER = "key-backups"
KEPT_DAYS = 7
"""Long enough to notice that a store is lost, and as long as an erased key may live on in them."""
_TABLES = (shopper_keys, pseudonyms)
_PAGE = 5_000
_PRIVATE = 0o600


def back_up(services: Services, site: SiteId, day: str) -> Path:
    """The backup of a site's names and keys for a day (`2026-11-23`); older ones are deleted."""
    folder = services.settings.data_dir / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{site}_{day}.db"
    draft = path.with_name(f".{path.name}")
    draft.unlink(missing_ok=True)
    os.close(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_EXCL, _PRIVATE))
    copy = create_engine(f"sqlite:///{draft}")
    key_store.create_all(copy, _TABLES)
    for table in _TABLES:
        for rows in _pages(services.stores.keys, table, site):
            with copy.begin() as connection:
                connection.execute(insert(table), rows)
    copy.dispose()
    draft.replace(path)
    _forget_old(folder, site, parse_moment(f"{day}T00:00:00Z"))
    return path


def restore(services: Services, file: Path) -> int:
    """Puts back the names and keys that are missing; how many keys. What is there stays."""
    copy, before = create_engine(f"sqlite:///{file}"), _counted(services.stores.keys)
    writing = services.stores.keys.execution_options(writing=True)
    with copy.connect() as connection:
        sites = [
            SiteId(site) for site in connection.scalars(select(shopper_keys.c.site).distinct())
        ]
    for site in sites:
        for table in _TABLES:
            keep = insert_or_keep(services.stores.keys.dialect.name, table)
            for rows in _pages(copy, table, site):
                with writing.begin() as connection:
                    connection.execute(keep, rows)
        destroy_again(services, site)
    copy.dispose()
    services.keys.forget()
    return _counted(services.stores.keys) - before


def destroy_again(services: Services, site: SiteId) -> int:
    """Destroys the keys of those whom the log says were forgotten, where a restore brought them
    back, with the keys of all that went with them; how many of theirs."""
    with services.stores.log.connect() as connection:
        erased = erased_shoppers.since(connection, site, 0)
    found = 0
    for erasure in erased:
        fates = services.keys.destroyed(site, sorted(erasure.pseudonyms))
        back = [Pseudonym(name) for name, at in fates.items() if at is None]
        if back:
            remains.clear(services, site, erasure, everywhere=True)
        found += len(back)
    return found


def _counted(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(shopper_keys)).scalar_one()


def _pages(engine: Engine, table: Table, site: SiteId) -> Iterator[list[dict[str, object]]]:
    """The rows of a site."""
    with engine.connect() as connection:
        found = connection.execution_options(yield_per=_PAGE).execute(
            select(table).where(table.c.site == site)
        )
        for page in found.partitions():
            yield [dict(row._mapping) for row in page]


def _forget_old(folder: Path, site: SiteId, today: int) -> None:
    for path in folder.glob(f"{site}_*.db"):
        day = path.stem.removeprefix(f"{site}_")
        if parse_moment(f"{day}T00:00:00Z") <= today - KEPT_DAYS * DAY:
            path.unlink()

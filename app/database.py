"""The three stores of a process: log, read models, keys.

Three, because a follower must never hold the log's write lock, and because keys have their own,
short-lived backups.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from app import migrating
from app.engines import STORES
from app.engines import open_engine
from app.engines import read_url


@dataclass(frozen=True, slots=True)
class Stores:
    """The engines. On SQLite, `engine.execution_options(writing=True)` begins IMMEDIATE: needed
    where a transaction reads before it writes."""

    log: Engine
    read: Engine
    keys: Engine

    def close(self) -> None:
        """Closes all connections that are not in use."""
        for engine in self.engines().values():
            engine.dispose()

    def engines(self) -> dict[str, Engine]:
        """Each by the name of its store."""
        return {name: getattr(self, name) for name in STORES}


def open_stores(
    database_url: str, keys_url: str | None = None, data_dir: Path = Path("data")
) -> Stores:
    """Engines for a URL; nothing is connected yet.

    `sqlite:///data/rationale.db` is three files side by side (`sqlite://`: in `data_dir`);
    `postgresql://` is three schemas. The key store may have a URL of its own.
    """
    urls = {name: read_url(database_url, data_dir) for name in STORES}
    if keys_url is not None:
        urls["keys"] = read_url(keys_url, data_dir)
    return Stores(**{name: open_engine(url, name) for name, url in urls.items()})


def migrate(stores: Stores) -> None:
    """Brings all stores to the newest version; processes that start at once take turns."""
    for name, engine in stores.engines().items():
        migrating.migrate(engine.url, name)


def migrated(stores: Stores) -> bool:
    """Whether all stores are at the newest version."""
    return all(migrating.migrated(engine, name) for name, engine in stores.engines().items())

"""Whether each store answers, and whether its tables are of this version."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import URL

from aggregates.kernel.errors import Unavailable
from app import migrating
from app.config import BadSettings
from app.config import Settings
from app.doctor.finding import Finding
from app.engines import STORES
from app.engines import open_engine
from app.engines import read_url
from app.engines import sqlite_path

_SETTING = {"log": "RATIONALE_DATABASE_URL", "read": "RATIONALE_DATABASE_URL"}


def sqlite_files(settings: Settings) -> list[Path]:
    """The files of the stores that are files; none for a URL that is none."""
    found = []
    for store in STORES:
        try:
            url = _url(settings, store)
        except BadSettings:
            continue  # said by the check of that store
        if url.get_backend_name() == "sqlite":
            found.append(sqlite_path(url, store))
    return found


def answering(settings: Settings, store: str) -> Iterator[Finding]:
    """What hinders the use of a store. A file that is not there is not made."""
    check = f"{store}_store"
    setting = _SETTING.get(store, "RATIONALE_KEYS_URL, or RATIONALE_DATABASE_URL without it")
    try:
        url = _url(settings, store)
    except BadSettings as error:
        yield Finding(check, f"{error}", f"correct {setting}")
        return
    if url.get_backend_name() == "sqlite" and not os.path.exists(path := sqlite_path(url, store)):
        yield Finding(check, f"there is no database {path}", "rationale migrate")
        return
    engine = open_engine(url, store)
    try:
        version = migrating.version(engine)
    except Unavailable as error:
        what = f"the database does not answer: {error.code}"
        yield Finding(check, what, f"start it, or correct {setting}")
        return
    finally:
        engine.dispose()
    newest = migrating.newest_version(store)
    if version is None:
        yield Finding(check, "there are no tables yet", "rationale migrate")
    elif version != newest:
        what = f"the tables are of version {version}, this service works with {newest}"
        todo = "rationale migrate; if a newer service made them, use that one"
        yield Finding(check, what, todo)


def _url(settings: Settings, store: str) -> URL:
    own = settings.keys_url if store == "keys" else None
    return read_url(own or settings.database_url, settings.data_dir)

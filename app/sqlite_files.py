"""How every SQLite connection of the project is set up, and why.

WAL: readers never wait for the writer. FULL: what is acknowledged survives a power cut. mmap off:
each commit elsewhere would make readers fault pages anew (measured: gather 179 us against 72).
secure_delete: what is deleted is overwritten, since an erasure means it. The read store's
write-ahead log grows to 16 MB before it is copied: a follower changes the same pages again and
again (measured: a fifth less written), and it shares the disk with the commits of decisions.
"""

from __future__ import annotations

import sqlite3
import time

_SWITCH_S = 30.0  # processes that start at once on an empty file take turns
_PAUSE_S = 0.01
_READ_CHECKPOINT_PAGES = 4_000


def prepare(connection: sqlite3.Connection, *, durable: bool) -> None:
    """Sets the pragmas; transactions are begun by statements only (isolation_level None)."""
    connection.isolation_level = None
    _switch_to_wal(connection)
    for pragma in (
        f"synchronous={'FULL' if durable else 'NORMAL'}",
        "foreign_keys=ON",
        "secure_delete=ON",
        "mmap_size=0",
    ):
        connection.execute(f"PRAGMA {pragma}").close()
    if not durable:
        connection.execute(f"PRAGMA wal_autocheckpoint={_READ_CHECKPOINT_PAGES}").close()


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """Once per file; SQLite does not wait for others here, so we do."""
    until = time.monotonic() + _SWITCH_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL").close()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(_PAUSE_S)
        else:
            return

"""The leader's lock: one holder, on both databases, and none that has to be mended by hand."""

from __future__ import annotations

import multiprocessing
import signal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app.database import Stores
from app.database import open_stores
from app.jobs.leader import leader_lock
from app.jobs.leader_advisory import AdvisoryLock
from app.jobs.leader_file import FileLock


def test_one_holds_the_lock_and_the_other_gets_it_afterwards(stores: Stores) -> None:
    one, other, looking = (leader_lock(stores.log) for _ in range(3))
    assert not looking.taken_by_another()
    assert one.take()
    assert one.held()
    assert not other.take()
    assert not other.held()
    assert looking.taken_by_another()
    one.release()
    assert not one.held()
    assert not looking.taken_by_another()
    assert other.take()
    other.release()


def _hold(url: str, taken: Any) -> None:
    lock = leader_lock(open_stores(url).log)
    assert lock.take()
    taken.set()
    signal.pause()


def test_the_lock_of_a_killed_process_is_free_at_once(stores: Stores, database_url: str) -> None:
    context = multiprocessing.get_context("spawn")
    taken = context.Event()
    holder = context.Process(target=_hold, args=(database_url, taken))
    holder.start()
    assert taken.wait(60)
    lock = leader_lock(stores.log)
    assert not lock.take()
    holder.kill()
    holder.join()
    waiting = context.Event()
    while not lock.take():
        assert not waiting.wait(0.05)
    lock.release()


def test_a_deleted_file_is_no_lock(sqlite_stores: Stores) -> None:
    one, other = FileLock(sqlite_stores.log), FileLock(sqlite_stores.log)
    assert one.take()
    one.path.unlink()
    assert not one.held()
    assert not other.taken_by_another()
    assert other.take()
    one.release()
    assert other.held()
    other.release()


def test_the_file_is_for_its_owner_alone_and_stands_beside_the_database(
    sqlite_stores: Stores,
) -> None:
    lock = FileLock(sqlite_stores.log)
    assert lock.take()
    assert lock.path.parent == Path(sqlite_stores.log.url.database or "").parent
    assert lock.path.stat().st_mode & 0o777 == 0o600
    lock.release()


def test_without_its_folder_there_is_no_leader(sqlite_stores: Stores) -> None:
    lock = FileLock(sqlite_stores.log)
    lock.path = lock.path.parent / "gone" / "x.lock"
    assert not lock.take()
    assert not lock.taken_by_another()


@pytest.fixture
def postgresql_stores(postgresql_url: str) -> Any:
    opened = open_stores(postgresql_url)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    "how", ["SELECT pg_terminate_backend(:pid)", "SELECT pg_cancel_backend(:pid)"]
)
def test_a_lost_connection_is_noticed(postgresql_stores: Stores, how: str) -> None:
    lock = AdvisoryLock(postgresql_stores.log)
    assert lock.take()
    assert lock._connection is not None
    pid = lock._connection.info.backend_pid
    with postgresql_stores.log.connect() as connection:
        connection.execute(text(how), {"pid": pid})
    kept = "cancel" in how
    assert lock.held() is kept
    if not kept:
        assert lock.take()
        assert lock.held()
    lock.release()


def test_a_lock_that_the_server_gave_away_is_noticed(postgresql_stores: Stores) -> None:
    lock = AdvisoryLock(postgresql_stores.log)
    assert lock.take()
    assert lock._connection is not None
    lock._connection.execute("SELECT pg_advisory_unlock_all()")
    assert not lock.held()
    lock.release()


def test_locks_of_another_database_are_of_no_concern(
    postgresql_stores: Stores, postgresql_server: str
) -> None:
    elsewhere = open_stores(postgresql_server)
    one, other = AdvisoryLock(postgresql_stores.log), AdvisoryLock(elsewhere.log)
    assert one.take()
    assert not other.taken_by_another()
    assert other.take()
    one.release()
    other.release()
    elsewhere.close()


def test_an_unreachable_server_makes_no_leader() -> None:
    stores = open_stores("postgresql://nobody@127.0.0.1:9/none")
    lock = AdvisoryLock(stores.log)
    assert not lock.take()
    assert not lock.held()
    stores.close()

"""A database that is locked or away, a queue that is full, a projection that fails."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection
from sqlalchemy import make_url
from sqlalchemy import text

from aggregates.kernel.errors import Conflict
from aggregates.kernel.errors import DomainError
from aggregates.kernel.errors import Unavailable
from aggregates.kernel.ids import SiteId
from aggregates.log import Counter
from aggregates.log import NewEvent
from aggregates.log import RecordedEvent
from app.database import Stores
from app.database import open_stores
from app.engines import open_engine
from app.eventlog import writer
from app.eventlog.log import SqlEventLog
from app.eventlog.transaction import Transactions
from projections.projection import Write
from tests.log_events import SITE
from tests.log_events import assert_whole
from tests.log_events import unit
from tests.log_events import viewed

Open = Callable[..., SqlEventLog]


def _path(url: str) -> str:
    path = make_url(url).database
    assert path is not None
    return path


def test_a_locked_database_is_unavailable_and_then_works_again(
    sqlite_url: str, open_log: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.database.open_engine", _impatient)
    stores = open_stores(sqlite_url)
    log = open_log(stores)
    log.append(unit(viewed()))
    other = sqlite3.connect(_path(sqlite_url), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable) as refused:
        log.append(unit(viewed()))
    assert refused.value.code == "database_locked"
    assert log.head(SITE).position == 1, "readers do not wait for a writer"
    other.execute("ROLLBACK")
    other.close()
    assert log.append(unit(viewed())).positions == (2,)
    assert_whole(stores)
    log.close()
    stores.close()


def test_a_locked_head_row_is_unavailable_and_then_works_again(
    postgresql_url: str, open_log: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.database.open_engine", _impatient)
    stores = open_stores(postgresql_url)
    log = open_log(stores)
    log.append(unit(viewed()))
    with psycopg.connect(postgresql_url) as other:
        other.execute("SELECT * FROM rationale_log.log_heads FOR UPDATE")
        with pytest.raises(Unavailable) as refused:
            log.append(unit(viewed()))
        assert refused.value.code == "database_locked"
    assert log.append(unit(viewed())).positions == (2,)
    assert_whole(stores)
    log.close()
    stores.close()


def test_connections_that_the_server_closed_are_renewed(
    postgresql_url: str, postgresql_server: str, open_log: Open
) -> None:
    stores = open_stores(postgresql_url)
    log = open_log(stores)
    log.append(unit(viewed()))
    name = make_url(postgresql_url).database
    with psycopg.connect(postgresql_server, autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
        )
    assert log.append(unit(viewed())).positions == (2,)
    assert log.head(SITE).position == 2
    log.close()
    stores.close()


def test_a_database_that_is_not_there_is_unavailable(
    tmp_path: Path, postgresql_url: str, open_log: Open
) -> None:
    nowhere = make_url(postgresql_url).set(database="nowhere")
    urls = {
        f"sqlite:///{tmp_path / 'empty.db'}": "not_migrated",
        nowhere.render_as_string(hide_password=False): "database_unavailable",
    }
    for url, code in urls.items():
        stores = open_stores(url)
        log = open_log(stores)
        with pytest.raises(Unavailable) as refused:
            log.append(unit(viewed()))
        assert refused.value.code == code
        with pytest.raises(Unavailable), stores.log.connect() as connection:
            connection.execute(text("SELECT * FROM log_heads"))
        log.close()
        stores.close()


def test_a_connection_lost_during_a_commit_says_so_and_a_repeat_is_written_once(
    stores: Stores, event_log: SqlEventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = viewed()
    real = Transactions._end

    def lost(self: Transactions, raw: Any) -> None:
        real(self, raw)
        raise psycopg.OperationalError

    monkeypatch.setattr(Transactions, "_end", lost)
    with pytest.raises(Unavailable) as refused:
        event_log.append(unit(event))
    assert refused.value.code == "commit_unknown"
    monkeypatch.undo()
    assert event_log.append(unit(event)).positions == (None,)
    assert assert_whole(stores).head.position == 1


def test_a_full_queue_refuses_at_once(
    sqlite_log: SqlEventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "WRITER_QUEUE_MAX", 2)
    gate, waiting = _hold_commits(monkeypatch)
    with ThreadPoolExecutor(4) as pool:
        held = [pool.submit(sqlite_log.append, unit(viewed()))]
        waiting.wait()
        held += [pool.submit(sqlite_log.append, unit(viewed())) for _ in range(2)]
        while len(sqlite_log._writer._queue) < 2:
            pass
        with pytest.raises(Unavailable) as refused:
            sqlite_log.append(unit(viewed()))
        assert refused.value.code == "overloaded"
        gate.set()
        assert sorted(one.result().log_position for one in held) == [1, 2, 3]


def test_a_unit_that_waited_too_long_is_taken_back(
    sqlite_log: SqlEventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, waiting = _hold_commits(monkeypatch)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(sqlite_log.append, unit(viewed()))
        waiting.wait()
        monkeypatch.setattr(writer, "_WAIT_S", 0.05)
        with pytest.raises(Unavailable):
            sqlite_log.append(unit(viewed()))
        gate.set()
        assert first.result().positions == (1,)
    assert sqlite_log.append(unit(viewed())).positions == (2,)


def test_what_waits_is_written_in_one_commit(
    sqlite_log: SqlEventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    gate, waiting = _hold_commits(monkeypatch, sizes)
    with ThreadPoolExecutor(9) as pool:
        units = [pool.submit(sqlite_log.append, unit(viewed()))]
        waiting.wait()
        units += [pool.submit(sqlite_log.append, unit(viewed())) for _ in range(8)]
        while len(sqlite_log._writer._queue) < 8:
            pass
        gate.set()
        assert sorted(one.result().log_position for one in units) == list(range(1, 10))
    assert sizes == [1, 8]


def test_a_closed_log_takes_nothing_more(sqlite_stores: Stores, open_log: Open) -> None:
    log = open_log(sqlite_stores)
    log.append(unit(viewed()))
    log.close()
    with pytest.raises(Unavailable):
        log.append(unit(viewed()))


class Fussy:
    """A projection that cannot fold some sites' names."""

    name = "fussy"
    topics = frozenset({"SiteOpened"})
    unseals: frozenset[str] = frozenset()

    def fold(
        self, connection: Connection, site: SiteId, events: Sequence[RecordedEvent]
    ) -> list[Write]:
        names = {event.data["name"] for event in events}
        if "bad" in names:
            raise ZeroDivisionError
        if "refused" in names:
            raise Conflict("name_refused", "not that name")
        return []


def test_a_projection_that_fails_refuses_its_unit_and_not_the_neighbours(
    stores: Stores, open_log: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = open_log(stores, Fussy())
    gate, waiting = _hold_commits(monkeypatch)
    with ThreadPoolExecutor(5) as pool:
        first = pool.submit(log.append, unit(viewed()))
        waiting.wait()
        named = {
            name: pool.submit(log.append, unit(_opened(name)))
            for name in ("good", "bad", "refused", "better")
        }
        while len(log._writer._queue) < 4:
            pass
        gate.set()
        assert first.result().positions == (1,)
        assert isinstance(named["bad"].exception(), ZeroDivisionError)
        assert isinstance(named["refused"].exception(), Conflict)
        assert {named[name].result().log_position for name in ("good", "better")} == {2, 3}
    assert assert_whole(stores).head.position == 3


def test_many_threads_take_no_more_than_the_limit(stores: Stores, open_log: Open) -> None:
    logs = [open_log(stores), open_log(stores)]

    def take(number: int) -> bool:
        try:
            logs[number % 2].append(unit(viewed(), move=(Counter("coupon", 1, limit=17),)))
        except DomainError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, range(80))) == 17
    assert assert_whole(stores).head.position == 17


def _opened(name: str) -> NewEvent:
    return NewEvent(viewed().stream_id, 1, "SiteOpened", {"name": name})


def _hold_commits(
    monkeypatch: pytest.MonkeyPatch, sizes: list[int] | None = None
) -> tuple[threading.Event, threading.Event]:
    """Commits wait for the first event; the second says that one waits."""
    gate, waiting = threading.Event(), threading.Event()
    real = Transactions.commit

    def held(self: Transactions, site: SiteId, units: Sequence[Any]) -> Any:
        waiting.set()
        gate.wait()
        if sizes is not None:
            sizes.append(len(units))
        return real(self, site, units)

    monkeypatch.setattr(Transactions, "commit", held)
    return gate, waiting


def _impatient(url: Any, store: str) -> Any:
    return open_engine(url, store, wait_ms=100)

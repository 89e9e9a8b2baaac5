"""One batch of units of one site, in one transaction: the steps of an append, in order.

Everything is judged under the site's lock: on SQLite BEGIN IMMEDIATE, on PostgreSQL the head row.
The process may die between any two steps; the database then forgets the whole batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from sqlalchemy import Connection
from sqlalchemy import Engine

from aggregates.erasure import ERASED
from aggregates.kernel.clock import SECOND
from aggregates.kernel.clock import Clock
from aggregates.kernel.errors import DomainError
from aggregates.kernel.errors import Unavailable
from aggregates.kernel.ids import SiteId
from aggregates.log import Appended
from aggregates.log import RecordedEvent
from aggregates.log import StoredAnswer
from app.engines import BY_HAND
from app.eventlog.chain import EMPTY
from app.eventlog.chain import HashedRow
from app.eventlog.chain import hashed
from app.eventlog.judge import Judge
from app.eventlog.judge import Known
from app.eventlog.judge import Unit
from app.eventlog.sql import Sql
from app.eventlog.sql import pages
from app.outage import outage
from projections.projection import Projection
from projections.writing import execute

Outcome = Appended | DomainError
_PURGE_EVERY = 60 * SECOND
_HELD_FOR = 3_600 * SECOND
"""How long before its start a process may have looked a name up that it still brings: requests live
for seconds."""
_UNKNOWN = "the database went away during a commit: sent again, it is written once"


class Transactions:
    """The writing connection of a process; used by one thread at a time."""

    def __init__(self, engine: Engine, clock: Clock, immediate: Sequence[Projection]) -> None:
        self._engine = engine.execution_options(writing=BY_HAND)
        self._sql = Sql(engine.dialect.name)
        self._clock = clock
        self._immediate = tuple(immediate)
        self._connection: Connection | None = None
        self._ending = False
        self._purge_at: dict[SiteId, int] = {}
        self._erased: dict[SiteId, tuple[int, dict[str, int]]] = {}

    def commit(self, site: SiteId, units: Sequence[Unit]) -> list[Outcome]:
        """What became of each unit; durable when it returns. After an error `drop` the connection.

        A connection that broke since its last use is renewed once, as long as nothing was begun.
        """
        kept = self._connection is not None
        try:
            return self._commit(site, units)
        except Exception as error:
            away = outage(error)
            if away is not None and self._ending:
                raise Unavailable("commit_unknown", _UNKNOWN) from error
            if not kept or away is None or away.code != "database_unavailable":
                raise
        self.drop()
        return self._commit(site, units)

    def _commit(self, site: SiteId, units: Sequence[Unit]) -> list[Outcome]:
        self._ending = False
        connection = self._connect()
        raw: Any = connection.connection.dbapi_connection
        cursor = raw.cursor()
        self._begin(cursor)
        position, previous, recorded_at, erased_position = self._lock(cursor, site)
        now = max(self._clock.now(), recorded_at)
        known = self._known(cursor, site, units, now)
        if erased_position:
            known.erased = self._forgotten(cursor, site, erased_position, now)
        judge = Judge(site, position, now, known)
        outcomes = [_judged(judge, unit) for unit in units]
        if judge.has_writes:
            rows = hashed(previous, judge.rows)
            self._insert(cursor, rows)
            self._project(connection, site, judge)
            self._keep(cursor, site, judge, now)
            if rows:
                self._move_head(cursor, rows[-1])
                self._note_erasure(cursor, site, judge)
            self._ending = True
            self._end(raw)
        else:
            raw.rollback()
        cursor.close()
        if judge.seen and connection.in_transaction():
            connection.rollback()  # SQLAlchemy's own idea of a transaction, after a projection
        return outcomes

    def drop(self) -> None:
        """Closes the connection, after an error or at the end; the next commit makes a new one."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        if not connection.invalidated:
            raw: Any = connection.connection.dbapi_connection
            # SQLite keeps the lock of a closed connection as long as anyone holds its cursor
            with suppress(self._engine.dialect.loaded_dbapi.Error):
                raw.rollback()
        connection.invalidate()
        connection.close()

    def _connect(self) -> Connection:
        if self._connection is None:
            self._connection = self._engine.connect()
        return self._connection

    def _begin(self, cursor: Any) -> None:
        if self._sql.begin is not None:
            cursor.execute(self._sql.begin)

    def _lock(self, cursor: Any, site: SiteId) -> tuple[int, bytes, int, int]:
        cursor.execute(self._sql.lock_head, (site,))
        found = cursor.fetchone()
        if found is None:
            cursor.execute(self._sql.open_head, (site, 0, EMPTY, 0, 0))
            cursor.execute(self._sql.lock_head, (site,))
            found = cursor.fetchone()
        position, previous, recorded_at, erased_position = found
        return position, bytes(previous), recorded_at, erased_position

    def _known(self, cursor: Any, site: SiteId, units: Sequence[Unit], now: int) -> Known:
        """All that these units may meet, in at most four selects."""
        streams: set[bytes] = set()
        keyed: set[bytes] = set()
        versions: set[int] = set()
        counters: set[str] = set()
        scopes: set[str] = set()
        for unit in units:
            asked = unit.asked
            streams.update(stream.bytes for stream in asked.expect)
            counters.update(counter.key for counter in asked.move)
            if asked.once is not None:
                scopes.add(asked.once.scope)
            for event in unit.events:
                if event.version is None:
                    streams.add(event.stream)
                else:
                    keyed.add(event.stream)
                    versions.add(event.version)
        known = Known()
        sql = self._sql
        for page in pages([*streams]):
            cursor.execute(sql.versions(len(page)), (site, *page))
            known.versions.update((bytes(stream), version) for stream, version in cursor)
        for page in pages([*keyed]):
            for few in pages([*versions]):
                cursor.execute(sql.keys(len(page), len(few)), (site, *page, *few))
                known.taken.update((bytes(stream), version) for stream, version in cursor)
        for keys in pages([*counters]):
            cursor.execute(sql.used(len(keys)), (site, *keys))
            known.used.update(cursor.fetchall())
        for some in pages([*scopes]):
            cursor.execute(sql.answers(len(some)), (site, now, *some))
            known.answers.update((row[0], _answer(row)) for row in cursor)
        return known

    def _forgotten(self, cursor: Any, site: SiteId, upto: int, now: int) -> dict[str, int]:
        """The pseudonyms that were forgotten of late, read when another erasure came."""
        seen, names = self._erased.get(site, (0, {}))
        if seen != upto:
            since = now - _HELD_FOR if not seen else 0
            cursor.execute(self._sql.erased, (site, seen, since))
            names = {name: at for name, at in names.items() if at > now - _HELD_FOR}
            names.update(cursor.fetchall())
            self._erased[site] = (upto, names)
        return names

    def _insert(self, cursor: Any, rows: Sequence[HashedRow]) -> None:
        if rows:
            cursor.executemany(self._sql.insert_event, rows)
            keys = [(row[0], row[2], row[3], row[1]) for row in rows]
            cursor.executemany(self._sql.insert_key, keys)

    def _project(self, connection: Connection, site: SiteId, judge: Judge) -> None:
        if not judge.seen:
            return
        events = [_recorded(row, data) for row, data in judge.seen]
        for projection in self._immediate:
            followed = [event for event in events if event.topic in projection.topics]
            if followed:
                for write in projection.fold(connection, site, followed):
                    if not write.rows:
                        continue
                    if write.plain:
                        execute(connection, write)
                    else:
                        connection.execute(write.statement, write.rows)

    def _keep(self, cursor: Any, site: SiteId, judge: Judge, now: int) -> None:
        if judge.counters:
            moved = [(site, key, *used) for key, used in sorted(judge.counters.items())]
            cursor.executemany(self._sql.move_counter, moved)
        if judge.answers:
            kept = [
                (
                    site,
                    once.scope,
                    once.request,
                    once.status,
                    once.body,
                    position,
                    expires_at,
                    " ".join(sorted(once.about)),
                )
                for once, position, expires_at in judge.answers.values()
            ]
            cursor.executemany(self._sql.keep_answer, kept)
            if now >= self._purge_at.get(site, 0):
                cursor.execute(self._sql.purge_answers, (site, site, now))
                self._purge_at[site] = now + _PURGE_EVERY if cursor.rowcount == 0 else now

    def _move_head(self, cursor: Any, last: HashedRow) -> None:
        cursor.execute(self._sql.move_head, (last[1], last[9], last[7], last[0]))

    def _note_erasure(self, cursor: Any, site: SiteId, judge: Judge) -> None:
        erasures = [row[1] for row, _ in judge.seen if row[4] == ERASED]
        if erasures:
            cursor.execute(self._sql.note_erasure, (erasures[-1], site))

    def _end(self, raw: Any) -> None:
        raw.commit()


def _judged(judge: Judge, unit: Unit) -> Outcome:
    try:
        return judge.judge(unit)
    except DomainError as refusal:
        return refusal


def _answer(row: Sequence[Any]) -> StoredAnswer:
    return StoredAnswer(row[1], row[2], bytes(row[3]), row[4])


def _recorded(row: Any, data: dict[str, Any]) -> RecordedEvent:
    site, position, stream, version, topic, shopper, occurred_at, recorded_at = row[:8]
    return RecordedEvent(
        site, position, UUID(bytes=stream), version, topic, shopper, occurred_at, recorded_at, data
    )

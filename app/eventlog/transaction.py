"""One batch of units of one site, in one transaction: the steps of an append, in order.

Everything is judged under the site's lock: on SQLite BEGIN IMMEDIATE, on PostgreSQL the head row.
There, statements are sent without waiting for one another's answers, in two round trips: while the
site is locked, round trips are what everybody else waits for.
The process may die between any two steps; the database then forgets the whole batch.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from contextlib import nullcontext
from contextlib import suppress
from typing import Any
from uuid import UUID

from psycopg import Pipeline
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
_Head = tuple[int, bytes, int, int]
"""position, hash, recorded_at, position of the last erasure or 0"""
_Question = tuple[Callable[[Known, Iterable[Sequence[Any]]], None], str, tuple[Any, ...]]
_FEW = 8  # rows that are sent one by one; more go through executemany, which costs a round trip
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
        self._pipelines = engine.dialect.name == "postgresql" and Pipeline.is_supported()
        self._clock = clock
        self._immediate = tuple(immediate)
        self._connection: Connection | None = None
        self._ending = False
        self._piped = False
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
        (position, previous, recorded_at, erased_position), known = self._look(raw, site, units)
        now = max(self._clock.now(), recorded_at)
        if erased_position:
            known.erased = self._forgotten(raw, site, erased_position, now)
        judge = Judge(site, position, now, known)
        outcomes = [_judged(judge, unit) for unit in units]
        if judge.has_writes:
            rows = hashed(previous, judge.rows)
            self._piped = self._pipelines and not judge.seen  # projections may read meanwhile
            with raw.pipeline() if self._piped else nullcontext():
                cursor = raw.cursor()
                self._insert(cursor, rows)
                self._project(connection, site, judge)
                purging = self._keep(raw, cursor, site, judge, now)
                if rows:
                    self._move_head(cursor, rows[-1])
                    self._note_erasure(cursor, site, judge)
                self._ending = True
                self._end(raw)
            self._purged(purging, site, now)
            cursor.close()
        else:
            raw.rollback()
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

    def _look(self, raw: Any, site: SiteId, units: Sequence[Unit]) -> tuple[_Head, Known]:
        """Locks the site's head, and reads all that these units may meet, in this order: each
        statement sees what was committed when it began. Answers past their hours are told by the
        moment before the lock."""
        questions = self._questions(site, units, self._clock.now())
        locking = raw.cursor()
        if self._sql.begin is not None:
            locking.execute(self._sql.begin)
        while True:
            asked = []
            with raw.pipeline() if self._pipelines else nullcontext():
                locking.execute(self._sql.lock_head, (site,))
                for take, text, values in questions:
                    cursor = raw.cursor()
                    cursor.execute(text, values)
                    asked.append((take, cursor if self._pipelines else cursor.fetchall()))
            found = locking.fetchone()
            if found is not None:
                break
            locking.execute(self._sql.open_head, (site, 0, EMPTY, 0, 0))
        locking.close()
        known = Known()
        for take, rows in asked:
            take(known, rows)
        position, previous, recorded_at, erased_position = found
        return (position, bytes(previous), recorded_at, erased_position), known

    def _questions(self, site: SiteId, units: Sequence[Unit], now: int) -> list[_Question]:
        """At most four selects, for lists that are not very long: how an answer is taken, text and
        parameters of each."""
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
        sql = self._sql
        questions: list[_Question] = []
        for page in pages([*streams]):
            questions.append((_take_versions, sql.versions(len(page)), (site, *page)))
        for page in pages([*keyed]):
            for few in pages([*versions]):
                text = sql.keys(len(page), len(few))
                questions.append((_take_keys, text, (site, *page, *few)))
        for keys in pages([*counters]):
            questions.append((_take_used, sql.used(len(keys)), (site, *keys)))
        for some in pages([*scopes]):
            questions.append((_take_answers, sql.answers(len(some)), (site, now, *some)))
        return questions

    def _forgotten(self, raw: Any, site: SiteId, upto: int, now: int) -> dict[str, int]:
        """The pseudonyms that were forgotten of late, read when another erasure came."""
        seen, names = self._erased.get(site, (0, {}))
        if seen != upto:
            since = now - _HELD_FOR if not seen else 0
            cursor = raw.cursor()
            cursor.execute(self._sql.erased, (site, seen, since))
            names = {name: at for name, at in names.items() if at > now - _HELD_FOR}
            names.update(cursor.fetchall())
            cursor.close()
            self._erased[site] = (upto, names)
        return names

    def _insert(self, cursor: Any, rows: Sequence[HashedRow]) -> None:
        if rows:
            self._many(cursor, self._sql.insert_event, rows)
            keys = [(row[0], row[2], row[3], row[1]) for row in rows]
            self._many(cursor, self._sql.insert_key, keys)

    def _many(self, cursor: Any, text: str, rows: Sequence[Sequence[Any]]) -> None:
        """Few are sent with the rest; `executemany` waits for answers to what was sent before."""
        if self._piped and len(rows) <= _FEW:
            for row in rows:
                cursor.execute(text, row)
        else:
            cursor.executemany(text, rows)

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

    def _keep(self, raw: Any, cursor: Any, site: SiteId, judge: Judge, now: int) -> Any:
        """Counters and answers; the cursor that purges old answers, None if it is not time."""
        if judge.counters:
            moved = [(site, key, *used) for key, used in sorted(judge.counters.items())]
            self._many(cursor, self._sql.move_counter, moved)
        if not judge.answers:
            return None
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
        self._many(cursor, self._sql.keep_answer, kept)
        if now < self._purge_at.get(site, 0):
            return None
        purging = raw.cursor()
        purging.execute(self._sql.purge_answers, (site, site, now))
        return purging

    def _purged(self, purging: Any, site: SiteId, now: int) -> None:
        """The next purge is a while after one that found nothing."""
        if purging is not None:
            self._purge_at[site] = now + _PURGE_EVERY if purging.rowcount == 0 else now
            purging.close()

    def _move_head(self, cursor: Any, last: HashedRow) -> None:
        cursor.execute(self._sql.move_head, (last[1], last[9], last[7], last[0]))

    def _note_erasure(self, cursor: Any, site: SiteId, judge: Judge) -> None:
        erasures = [row[1] for row, _ in judge.seen if row[4] == ERASED]
        if erasures:
            cursor.execute(self._sql.note_erasure, (erasures[-1], site))

    def _end(self, raw: Any) -> None:
        raw.commit()


def _take_versions(known: Known, rows: Iterable[Sequence[Any]]) -> None:
    known.versions.update((bytes(stream), version) for stream, version in rows)


def _take_keys(known: Known, rows: Iterable[Sequence[Any]]) -> None:
    known.taken.update((bytes(stream), version) for stream, version in rows)


def _take_used(known: Known, rows: Iterable[Sequence[Any]]) -> None:
    known.used.update((key, used) for key, used in rows)


def _take_answers(known: Known, rows: Iterable[Sequence[Any]]) -> None:
    known.answers.update((row[0], _answer(row)) for row in rows)


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

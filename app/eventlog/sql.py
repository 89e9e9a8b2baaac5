"""The writer's statements, written in Core and compiled once to text with positional parameters.

`IN` lists are padded to powers of two, so that few texts serve lists of all lengths.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from typing import TypeVar

from sqlalchemy import BindParameter
from sqlalchemy import ClauseElement
from sqlalchemy import ColumnElement
from sqlalchemy import Dialect
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import literal_column
from sqlalchemy import make_url
from sqlalchemy import select
from sqlalchemy import update

from app.eventlog.tables import counters
from app.eventlog.tables import event_keys
from app.eventlog.tables import events
from app.eventlog.tables import idempotency_keys
from app.eventlog.tables import log_heads
from projections.erased_shoppers import erased_shoppers
from projections.upserts import insert_or_keep
from projections.upserts import insert_or_replace

LIST_MAX = 512
_PURGED: ColumnElement[int] = literal_column("500")  # expired answers that one commit deletes
T = TypeVar("T")


class Sql:
    """The texts for one dialect. Parameters stand in the order in which the docstrings name them;
    inserts take whole rows in table order."""

    def __init__(self, dialect_name: str) -> None:
        sqlite = dialect_name == "sqlite"
        driver, style = ("sqlite", "qmark") if sqlite else ("postgresql+psycopg", "format")
        dialect_class: Any = make_url(f"{driver}://").get_dialect()
        self._dialect: Dialect = dialect_class(paramstyle=style)
        self.begin = "BEGIN IMMEDIATE" if sqlite else None
        self.insert_event = self._text(insert(events))
        self.insert_key = self._text(insert(event_keys))
        self.open_head = self._text(insert_or_keep(dialect_name, log_heads))
        self.keep_answer = self._text(insert_or_replace(dialect_name, idempotency_keys))
        self.move_counter = self._text(insert_or_replace(dialect_name, counters))
        self.lock_head = self._text(_lock_head())
        """site -> (position, hash, recorded_at, erased_position); on SQLite the transaction is the
        lock."""
        self.move_head = self._text(_move_head())
        """position, hash, recorded_at, site"""
        self.note_erasure = self._text(_note_erasure())
        """erased_position, site"""
        self.erased = self._text(_erased())
        """site, position, erased_at -> (pseudonym, erased_at)"""
        self.purge_answers = self._text(_purge_answers())
        """site, site, now"""
        self.versions = lru_cache(lambda count: self._text(_versions(count)))
        """site, streams -> (stream, last version)"""
        self.keys = lru_cache(lambda streams, versions: self._text(_keys(streams, versions)))
        """site, streams, versions -> (stream, version)"""
        self.used = lru_cache(lambda count: self._text(_used(count)))
        """site, counter keys -> (key, used)"""
        self.answers = lru_cache(lambda count: self._text(_answers(count)))
        """site, now, scopes -> (scope, request, status, body, log_position)"""

    def _text(self, statement: Any) -> str:
        return str(statement.compile(dialect=self._dialect))


def pages(values: Sequence[T]) -> Iterator[list[T]]:
    """Lists of at most LIST_MAX values, padded to a power of two by repeating the first."""
    for start in range(0, len(values), LIST_MAX):
        page = list(values[start : start + LIST_MAX])
        room = 1 << (len(page) - 1).bit_length()
        yield page + page[:1] * (room - len(page))


def _lock_head() -> ClauseElement:
    c = log_heads.c
    head = select(c.position, c.hash, c.recorded_at, c.erased_position)
    return head.where(c.site == _of()).with_for_update()


def _move_head() -> ClauseElement:
    values: dict[str, Any] = {
        name: bindparam(f"new_{name}") for name in ("position", "hash", "recorded_at")
    }
    return update(log_heads).values(values).where(log_heads.c.site == _of())


def _note_erasure() -> ClauseElement:
    noted = update(log_heads).values(erased_position=bindparam("new_position"))
    return noted.where(log_heads.c.site == _of())


def _erased() -> ClauseElement:
    c = erased_shoppers.c
    return select(c.pseudonym, c.erased_at).where(
        c.site == _of(), c.position > bindparam("after"), c.erased_at > bindparam("since")
    )


def _purge_answers() -> ClauseElement:
    c = idempotency_keys.alias().c
    old = select(c.scope).where(c.site == bindparam("its"), c.expires_at <= bindparam("now"))
    own = idempotency_keys.c
    few = old.limit(_PURGED).offset(literal_column("0"))
    return delete(idempotency_keys).where(own.site == _of(), own.scope.in_(few))


def _versions(count: int) -> ClauseElement:
    c = event_keys.c
    query = select(c.stream_id, func.max(c.version))
    return query.where(c.site == _of(), c.stream_id.in_(_binds(count))).group_by(c.stream_id)


def _keys(streams: int, versions: int) -> ClauseElement:
    c = event_keys.c
    return select(c.stream_id, c.version).where(
        c.site == _of(), c.stream_id.in_(_binds(streams)), c.version.in_(_binds(versions))
    )


def _used(count: int) -> ClauseElement:
    c = counters.c
    return select(c.key, c.used).where(c.site == _of(), c.key.in_(_binds(count)))


def _answers(count: int) -> ClauseElement:
    c = idempotency_keys.c
    query = select(c.scope, c.request, c.status, c.body, c.log_position)
    return query.where(c.site == _of(), c.expires_at > bindparam("now"), c.scope.in_(_binds(count)))


def _of() -> BindParameter[str]:
    return bindparam("of")


def _binds(count: int) -> list[BindParameter[object]]:
    return [bindparam(None) for _ in range(count)]

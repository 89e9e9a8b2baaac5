"""The log's reads: statements in Core, compiled once, run on connections that stay open."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from typing import TypeVar

from sqlalchemy import Dialect
from sqlalchemy import Select
from sqlalchemy import bindparam
from sqlalchemy import literal_column
from sqlalchemy import select

from aggregates.kernel.ids import SiteId
from app.eventlog.chain import HashedRow
from app.eventlog.chain import Row
from app.eventlog.tables import event_keys
from app.eventlog.tables import events
from app.eventlog.tables import idempotency_keys
from app.eventlog.tables import log_heads
from projections.pinned import Pinned
from projections.pinned import Prepared

T = TypeVar("T")
NO_END = 2**62
_BY_SUM = events.c.position + literal_column("0")
"""The order of positions, but not the column's: of a person with several pseudonyms a planner would
else walk the whole log in its order and look at everybody's events."""
_E = events.c
_ROW = (
    _E.site,
    _E.position,
    _E.stream_id,
    _E.version,
    _E.topic,
    _E.shopper_id,
    _E.occurred_at,
    _E.recorded_at,
    _E.state,
)


class Reads:
    """Rows as they are stored; the codec makes events of them."""

    def __init__(self, pinned: Pinned) -> None:
        self._pinned = pinned

    def close(self) -> None:
        """Closes the connections."""
        self._pinned.close()

    def head(self, site: SiteId) -> tuple[int, bytes, int] | None:
        """(position, hash, recorded_at)."""
        rows = self._rows(_head(self._pinned.dialect), {"of": site})
        return rows[0] if rows else None

    def sites(self) -> list[str]:
        """The sites with at least one event."""
        return [row[0] for row in self._rows(_sites(self._pinned.dialect), {})]

    def page(
        self,
        site: SiteId,
        after: int,
        upto: int,
        limit: int,
        *,
        topics: Collection[str] | None = None,
        shoppers: Sequence[str] | None = None,
    ) -> list[Row]:
        """Rows after a position, in order."""
        if (topics is not None and not topics) or (shoppers is not None and not shoppers):
            return []
        of_topics = _named("topic", frozenset(topics)) if topics is not None else {}
        of_shoppers = _named("shopper", frozenset(shoppers)) if shoppers is not None else {}
        given = {
            "of": site,
            "after": after,
            "upto": upto,
            "most": limit,
            **of_topics,
            **of_shoppers,
        }
        return self._rows(_page(self._pinned.dialect, len(of_topics), len(of_shoppers)), given)

    def hashed_page(self, site: SiteId, after: int, upto: int, limit: int) -> list[HashedRow]:
        """Rows after a position with their hashes, in order."""
        given = {"of": site, "after": after, "upto": upto, "most": limit}
        return self._rows(_hashed_page(self._pinned.dialect), given)

    def stream(self, site: SiteId, stream: bytes, upto: int, *, last: bool) -> list[Row]:
        """Rows of a stream by version."""
        given = {"of": site, "stream": stream, "upto": upto}
        return self._rows(_stream(self._pinned.dialect, last), given)

    def at(self, site: SiteId, positions: Sequence[int]) -> list[Row]:
        """Rows at these positions, in order."""
        if not positions:
            return []
        named = {f"at_{i}": position for i, position in enumerate(_doubled(positions))}
        return self._rows(_at(self._pinned.dialect, len(named)), {"of": site, **named})

    def positions_of(
        self, site: SiteId, shoppers: Sequence[str], after: int, upto: int, limit: int
    ) -> list[int]:
        """Positions of these pseudonyms, in order, of the index alone."""
        if not shoppers:
            return []
        named = _named("shopper", frozenset(shoppers))
        given = {"of": site, "after": after, "upto": upto, "most": limit, **named}
        return [row[0] for row in self._rows(_positions(self._pinned.dialect, len(named)), given)]

    def recorded_at(self, site: SiteId, position: int) -> int:
        """When the last event up to a position was recorded; 0 if there is none."""
        given = {"of": site, "upto": position}
        rows = self._rows(_recorded_at(self._pinned.dialect), given)
        return rows[0][0] if rows else 0

    def answer(self, site: SiteId, scope: str, now: int) -> tuple[str, int, bytes, int] | None:
        """(request, status, body, log_position) of an answer that is still kept."""
        given = {"of": site, "scope": scope, "now": now}
        rows = self._rows(_answer(self._pinned.dialect), given)
        return rows[0] if rows else None

    def _rows(self, prepared: Prepared, given: dict[str, Any]) -> list[Any]:
        return self._pinned.rows(prepared, given)


@lru_cache(maxsize=256)
def _named(prefix: str, values: frozenset[str]) -> dict[str, str]:
    """Parameters, as many as `_doubled` makes of them."""
    return {f"{prefix}_{i}": value for i, value in enumerate(_doubled(sorted(values)))}


def _doubled(some: Sequence[T]) -> list[T]:
    """Up to a power of two, by repeating the first: few statements serve lists of all lengths."""
    room = 1 << (len(some) - 1).bit_length()
    return [*some, *list(some[:1]) * (room - len(some))]


@lru_cache(maxsize=4)
def _head(dialect: Dialect) -> Prepared:
    c = log_heads.c
    query = select(c.position, c.hash, c.recorded_at).where(c.site == bindparam("of"))
    return Prepared(query, dialect)


@lru_cache(maxsize=4)
def _sites(dialect: Dialect) -> Prepared:
    c = log_heads.c
    return Prepared(select(c.site).where(c.position > 0).order_by(c.site), dialect)


@lru_cache(maxsize=128)
def _page(dialect: Dialect, topics: int, shoppers: int) -> Prepared:
    query: Select[Any] = select(*_ROW).where(
        _E.site == bindparam("of"),
        _E.position > bindparam("after"),
        _E.position <= bindparam("upto"),
    )
    for column, prefix, count in (
        (_E.topic, "topic", topics),
        (_E.shopper_id, "shopper", shoppers),
    ):
        if count:
            query = query.where(column.in_([bindparam(f"{prefix}_{i}") for i in range(count)]))
    order = _BY_SUM if shoppers else _E.position
    return Prepared(query.order_by(order).limit(bindparam("most")), dialect)


@lru_cache(maxsize=16)
def _at(dialect: Dialect, count: int) -> Prepared:
    listed = _E.position.in_([bindparam(f"at_{i}") for i in range(count)])
    query = select(*_ROW).where(_E.site == bindparam("of"), listed)
    return Prepared(query.order_by(_E.position), dialect)


@lru_cache(maxsize=16)
def _positions(dialect: Dialect, shoppers: int) -> Prepared:
    query = select(_E.position).where(
        _E.site == bindparam("of"),
        _E.shopper_id.in_([bindparam(f"shopper_{i}") for i in range(shoppers)]),
        _E.position > bindparam("after"),
        _E.position <= bindparam("upto"),
    )
    return Prepared(query.order_by(_BY_SUM).limit(bindparam("most")), dialect)


@lru_cache(maxsize=4)
def _recorded_at(dialect: Dialect) -> Prepared:
    query = select(_E.recorded_at).where(
        _E.site == bindparam("of"), _E.position <= bindparam("upto")
    )
    return Prepared(query.order_by(_E.position.desc()).limit(1), dialect)


@lru_cache(maxsize=4)
def _hashed_page(dialect: Dialect) -> Prepared:
    query = select(*_ROW, _E.hash).where(
        _E.site == bindparam("of"),
        _E.position > bindparam("after"),
        _E.position <= bindparam("upto"),
    )
    return Prepared(query.order_by(_E.position).limit(bindparam("most")), dialect)


@lru_cache(maxsize=8)
def _stream(dialect: Dialect, last: bool) -> Prepared:
    k = event_keys.c
    query = (
        select(*_ROW)
        .join_from(event_keys, events, (_E.site == k.site) & (_E.position == k.position))
        .where(
            k.site == bindparam("of"),
            k.stream_id == bindparam("stream"),
            k.position <= bindparam("upto"),
        )
    )
    by_version = query.order_by(k.version.desc()).limit(1) if last else query.order_by(k.version)
    return Prepared(by_version, dialect)


@lru_cache(maxsize=4)
def _answer(dialect: Dialect) -> Prepared:
    c = idempotency_keys.c
    query = select(c.request, c.status, c.body, c.log_position)
    return Prepared(
        query.where(
            c.site == bindparam("of"),
            c.scope == bindparam("scope"),
            c.expires_at > bindparam("now"),
        ),
        dialect,
    )

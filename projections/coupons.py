"""Coupon codes: one row for each that is there. Written with the event.

A code belongs to one rule of the site. How often it was used is a counter beside the log
(`uses_counter`), so that a use moves no row of this table.
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import Connection
from sqlalchemy import Dialect
from sqlalchemy import Engine
from sqlalchemy import Index
from sqlalchemy import Select
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import bindparam
from sqlalchemy import column
from sqlalchemy import delete
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import text
from sqlalchemy import true
from sqlalchemy import values

from aggregates.coupon import ADDED
from aggregates.coupon import DELETED
from aggregates.kernel.ids import SiteId
from aggregates.log import RecordedEvent
from projections.pinned import Pinned
from projections.pinned import Prepared
from projections.projection import Write
from projections.schema import log_store
from rulesets.cart_rules import coupon_key

coupons = Table(
    "coupons",
    log_store,
    Column("site", String(64), primary_key=True),
    Column("code_key", String(64), primary_key=True),
    Column("rule_id", String(64), nullable=False),
    Column("code", String(64), nullable=False),
    Column("batch", String(64), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Column("uses_max", BigInteger),
    Column("customer_uses_max", BigInteger),
    Column("position", BigInteger, nullable=False),
    Index(None, "site", "rule_id", "code_key"),
    sqlite_with_rowid=False,
)
_C = coupons.c
_ADD = insert(coupons)
_DELETE = delete(coupons).where(
    _C.site == bindparam("of_site"),
    _C.code_key == bindparam("of_key"),
    _C.rule_id == bindparam("of_rule"),
)
_OWN = ("code_key", "code", "expires_at", "uses_max", "customer_uses_max")
_ADD_LISTS = text(
    """
    INSERT INTO coupons (site, rule_id, batch, created_at, position,
        code_key, code, expires_at, uses_max, customer_uses_max)
    SELECT :site, :rule_id, :batch, :created_at, :position, rows.*
    FROM unnest(CAST(:code_key AS text[]), CAST(:code AS text[]), CAST(:expires_at AS bigint[]),
        CAST(:uses_max AS bigint[]), CAST(:customer_uses_max AS bigint[])) AS rows
    """
)
_DELETE_LIST = text(
    """
    DELETE FROM coupons
    WHERE site = :of_site AND rule_id = :of_rule AND code_key = ANY(CAST(:of_key AS text[]))
    """
)
"""PostgreSQL takes the rows of an event as lists: a statement for each of a thousand codes costs
half a second of waiting."""
_ASKED_AT_ONCE = 512
LIMITS = ("expires_at", "uses_max", "customer_uses_max")
"""What an event says once for all its codes, or in a list beside them."""


@dataclass(frozen=True, slots=True)
class Coupon:
    """A code. It is valid before `expires_at`; None is unlimited, or what its rule says."""

    code_key: str
    rule_id: str
    code: str
    batch: str
    created_at: int
    expires_at: int | None
    uses_max: int | None
    customer_uses_max: int | None
    position: int

    def expired(self, now: int) -> bool:
        """Whether its time is over."""
        return self.expires_at is not None and now >= self.expires_at


_COLUMNS = [_C[name] for name in Coupon.__slots__]


class Coupons:
    """The immediate projection."""

    name = "coupons"
    topics = frozenset({ADDED, DELETED})
    unseals: frozenset[str] = frozenset()

    def fold(
        self, connection: Connection, site: SiteId, events: Sequence[RecordedEvent]
    ) -> list[Write]:
        """Rows to add and to delete, in the events' order."""
        by_lists = connection.dialect.name == "postgresql"
        return [_as_lists(event) if by_lists else _as_rows(event) for event in events]


def uses_counter(code_key: str) -> str:
    """The counter of the uses of a code."""
    return f"coupon/{code_key}/coupon_uses"


def customer_counter(code_key: str, customer: str) -> str:
    """The counter of one customer's uses of a code."""
    return f"customer/{customer}/coupon/{code_key}/coupon_customer_uses"


def find(pinned: Pinned, site: SiteId, keys: Collection[str]) -> dict[str, Coupon]:
    """The codes with these keys, by key; what there is not is left out."""
    found = {}
    for page in _pages(list(keys)):
        for row in pinned.rows(rows_of_keys(pinned.dialect, len(page)), _named(site, page)):
            found[row[0]] = Coupon(*row)
    return found


@lru_cache(maxsize=32)
def rows_of_keys(dialect: Dialect, count: int) -> Prepared:
    """The columns of a Coupon, of so many keys `key_0`.. of the site `of_site`."""
    return Prepared(_of_keys(dialect.name, count), dialect)


@lru_cache(maxsize=32)
def _of_keys(dialect: str, count: int) -> Select[Any]:
    """PostgreSQL is told to look each key up: while a table grows, it believes the site to have
    few codes, and would read them all."""
    keys: list[Any] = [bindparam(f"key_{i}", type_=String) for i in range(count)]
    own = select(*_COLUMNS).where(_C.site == bindparam("of_site"))
    if dialect != "postgresql":
        return own.where(_C.code_key.in_(keys))
    asked = values(column("asked_key", String), name="asked").data([(key,) for key in keys])
    found = own.where(_C.code_key == asked.c.asked_key).limit(1).lateral("found")
    return select(found).select_from(asked.join(found, true()))


def taken(connection: Connection, site: SiteId, keys: Collection[str]) -> list[str]:
    """Of these keys, those that a coupon has."""
    found: set[str] = set()
    for page in _pages(sorted(keys)):
        query = _of_keys(connection.dialect.name, len(page))
        found.update(connection.scalars(query, _named(site, page)))
    return sorted(found)


def noticed(engine: Engine) -> None:
    """Lets PostgreSQL see that the table has grown, as it would within minutes by itself: until
    then it reads the codes of a rule in an order that makes pages of many expensive."""
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.execute(text("ANALYZE coupons"))


def of_rule(
    connection: Connection, site: SiteId, rule_id: str, after: str, limit: int
) -> list[Coupon]:
    """A page of a rule's codes, in the order of their keys."""
    query = select(*_COLUMNS).where(_C.site == site, _C.rule_id == rule_id, _C.code_key > after)
    rows = connection.execute(query.order_by(_C.code_key).limit(limit))
    return [Coupon(*row) for row in rows]


def _pages(keys: list[str]) -> Iterator[list[str]]:
    """Padded to powers of two by repeating the first: few statements serve all lengths."""
    for start in range(0, len(keys), _ASKED_AT_ONCE):
        page = keys[start : start + _ASKED_AT_ONCE]
        yield page + page[:1] * ((1 << (len(page) - 1).bit_length()) - len(page))


def _named(site: SiteId, page: Sequence[str]) -> dict[str, str]:
    return {"of_site": site, **{f"key_{i}": key for i, key in enumerate(page)}}


def _as_rows(event: RecordedEvent) -> Write:
    if event.topic == ADDED:
        return Write(_ADD, rows_of(event), plain=True)
    common = {"of_site": event.site, "of_rule": event.data["rule_id"]}
    gone = [{**common, "of_key": coupon_key(code)} for code in event.data["codes"]]
    return Write(_DELETE, gone, plain=True)


def _as_lists(event: RecordedEvent) -> Write:
    if event.topic == ADDED:
        rows = rows_of(event)
        lists = {name: [row[name] for row in rows] for name in _OWN}
        return Write(_ADD_LISTS, [{**rows[0], **lists}] if rows else [], plain=True)
    keys = [coupon_key(code) for code in event.data["codes"]]
    gone = {"of_site": event.site, "of_rule": event.data["rule_id"], "of_key": keys}
    return Write(_DELETE_LIST, [gone], plain=True)


def rows_of(event: RecordedEvent) -> list[dict[str, Any]]:
    """The rows of an event that added codes."""
    data = event.data
    common = {
        "site": event.site,
        "rule_id": data["rule_id"],
        "batch": data["batch"],
        "created_at": event.recorded_at,
        "position": event.position,
    }
    common |= {name: data.get(name) for name in LIMITS if not isinstance(data.get(name), list)}
    rows = [{**common, "code_key": coupon_key(code), "code": code} for code in data["codes"]]
    for name in LIMITS:
        if isinstance(data.get(name), list):
            for row, value in zip(rows, data[name], strict=True):
                row[name] = value
    return rows

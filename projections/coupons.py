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
from sqlalchemy import Index
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import insert
from sqlalchemy import select

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
        return [_write(site, event) for event in events]


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
        given = {"of_site": site, **{f"key_{i}": key for i, key in enumerate(page)}}
        for row in pinned.rows(rows_of_keys(pinned.dialect, len(page)), given):
            found[row[0]] = Coupon(*row)
    return found


@lru_cache(maxsize=32)
def rows_of_keys(dialect: Dialect, count: int) -> Prepared:
    """The columns of a Coupon, of so many keys `key_0`.. of the site `of_site`."""
    keys: list[Any] = [bindparam(f"key_{i}") for i in range(count)]
    query = select(*_COLUMNS).where(_C.site == bindparam("of_site"), _C.code_key.in_(keys))
    return Prepared(query, dialect)


def taken(connection: Connection, site: SiteId, keys: Collection[str]) -> list[str]:
    """Of these keys, those that a coupon has."""
    found: list[str] = []
    for page in _pages(sorted(keys)):
        query = select(_C.code_key).where(_C.site == site, _C.code_key.in_(page))
        found += connection.scalars(query)
    return found


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


def _write(site: SiteId, event: RecordedEvent) -> Write:
    data = event.data
    if event.topic == DELETED:
        gone = [
            {"of_site": site, "of_key": coupon_key(code), "of_rule": data["rule_id"]}
            for code in data["codes"]
        ]
        return Write(_DELETE, gone, plain=True)
    return Write(_ADD, rows_of(event), plain=True)


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

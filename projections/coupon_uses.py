"""Uses of coupons, for reports: a row for each use of a code by an order that was redeemed or
settled, with what the order cost, and what became of it.

An order that used two codes has two rows, and its amounts stand in both. What was settled knows the
order's total alone: its subtotal and discounts are 0. `updated_at` is when what the order used last
changed. The status of an order is that of its own events (projections/order_rows.py), if there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Boolean
from sqlalchemy import Column
from sqlalchemy import ColumnElement
from sqlalchemy import Connection
from sqlalchemy import Index
from sqlalchemy import Integer
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import Text
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import case
from sqlalchemy import delete
from sqlalchemy import exists
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update

from aggregates.kernel.ids import SiteId
from aggregates.log import RecordedEvent
from aggregates.redemption import EDITED
from aggregates.redemption import REDEEMED
from aggregates.redemption import REDUCED
from aggregates.redemption import RELEASED
from aggregates.redemption import REPLACED
from aggregates.redemption import SETTLED
from projections.order_rows import orders
from projections.orders import CANCELLED
from projections.projection import Write
from projections.schema import read_store
from rulesets.cart_rules import coupon_key

coupon_uses = Table(
    "coupon_uses",
    read_store,
    Column("site", String(64), primary_key=True),
    Column("redemption_id", String(64), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("order", String(64), nullable=False),
    Column("rule_id", String(64), nullable=False),
    Column("code_key", Text, nullable=False),
    Column("coupon", Text, nullable=False),
    Column("used_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("is_settled", Boolean, nullable=False),
    Column("is_over_limit", Boolean, nullable=False),
    Column("is_released", Boolean, nullable=False),
    Column("subtotal_minor", BigInteger, nullable=False),
    Column("discount_minor", BigInteger, nullable=False),
    Column("total_minor", BigInteger, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("refunded_minor", BigInteger, nullable=False),
    Index(None, "site", "used_at"),
    Index(None, "site", "updated_at"),
    sqlite_with_rowid=False,
)
_C = coupon_uses.c
_OF = (_C.site == bindparam("of_site"), _C.redemption_id == bindparam("of_redemption"))
_REDUCE = (
    update(coupon_uses)
    .where(*_OF)
    .values(refunded_minor=bindparam("refunded"), updated_at=bindparam("at"))
)
_REMOVE = delete(coupon_uses).where(*_OF)
_REPLACED = frozenset({EDITED, REPLACED})
"""Why uses are given back that others take the place of: they were never the order's last word."""
_RELEASE = (
    update(coupon_uses)
    .where(*_OF)
    .values(is_released=bindparam("released"), updated_at=bindparam("at"))
)
STATUSES = ("pending", "completed", "refunded", "cancelled")
"""Of the orders of uses: pending until the order's own events say that it was completed; refunded
when all of it was."""


@dataclass(frozen=True, slots=True)
class UsesOf:
    """The uses of one code of one rule in one currency, between two moments. Money is that of
    orders that hold their uses still."""

    code_key: str
    coupon: str
    rule_id: str
    currency: str
    uses: int
    settled: int
    over_limit: int
    given_back: int
    subtotal_minor: int
    discount_minor: int
    total_minor: int
    amount_minor: int
    refunded_minor: int


class CouponUses:
    """The followed projection."""

    name = "coupon_uses"
    version = 2
    topics = frozenset({REDEEMED, SETTLED, REDUCED, RELEASED})
    unseals: frozenset[str] = frozenset()
    tables = (coupon_uses,)
    forgets = ()
    zoned = False

    def fold(
        self, connection: Connection, site: SiteId, events: Sequence[RecordedEvent]
    ) -> list[Write]:
        """Rows of new redemptions; then what became of old and new ones, for that comes later."""
        rows = [row for event in events for row in _rows(site, event)]
        reduced = [
            {**_at(site, event), "refunded": event.data["refunded_minor"]}
            for event in events
            if event.topic == REDUCED
        ]
        released = [
            {**_at(site, event), "released": True}
            for event in events
            if event.topic == RELEASED and event.data["reason"] not in _REPLACED
        ]
        replaced = [
            _of(site, event)
            for event in events
            if event.topic == RELEASED and event.data["reason"] in _REPLACED
        ]
        writes = (
            Write(_ADD, rows),
            Write(_REDUCE, reduced),
            Write(_RELEASE, released),
            Write(_REMOVE, replaced),
        )
        return [write for write in writes if write.rows]


_ADD = insert(coupon_uses)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which uses: those since the first moment and before the second, by when the order used them
    or, `updated`, by when that last changed; of these statuses, all if there are none."""

    moments: tuple[int, int]
    updated: bool = False
    rule_id: str | None = None
    code: str | None = None
    statuses: frozenset[str] = frozenset()


def summed(connection: Connection, site: SiteId, wanted: Wanted) -> Iterator[UsesOf]:
    """The sums of what was used, by code, rule and currency."""
    held = case((_C.is_released, 0), else_=1)

    def of(column: Column[Any]) -> Any:
        return func.sum(case((_C.is_released, 0), else_=column))

    at = _C.updated_at if wanted.updated else _C.used_at
    query = (
        select(
            _C.code_key,
            func.min(_C.coupon),
            _C.rule_id,
            _C.currency,
            func.sum(held),
            func.sum(case((_C.is_settled, held), else_=0)),
            func.sum(case((_C.is_over_limit, held), else_=0)),
            func.sum(1 - held),
            *(of(column) for column in _MONEY),
        )
        .where(_C.site == site, at >= wanted.moments[0], at < wanted.moments[1])
        .group_by(_C.code_key, _C.rule_id, _C.currency)
        .order_by(_C.code_key, _C.rule_id, _C.currency)
    )
    if wanted.rule_id is not None:
        query = query.where(_C.rule_id == wanted.rule_id)
    if wanted.code is not None:
        query = query.where(_C.code_key == coupon_key(wanted.code))
    if wanted.statuses:
        query = query.where(_status().in_(sorted(wanted.statuses)))
    for row in connection.execution_options(yield_per=1_000).execute(query):
        yield UsesOf(*row[:4], *map(int, row[4:]))


def _status() -> ColumnElement[str]:
    """One of STATUSES. An order may stand under two pseudonyms: it counts if either row says so."""

    def told(*where: ColumnElement[bool]) -> ColumnElement[bool]:
        c = orders.c
        return exists().where(c.site == _C.site, c.order == _C.order, *where)

    paid_back = told(orders.c.total_minor > 0, orders.c.refunded_minor >= orders.c.total_minor)
    return case(
        (_C.is_released | told(orders.c.status == CANCELLED), "cancelled"),
        (and_(_C.total_minor > 0, _C.refunded_minor >= _C.total_minor) | paid_back, "refunded"),
        (told(orders.c.completed_at.is_not(None)), "completed"),
        else_="pending",
    )


_MONEY = (
    _C.subtotal_minor,
    _C.discount_minor,
    _C.total_minor,
    _C.amount_minor,
    _C.refunded_minor,
)


def _of(site: SiteId, event: RecordedEvent) -> dict[str, Any]:
    return {"of_site": site, "of_redemption": event.data["redemption_id"]}


def _at(site: SiteId, event: RecordedEvent) -> dict[str, Any]:
    return {**_of(site, event), "at": event.occurred_at}


def _rows(site: SiteId, event: RecordedEvent) -> Iterator[dict[str, Any]]:
    """Those with a coupon, of an event that redeems or settles."""
    data = event.data
    if event.topic not in {REDEEMED, SETTLED}:
        return
    over = {(one["rule_id"], one["coupon"]) for one in data.get("over_limit", ())}
    for number, use in enumerate(data["uses"]):
        if use["coupon"] is None:
            continue
        yield {
            "site": site,
            "redemption_id": data["redemption_id"],
            "number": number,
            "rule_id": use["rule_id"],
            "code_key": coupon_key(use["coupon"]),
            "coupon": use["coupon"],
            "order": data["order"],
            "used_at": event.occurred_at,
            "updated_at": event.occurred_at,
            "currency": data["currency"],
            "is_settled": event.topic == SETTLED,
            "is_over_limit": (use["rule_id"], use["coupon"]) in over,
            "is_released": False,
            "subtotal_minor": data.get("subtotal_minor", 0),
            "discount_minor": data.get("discount_minor", 0),
            "total_minor": data["total_minor"],
            "amount_minor": use["amount_minor"],
            "refunded_minor": 0,
        }

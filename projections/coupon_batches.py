"""Batches of coupon codes: what was asked for, how far it is, and what was refused.

Written with the event. A batch is open until its end is in the log; whoever fills batches takes
the open ones in the order in which they were asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import Connection
from sqlalchemy import Index
from sqlalchemy import Integer
from sqlalchemy import Row
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import Text
from sqlalchemy import bindparam
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import literal
from sqlalchemy import select
from sqlalchemy import update

from aggregates.coupon import ADDED
from aggregates.coupon import ASKED
from aggregates.coupon import ENDED
from aggregates.coupon import IMPORTED
from aggregates.coupon import batch_id
from aggregates.kernel.ids import SiteId
from aggregates.log import RecordedEvent
from projections.projection import Write
from projections.schema import log_store

WAITING, RUNNING, SUCCEEDED, FAILED = STATUSES = ("waiting", "running", "succeeded", "failed")
REFUSALS_SHOWN = 100
"""Refused rows that a batch names; the others are only counted."""
_NUMBER_DIGITS_MAX = 10  # as ids write them

coupon_batches = Table(
    "coupon_batches",
    log_store,
    Column("site", String(64), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("rule_id", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("spec", Text, nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("asked_at", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("added", BigInteger, nullable=False),
    Column("refused", BigInteger, nullable=False),
    Column("refusals", Text, nullable=False),
    Column("error", Text),
    Column("ended_at", BigInteger),
    Index(None, "site", "ended_at", "number"),
)
_C = coupon_batches.c
_ASK = insert(coupon_batches)
_OF = (_C.site == bindparam("of_site")) & (_C.number == bindparam("of_number"))
_ADD = (
    update(coupon_batches)
    .where(_OF)
    .values(
        version=bindparam("at_version"),
        added=_C.added + bindparam("more"),
        refused=_C.refused + bindparam("more_refused"),
        refusals=bindparam("all_refusals"),
    )
)
_END = (
    update(coupon_batches)
    .where(_OF)
    .values(
        version=bindparam("at_version"),
        error=bindparam("its_error"),
        ended_at=bindparam("at"),
    )
)


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch. `version` is that of its stream; `refusals` are the first rows that were refused,
    each (line, error code, what stood there); `error` has code and detail of what ended it."""

    number: int
    rule_id: str
    kind: str
    spec: Mapping[str, Any]
    quantity: int
    actor: str
    asked_at: int
    version: int
    added: int
    refused: int
    refusals: Sequence[Sequence[Any]]
    error: Mapping[str, str] | None
    ended_at: int | None

    @property
    def id(self) -> str:
        """As coupons and answers name it."""
        return batch_id(self.number)

    @property
    def status(self) -> str:
        """One of STATUSES."""
        if self.ended_at is None:
            return RUNNING if self.version > 1 else WAITING
        return SUCCEEDED if self.error is None else FAILED


_COLUMNS = [_C[name] for name in Batch.__slots__]


class CouponBatches:
    """The immediate projection."""

    name = "coupon_batches"
    topics = frozenset({ASKED, ADDED, ENDED})
    unseals: frozenset[str] = frozenset()

    def fold(
        self, connection: Connection, site: SiteId, events: Sequence[RecordedEvent]
    ) -> list[Write]:
        """Rows that begin, go on and end, in the events' order."""
        named: dict[int, list[Any]] = {}
        writes = []
        for event in events:
            number = _number(event.data["batch"])
            of = {"of_site": site, "of_number": number, "at_version": event.version}
            if event.topic == ASKED:
                named[number] = []
                writes.append(Write(_ASK, [_asked(site, number, event)]))
            elif event.topic == ENDED:
                writes.append(Write(_END, [of | _ended(event)]))
            else:
                if number not in named:
                    named[number] = _refusals(connection, site, number)
                writes.append(Write(_ADD, [of | _added(event, named[number])]))
        return writes


def find(connection: Connection, site: SiteId, batch: str) -> Batch | None:
    """A batch by its id, if there is one."""
    number = batch.removeprefix("cpb_")
    is_number = number.isascii() and number.isdecimal() and len(number) <= _NUMBER_DIGITS_MAX
    if not is_number or batch_id(int(number)) != batch:
        return None
    return _one(connection, site, _C.number == literal(int(number), BigInteger))


def oldest_open(connection: Connection, site: SiteId) -> Batch | None:
    """The batch whose turn it is, if any is open."""
    return _one(connection, site, _C.ended_at.is_(None))


def open_batches(connection: Connection, site: SiteId) -> dict[str, int]:
    """The open batches with the versions of their streams."""
    query = select(_C.number, _C.version).where(_C.site == site, _C.ended_at.is_(None))
    return {batch_id(number): version for number, version in connection.execute(query)}


def uploads(connection: Connection, site: SiteId) -> list[str]:
    """The uploads that batches were asked for with."""
    query = select(_C.spec).where(_C.site == site, _C.kind == IMPORTED)
    return [orjson.loads(spec)["upload"] for spec in connection.scalars(query)]


def next_number(connection: Connection, site: SiteId) -> int:
    """The number of the next batch."""
    return (connection.scalar(select(func.max(_C.number)).where(_C.site == site)) or 0) + 1


def _one(connection: Connection, site: SiteId, where: Any) -> Batch | None:
    query = select(*_COLUMNS).where(_C.site == site, where).order_by(_C.number).limit(1)
    row = connection.execute(query).one_or_none()
    return None if row is None else _batch(row)


def _batch(row: Row[Any]) -> Batch:
    values = dict(row._mapping)
    values["spec"] = orjson.loads(row.spec)
    values["refusals"] = orjson.loads(row.refusals)
    values["error"] = None if row.error is None else orjson.loads(row.error)
    return Batch(**values)


def _number(batch: str) -> int:
    return int(batch.removeprefix("cpb_"))


def _refusals(connection: Connection, site: SiteId, number: int) -> list[Any]:
    query = select(_C.refusals).where(_C.site == site, _C.number == number)
    found: list[Any] = orjson.loads(connection.execute(query).scalar_one())
    return found


def _added(event: RecordedEvent, named: list[Any]) -> dict[str, Any]:
    refused = event.data.get("refused", [])
    named.extend(refused[: REFUSALS_SHOWN - len(named)])
    return {
        "more": len(event.data["codes"]),
        "more_refused": len(refused),
        "all_refusals": orjson.dumps(named).decode(),
    }


def _ended(event: RecordedEvent) -> dict[str, Any]:
    error = event.data.get("error")
    kept = None if error is None else orjson.dumps(error).decode()
    return {"its_error": kept, "at": event.recorded_at}


def _asked(site: SiteId, number: int, event: RecordedEvent) -> dict[str, Any]:
    data = event.data
    return {
        "site": site,
        "number": number,
        "rule_id": data["rule_id"],
        "kind": data["kind"],
        "spec": orjson.dumps(data["spec"]).decode(),
        "quantity": data["quantity"],
        "actor": data["actor"],
        "asked_at": event.recorded_at,
        "version": event.version,
        "added": 0,
        "refused": 0,
        "refusals": "[]",
        "error": None,
        "ended_at": None,
    }

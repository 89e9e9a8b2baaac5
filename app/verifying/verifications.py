"""Verifications that were asked for and take longer than a request may, and their verdicts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import Engine
from sqlalchemy import Integer
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import Text
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import update

from aggregates.kernel.errors import NotFound
from aggregates.kernel.ids import SiteId
from projections.schema import log_store
from projections.upserts import insert_or_keep

verifications = Table(
    "verifications",
    log_store,
    Column("site", String(64), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("asked_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("verdict", Text),
)
_C = verifications.c


@dataclass(frozen=True, slots=True)
class Verification:
    """One of a site's; without `ended_at` the job `verify` has still to do it."""

    number: int
    asked_at: int
    ended_at: int | None
    verdict: dict[str, Any] | None


def ask(engine: Engine, site: SiteId, now: int) -> int:
    """The number of the verification that waits; of several that ask there is one."""
    with engine.execution_options(writing=True).begin() as connection:
        waiting = select(_C.number).where(_C.site == site, _C.ended_at.is_(None))
        number = connection.scalar(waiting.order_by(_C.number).limit(1))
        if number is None:
            last = connection.scalar(select(func.max(_C.number)).where(_C.site == site))
            number = (last or 0) + 1
            row = {"site": site, "number": number, "asked_at": now}
            connection.execute(insert_or_keep(engine.dialect.name, verifications), row)
    return int(number)


def end(engine: Engine, site: SiteId, number: int, now: int, verdict: dict[str, Any]) -> None:
    """Notes the verdict."""
    values = {"ended_at": now, "verdict": orjson.dumps(verdict).decode()}
    of = (_C.site == site) & (_C.number == number)
    with engine.execution_options(writing=True).begin() as connection:
        connection.execute(update(verifications).where(of).values(values))


def find(engine: Engine, site: SiteId, number: int) -> Verification:
    """A verification by its number; NotFound."""
    query = select(*_C).where(_C.site == site, _C.number == number)
    found = _read(engine, query)
    if found is None:
        raise NotFound("verification_unknown", "no verification by that number")
    return found


def newest(engine: Engine, site: SiteId) -> Verification | None:
    """The one that was asked for last."""
    return _read(engine, select(*_C).where(_C.site == site).order_by(_C.number.desc()).limit(1))


def _read(engine: Engine, query: Any) -> Verification | None:
    with engine.connect() as connection:
        row = connection.execute(query).one_or_none()
    if row is None:
        return None
    verdict = None if row.verdict is None else orjson.loads(row.verdict)
    return Verification(row.number, row.asked_at, row.ended_at, verdict)

"""Simulations: what was asked for, how each stands, and its result. Written with the event.

A simulation is open until its end or its cancelling is in the log; the job takes the open ones in
the order in which they were asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
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

from aggregates.kernel.canonical import canonical
from aggregates.kernel.canonical import revive
from aggregates.kernel.ids import SiteId
from aggregates.log import RecordedEvent
from aggregates.simulation import ASKED
from aggregates.simulation import CANCELLED
from aggregates.simulation import ENDED
from aggregates.simulation import STARTED
from aggregates.simulation import simulation_id
from projections.projection import Write
from projections.schema import log_store

WAITING, RUNNING, SUCCEEDED, FAILED, GIVEN_UP = STATUSES = (
    "waiting",
    "running",
    "succeeded",
    "failed",
    "cancelled",
)
OPEN = (WAITING, RUNNING)

simulations = Table(
    "simulations",
    log_store,
    Column("site", String(64), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("digest", String(64), nullable=False),
    Column("question", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("asked_at", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("status", String(16), nullable=False),
    Column("started_at", BigInteger),
    Column("ended_at", BigInteger),
    Column("error", Text),
    Column("result", Text),
    Index(None, "site", "status", "number"),
    Index(None, "site", "digest", "number"),
)
_ID = re.compile(r"sim_([0-9]{10})\Z")
_C = simulations.c
_ASK = insert(simulations)
_OF = (_C.site == bindparam("of_site")) & (_C.number == bindparam("of_number"))
_BEGIN = (
    update(simulations)
    .where(_OF)
    .values(
        version=bindparam("at_version"),
        attempts=_C.attempts + 1,
        status=RUNNING,
        started_at=bindparam("at"),
    )
)
_END = (
    update(simulations)
    .where(_OF)
    .values(
        version=bindparam("at_version"),
        status=bindparam("its_status"),
        ended_at=bindparam("at"),
        error=bindparam("its_error"),
        result=bindparam("its_result"),
    )
)


@dataclass(frozen=True, slots=True)
class SimulationRow:
    """A simulation without its result. `question` is what was asked, as JSON
    (decisions/simulation/spec.py), `version` that of its stream, `error` has code and detail of
    what ended it."""

    number: int
    digest: str
    question: Mapping[str, Any]
    actor: str
    asked_at: int
    version: int
    attempts: int
    status: str
    started_at: int | None
    ended_at: int | None
    error: Mapping[str, str] | None

    @property
    def id(self) -> str:
        """As answers name it."""
        return simulation_id(self.number)


_COLUMNS = [_C[name] for name in SimulationRow.__slots__]


class Simulations:
    """The immediate projection."""

    name = "simulations"
    topics = frozenset({ASKED, STARTED, ENDED, CANCELLED})
    unseals: frozenset[str] = frozenset()

    def fold(
        self, connection: Connection, site: SiteId, events: Sequence[RecordedEvent]
    ) -> list[Write]:
        """Rows that begin, go on and end, in the events' order."""
        return [_write(site, event) for event in events]


def find(connection: Connection, site: SiteId, simulation: str) -> SimulationRow | None:
    """A simulation by its id, if there is one."""
    number = number_of(simulation)
    if number is None:
        return None
    asked = literal(number, BigInteger)  # more than a number of the column may be
    query = select(*_COLUMNS).where(_C.site == site, _C.number == asked)
    row = connection.execute(query).one_or_none()
    return None if row is None else _row(row)


def number_of(simulation: str) -> int | None:
    """The number that an id says; None for what is no id."""
    found = _ID.match(simulation)
    return None if found is None else int(found[1])


def result_of(connection: Connection, site: SiteId, number: int) -> dict[str, Any] | None:
    """What a simulation found, once it has."""
    query = select(_C.result).where(_C.site == site, _C.number == number)
    text = connection.execute(query).scalar_one_or_none()
    return None if text is None else orjson.loads(text)


def listed(
    connection: Connection, site: SiteId, limit: int, before: int | None = None
) -> list[SimulationRow]:
    """A page of simulations, newest first."""
    query = select(*_COLUMNS).where(_C.site == site)
    if before is not None:
        query = query.where(_C.number < before)
    rows = connection.execute(query.order_by(_C.number.desc()).limit(limit))
    return [_row(row) for row in rows]


def oldest_open(connection: Connection, site: SiteId) -> SimulationRow | None:
    """The simulation whose turn it is, if any is open."""
    query = select(*_COLUMNS).where(_C.site == site, _C.status.in_(OPEN))
    row = connection.execute(query.order_by(_C.number).limit(1)).one_or_none()
    return None if row is None else _row(row)


def count_open(connection: Connection, site: SiteId) -> int:
    """How many are not ended."""
    query = select(func.count()).where(_C.site == site, _C.status.in_(OPEN))
    return connection.execute(query).scalar_one()


def is_open(connection: Connection, site: SiteId, number: int) -> bool:
    """Whether a simulation is still wanted."""
    query = select(_C.status).where(_C.site == site, _C.number == number)
    return connection.execute(query).scalar_one_or_none() in OPEN


def looked_at_since(connection: Connection, site: SiteId, digest: str, since: int) -> Iterator[int]:
    """How many decisions each simulation of a candidate that ended well since a moment looked at,
    the newest first."""
    query = select(_C.result).where(
        _C.site == site, _C.digest == digest, _C.status == SUCCEEDED, _C.ended_at >= since
    )
    for text in connection.scalars(query.order_by(_C.number.desc())):
        looked_at: int = orjson.loads(text)["decisions"]["looked_at"]
        yield looked_at


def next_number(connection: Connection, site: SiteId) -> int:
    """The number of the next simulation."""
    return (connection.scalar(select(func.max(_C.number)).where(_C.site == site)) or 0) + 1


def _write(site: SiteId, event: RecordedEvent) -> Write:
    data = event.data
    number = number_of(data["simulation"])
    of = {"of_site": site, "of_number": number, "at_version": event.version}
    if event.topic == ASKED:
        return Write(_ASK, [_asked(site, number, event)])
    if event.topic == STARTED:
        return Write(_BEGIN, [{**of, "at": event.recorded_at}])
    error, result = data.get("error"), data.get("result")
    ended = {
        "at": event.recorded_at,
        "its_status": _status(event.topic, error),
        "its_error": None if error is None else orjson.dumps(error).decode(),
        "its_result": None if result is None else orjson.dumps(result).decode(),
    }
    return Write(_END, [{**of, **ended}])


def _status(topic: str, error: Any) -> str:
    if topic == CANCELLED:
        return GIVEN_UP
    return SUCCEEDED if error is None else FAILED


def _asked(site: SiteId, number: int | None, event: RecordedEvent) -> dict[str, Any]:
    data = event.data
    return {
        "site": site,
        "number": number,
        "digest": data["digest"],
        "question": canonical(data["question"]).decode(),
        "actor": data["actor"],
        "asked_at": event.recorded_at,
        "version": event.version,
        "attempts": 0,
        "status": WAITING,
        "started_at": None,
        "ended_at": None,
        "error": None,
        "result": None,
    }


def _row(row: Row[Any]) -> SimulationRow:
    values = dict(row._mapping)
    values["question"] = revive(orjson.loads(row.question))
    values["error"] = None if row.error is None else orjson.loads(row.error)
    return SimulationRow(**values)

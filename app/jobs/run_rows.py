"""`job_runs`: one row for each job, site and occasion, with what became of it.

An occasion is what a job is run once for: the start of a period, or whatever somebody asked for.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import Connection
from sqlalchemy import Index
from sqlalchemy import Integer
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import Text
from sqlalchemy import select
from sqlalchemy import tuple_

from aggregates.kernel.ids import SiteId
from projections.schema import log_store

RUNNING, SUCCEEDED, FAILED = STATUSES = ("running", "succeeded", "failed")

job_runs = Table(
    "job_runs",
    log_store,
    Column("site", String(64), primary_key=True),
    Column("job", String(32), primary_key=True),
    Column("occasion", String(64), primary_key=True),
    Column("status", String(16), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("runner", String(32), nullable=False),
    Column("progress", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("heartbeat_at", BigInteger, nullable=False),
    Column("finished_at", BigInteger),
    Index(None, "site", "started_at"),
)


@dataclass(frozen=True, slots=True)
class JobRun:
    """A row. `heartbeat_at` is when its process was last known to live, 0 if it gave the run back;
    `runner` is that process."""

    site: SiteId
    job: str
    occasion: str
    status: str
    attempt: int
    runner: str
    progress: str
    detail: str
    started_at: int
    heartbeat_at: int
    finished_at: int | None


Key = tuple[int, str, str]
"""What lists are sorted by: (started_at, job, occasion)."""


def key_of(run: JobRun) -> Key:
    """The sort key of a row."""
    return run.started_at, run.job, run.occasion


def listed(
    connection: Connection,
    site: SiteId,
    limit: int,
    *,
    before: Key | None = None,
    job: str | None = None,
    status: str | None = None,
) -> list[JobRun]:
    """The runs that began last, or those before a key."""
    c = job_runs.c
    query = select(job_runs).where(c.site == site)
    if before is not None:
        query = query.where(tuple_(c.started_at, c.job, c.occasion) < before)
    if job is not None:
        query = query.where(c.job == job)
    if status is not None:
        query = query.where(c.status == status)
    order = (c.started_at.desc(), c.job.desc(), c.occasion.desc())
    rows = connection.execute(query.order_by(*order).limit(limit))
    return [JobRun(*row) for row in rows]

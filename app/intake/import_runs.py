"""`import_runs`: how far each file was taken in, so that an import that was killed goes on there.

A file is known by its content, by how it is read, and by what it is imported as. The row is moved
after a page was committed; who dies between the two finds the page's rows again as duplicates. It
is moved from where it was found (compare-and-set), so of two that import the same file at once one
stops; nothing has to be unlocked or cleaned up after a process that died.
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import replace
from typing import Any

import orjson
from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import ColumnElement
from sqlalchemy import Engine
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import Text
from sqlalchemy import and_
from sqlalchemy import select
from sqlalchemy import update

from aggregates.kernel.clock import Clock
from aggregates.kernel.errors import Conflict
from aggregates.kernel.ids import SiteId
from projections.schema import log_store
from projections.upserts import insert_or_keep
from projections.upserts import insert_or_replace

import_runs = Table(
    "import_runs",
    log_store,
    Column("site", String(64), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("form", String(8), primary_key=True),
    Column("digest", String(64), primary_key=True),
    Column("rows", BigInteger, nullable=False),
    Column("counts", Text, nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("finished_at", BigInteger),
)
_KEY = ("site", "kind", "form", "digest")


@dataclass(frozen=True, slots=True)
class ImportRun:
    """One file's import. `rows` of it are in the log, with the `counts` that they made; `digest` is
    the SHA-256 of the file."""

    site: SiteId
    kind: str
    form: str
    digest: str
    rows: int = 0
    counts: dict[str, Any] | None = None
    started_at: int = 0
    finished_at: int | None = None


class ImportRuns:
    """The rows of a store."""

    def __init__(self, log_store: Engine, clock: Clock) -> None:
        self._store = log_store
        self._writing = log_store.execution_options(writing=True)
        self._clock = clock

    def begin(self, run: ImportRun, *, again: bool = False) -> ImportRun:
        """The run as it stands, begun if it is new; from its first row if it is wanted again."""
        row = {**_values(run), "started_at": self._clock.now()}
        insert = insert_or_replace if again else insert_or_keep
        with self._writing.begin() as connection:
            connection.execute(insert(connection.dialect.name, import_runs), row)
        with self._store.connect() as connection:
            found = connection.execute(select(import_runs).where(_is(run))).one()
        values = dict(found._mapping)
        counts = orjson.loads(values.pop("counts"))
        return ImportRun(**values, counts=counts)

    def move(
        self, run: ImportRun, rows: int, counts: dict[str, Any], *, finished: bool = False
    ) -> ImportRun:
        """Notes that so many rows are in the log. Conflict if another process moved it."""
        moved = replace(
            run, rows=rows, counts=counts, finished_at=self._clock.now() if finished else None
        )
        values = {
            name: value
            for name, value in _values(moved).items()
            if name in ("rows", "counts", "finished_at")
        }
        here = and_(
            _is(run),
            import_runs.c.rows == run.rows,
            import_runs.c.started_at == run.started_at,
            import_runs.c.finished_at.is_(None),
        )
        with self._writing.begin() as connection:
            done = connection.execute(update(import_runs).where(here).values(values))
        if done.rowcount != 1:
            detail = "another process imports the same file; what it took in counts there"
            raise Conflict("import_overtaken", detail)
        return moved


def _is(run: ImportRun) -> ColumnElement[bool]:
    return and_(*(import_runs.c[name] == getattr(run, name) for name in _KEY))


def _values(run: ImportRun) -> dict[str, Any]:
    return {
        **{name: getattr(run, name) for name in _KEY},
        "rows": run.rows,
        "counts": orjson.dumps(run.counts).decode(),
        "started_at": run.started_at,
        "finished_at": run.finished_at,
    }

"""The job `prune`: deletes what is past its time in the log store and that nobody else deletes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection
from sqlalchemy import delete
from sqlalchemy import select

from aggregates.kernel.clock import DAY
from aggregates.kernel.ids import SiteId
from app.eventlog.tables import idempotency_keys
from app.eventlog.tables import log_heads
from app.intake.quarantine import NOBODYS_DAYS
from app.intake.quarantine import nobody
from app.jobs.run import Run

if TYPE_CHECKING:
    from app.wiring import Services

_MISSED_DAYS = 400  # how long no scheduler may have run
_PAGE = 500  # rows of one transaction, which the site's appends wait for


def prune(services: Services, site: SiteId, run: Run) -> str:
    """Old rows of runs, and answers kept past their hours: the writer deletes those only where
    requests with an Idempotency-Key still come."""
    runs = services.runs.prune(site)
    _forget_nobodies(services, site)
    answers = 0
    writing = services.stores.log.execution_options(writing=True)
    while True:
        run.check()
        with writing.begin() as connection:
            gone = _expired(connection, site, services.clock.now())
        answers += gone
        if gone < _PAGE:
            return f"{runs} old runs and {answers} expired answers are gone"


def _forget_nobodies(services: Services, site: SiteId) -> None:
    """Destroys the keys of messages that named nobody and are older than anybody repairs them."""
    now, keys = services.clock.now(), services.keys
    days = range(NOBODYS_DAYS + 1, NOBODYS_DAYS + _MISSED_DAYS)
    names = (keys.find(site, *nobody(now - days_ago * DAY)) for days_ago in days)
    if found := [name for name in names if name is not None]:
        keys.destroy(site, found, now)


def _expired(connection: Connection, site: SiteId, now: int) -> int:
    """A page of answers, deleted under the site's lock: its writer deletes the same ones."""
    heads, kept = log_heads.c, idempotency_keys.c
    connection.execute(select(heads.position).where(heads.site == site).with_for_update())
    old = select(kept.scope).where(kept.site == site, kept.expires_at <= now).limit(_PAGE)
    statement = delete(idempotency_keys).where(kept.site == site, kept.scope.in_(old))
    return connection.execute(statement).rowcount

"""Processes that write to a log and die: run as `python -m tests.log_processes crash|write ...`.

`crash URL`: for each place of an append, a forked process that kills itself there (signal 9), with
a site of its own. `write URL NAME COUNT`: appends units that race with those of other processes.
Both print what was acknowledged, one JSON value a line, as soon as it was.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
from collections.abc import Callable
from typing import Any
from uuid import UUID
from uuid import uuid4
from uuid import uuid5

from aggregates.kernel.clock import SystemClock
from aggregates.kernel.errors import DomainError
from aggregates.kernel.ids import SiteId
from aggregates.log import Append
from aggregates.log import Counter
from aggregates.log import IdempotencyRow
from aggregates.log import NewEvent
from app.database import open_stores
from app.eventlog.keys import KeyStore
from app.eventlog.log import SqlEventLog
from app.eventlog.transaction import Transactions
from projections.sites import Sites
from tests.log_events import viewed

STEPS = ("_look", "_insert", "_project", "_keep", "_move_head", "_end")
PLACES = [f"{side}{step}" for step in STEPS for side in ("before", "after")] + ["inside_insert"]
PLACES += [f"after{step}_unfollowed" for step in ("_insert", "_keep", "_move_head", "_end")]
"""The last ones with a unit that no projection follows: on PostgreSQL it is sent as a whole."""
SHARED = UUID("7d3f1f6e-0000-4000-8000-000000000001")
SHARED_MESSAGES = 60
LIMIT = 40
WRITE_SITE = SiteId("shop")


def site_of(place: str) -> SiteId:
    """The site in which the process of a place dies."""
    return SiteId(place.replace("_", "-"))


def last_unit(site: SiteId) -> Append:
    """The unit during which the process dies: it touches every table."""
    opened = NewEvent(uuid5(SHARED, f"{site}/site"), 1, "SiteOpened", {"name": "a shop"})
    return Append(
        site,
        (
            viewed(uuid5(SHARED, f"{site}/site")) if site.endswith("-unfollowed") else opened,
            viewed(uuid5(SHARED, f"{site}/view")),
        ),
        move=(Counter("coupon", 1, limit=5),),
        once=IdempotencyRow("scope", "request", 200, b"{}"),
    )


def open_log(url: str) -> SqlEventLog:
    """A log with a projection, as a process of its own opens it."""
    stores = open_stores(url)
    return SqlEventLog(stores, KeyStore(stores.keys, b"pepper" * 6), SystemClock(), (Sites(),))


def say(*what: Any) -> None:
    """One line that is out before anything else happens."""
    os.write(1, json.dumps(what).encode() + b"\n")


def crash(url: str) -> None:
    """One forked process for each place, one after the other."""
    for place in PLACES:
        child = os.fork()
        if child == 0:
            _crash_at(url, place)
        _, status = os.waitpid(child, 0)
        say("died", place, os.WIFSIGNALED(status) and os.WTERMSIG(status))


def write(url: str, name: str, count: int) -> None:
    """Units with events of its own, messages that all processes send, a counter with a limit, and
    versions that only one process can win."""
    log = open_log(url)
    chance = random.Random(name)
    for number in range(count):
        shared = [f"message {chance.randrange(SHARED_MESSAGES)}" for _ in range(3)]
        own = [viewed(uuid5(SHARED, f"{name}/{number}/{i}")) for i in range(chance.randrange(4))]
        events = own + [viewed(uuid5(SHARED, message)) for message in shared]
        say("appended", log.append(Append(WRITE_SITE, tuple(events))).positions)
        _try(log, "counted", Append(WRITE_SITE, (viewed(),), move=(Counter("coupon", 1, LIMIT),)))
        found = log.read_stream(WRITE_SITE, SHARED, last=True)
        version = found[0].version if found else 0
        won = Append(WRITE_SITE, (viewed(SHARED, version + 1),), expect={SHARED: version})
        _try(log, "versioned", won)
    log.close()


def _try(log: SqlEventLog, what: str, unit: Append) -> None:
    try:
        say(what, log.append(unit).positions[0])
    except DomainError as refusal:
        say("refused", refusal.code)


def _crash_at(url: str, place: str) -> None:
    site = site_of(place)
    log = open_log(url)
    for _ in range(2):
        say("appended", site, log.append(Append(site, (viewed(uuid4()),))).positions)
    _arm(place)
    log.append(last_unit(site))
    say("survived", place)
    os._exit(0)


def _arm(place: str) -> None:
    side, _, step = place.removesuffix("_unfollowed").partition("_")
    name = f"_{step}"
    real: Callable[..., Any] = getattr(Transactions, name)

    def dying(self: Transactions, *arguments: Any) -> Any:
        if side == "before":
            _die()
        if side == "inside":
            arguments = (_DyingCursor(arguments[0]), *arguments[1:])
        real(self, *arguments)
        return _die()

    setattr(Transactions, name, dying)


class _DyingCursor:
    """Does one bulk insert, and dies before the next."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor
        self._done = False

    def executemany(self, *arguments: Any) -> None:
        if self._done:
            _die()
        self._cursor.executemany(*arguments)
        self._done = True


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    if sys.argv[1] == "crash":
        crash(sys.argv[2])
    else:
        write(sys.argv[2], sys.argv[3], int(sys.argv[4]))

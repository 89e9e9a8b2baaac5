"""Processes write, some are killed: the log stays whole, nothing acknowledged is lost."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from aggregates.kernel.errors import AlreadyDone
from aggregates.kernel.ids import SiteId
from aggregates.log import Append
from app.database import Stores
from app.eventlog.log import SqlEventLog
from app.eventlog.tables import counters
from projections.sites import Sites
from projections.sites import find
from tests.log_events import assert_whole
from tests.log_events import viewed
from tests.log_processes import LIMIT
from tests.log_processes import PLACES
from tests.log_processes import SHARED
from tests.log_processes import WRITE_SITE
from tests.log_processes import last_unit
from tests.log_processes import site_of

ROOT = Path(__file__).parents[3]
Process = subprocess.Popen[str]


def _start(*arguments: str) -> Process:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.log_processes", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def _said(process: Process) -> list[list[Any]]:
    output, _ = process.communicate(timeout=100)
    return [json.loads(line) for line in output.splitlines() if line.endswith("]")]


def _used(stores: Stores, site: SiteId) -> int:
    with stores.log.connect() as connection:
        query = select(counters.c.used).where(counters.c.site == site)
        return connection.execute(query).scalar_one_or_none() or 0


def test_a_process_killed_anywhere_in_an_append_leaves_all_of_the_unit_or_nothing(
    database_url: str, stores: Stores, open_log: Callable[..., SqlEventLog]
) -> None:
    said = _said(_start("crash", database_url))
    assert [line[1:] for line in said if line[0] == "died"] == [
        [place, signal.SIGKILL] for place in PLACES
    ]
    assert sum(line[0] == "appended" for line in said) == 2 * len(PLACES)
    log = open_log(stores, Sites())
    for place in PLACES:
        site = site_of(place)
        written, followed = place.startswith("after_end"), "unfollowed" not in place
        assert assert_whole(stores, site).head.position == (4 if written else 2), place
        with stores.log.connect() as connection:
            assert (find(connection, site) is not None) is (written and followed)
        assert _used(stores, site) == written
        assert (log.stored_answer(site, "scope") is not None) is written
        if written:
            with pytest.raises(AlreadyDone):
                log.append(last_unit(site))
        else:
            assert log.append(last_unit(site)).positions == (3, 4)
        assert log.append(Append(site, (viewed(),))).positions == (5,)
        assert assert_whole(stores, site).head.position == 5


def test_processes_that_race_and_die_leave_one_whole_log_that_a_tail_reader_saw_all_of(
    database_url: str, stores: Stores, event_log: SqlEventLog
) -> None:
    writers = [_start("write", database_url, f"writer {i}", "60") for i in range(4)]
    seen: list[int] = []
    killed = False
    running = True
    while running:
        running = any(writer.poll() is None for writer in writers)
        running |= _tail(event_log, seen)  # after the look at the writers: nothing can come later
        if not killed and len(seen) > 150:
            for writer in writers[:2]:
                writer.kill()
            killed = True
        time.sleep(0.002)
    assert killed
    said = [line for writer in writers for line in _said(writer)]
    assert [writer.returncode for writer in writers] == [-signal.SIGKILL] * 2 + [0, 0]
    head = assert_whole(stores, WRITE_SITE).head.position
    assert seen == list(range(1, head + 1))
    acknowledged = _positions(line for line in said if line[0] != "refused")
    assert len(acknowledged) == len(set(acknowledged))
    assert set(acknowledged) <= set(seen)
    assert len(acknowledged) >= head - 2 * 7  # a killed process had one unit on its way
    counted = sum(line[0] == "counted" for line in said)
    assert counted <= _used(stores, WRITE_SITE) <= LIMIT
    versions = [e.version for e in event_log.read_stream(WRITE_SITE, SHARED)]
    assert versions == list(range(1, len(versions) + 1))
    assert {line[1] for line in said if line[0] == "refused"} <= {
        "limit_reached",
        "version_conflict",
    }


def _tail(log: SqlEventLog, seen: list[int]) -> bool:
    """Reads on from the last position seen; whether there was anything."""
    page = log.read(WRITE_SITE, seen[-1] if seen else 0, 50)
    seen += [event.position for event in page]
    return bool(page)


def _positions(lines: Iterable[list[Any]]) -> list[int]:
    found: list[int] = []
    for line in lines:
        given = line[1] if isinstance(line[1], list) else [line[1]]
        found += [position for position in given if position is not None]
    return found

"""Followers that race, as processes, count every event exactly once."""

from __future__ import annotations

import multiprocessing
from typing import Any

from aggregates.kernel.clock import SystemClock
from app.database import Stores
from app.database import open_stores
from projections import follower as module
from projections.followed import followed
from projections.follower import Follower
from tests.projection_events import SITE
from tests.projection_events import MemoryLog
from tests.projection_events import mixture

EVENTS = 1_500
PAGE = 20


def _follow(url: str, start: Any) -> None:
    """A whole follower process: its own connections, the same log."""
    module.PAGE_EVENTS = PAGE
    stores = open_stores(url)
    follower = Follower(stores, MemoryLog(mixture(EVENTS)), followed(), SystemClock())
    start.wait()
    while follower.lag(SITE):
        follower.step(SITE)


def test_three_followers_at_once_give_the_rows_of_one(
    stores: Stores, database_url: str, rows_of: Any
) -> None:
    context = multiprocessing.get_context("spawn")
    start = context.Event()
    processes = [context.Process(target=_follow, args=(database_url, start)) for _ in range(3)]
    for process in processes:
        process.start()
    start.set()
    for process in processes:
        process.join(100)
    assert [process.exitcode for process in processes] == [0, 0, 0]

    raced = rows_of(stores)
    alone = Follower(stores, MemoryLog(mixture(EVENTS)), followed(), SystemClock())
    for projection in followed():
        alone.rebuild(SITE, projection.name)
    alone.catch_up(SITE)
    assert raced == rows_of(stores)

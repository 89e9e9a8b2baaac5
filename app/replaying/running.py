"""Replays a plan to its end on so many processes, and gathers what its parts came to."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import click

from app.replaying import working
from app.replaying.journal import lines
from app.replaying.plan import Plan
from app.replaying.tally import Tally
from app.replaying.working import Worker
from app.replaying.working import journal_of
from app.wiring import Services
from decisions.past import Past

Progress = Callable[[int, int], None]
"""Told (positions gone through, positions in all)."""


def cores() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0))


def run(services: Services, plan: Plan, folder: Path, workers: int, progress: Progress) -> Tally:
    """Every part, and their sum. What was done before is not done again."""
    parts = plan.parts
    count = min(workers, len(parts))
    if count > 1:
        _beside(services, plan, folder, count, progress)
    elif parts:
        done = 0

        def moved(by: int) -> None:
            nonlocal done
            done += by
            progress(done, plan.upto - plan.after)

        worker = Worker(services, Past.of(services.log, parts[0].site), folder, moved)
        for part in parts:
            worker.do(part)
    return _sum(plan, folder)


def forget(folder: Path) -> None:
    """Removes what was kept to go on with."""
    shutil.rmtree(folder)


def _beside(services: Services, plan: Plan, folder: Path, count: int, progress: Progress) -> None:
    """Parts are given out in the order of the log, so that each process reads it forward."""
    context = multiprocessing.get_context("spawn")
    queue = context.SimpleQueue()
    watching = threading.Thread(target=_watch, args=(queue.get, plan, progress), daemon=True)
    watching.start()
    parts = plan.parts
    given = (services.settings, parts[0], folder, queue, os.getpid())
    try:
        with ProcessPoolExecutor(count, context, working.begin, given) as pool:
            for _ in pool.map(working.do, parts):
                pass
    except BrokenProcessPool as error:
        msg = "a process of the replay was killed: ask for the same again to go on from here"
        raise click.ClickException(msg) from error
    finally:
        queue.put(-1)
        watching.join()


def _watch(get: Callable[[], int], plan: Plan, progress: Progress) -> None:
    done = 0
    while (by := get()) >= 0:
        done += by
        progress(done, plan.upto - plan.after)


def _sum(plan: Plan, folder: Path) -> Tally:
    tally = Tally()
    for part in plan.parts:
        for page in lines(journal_of(folder, part)):
            tally.add(page)
    return tally

"""Worker processes of a simulation: as many as there are cores, each with its own connections.

They are started anew (no fork: the scheduler has threads), are as nice as their parent, and end
with it. What is handed out at a time is bounded, so a stop is soon noticed.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED
from concurrent.futures import Future
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures import wait
from dataclasses import dataclass
from itertools import islice
from multiprocessing.util import Finalize
from typing import TypeVar

from aggregates.kernel.errors import Conflict
from aggregates.kernel.errors import DomainError
from aggregates.kernel.errors import Unavailable
from app import collector
from app import parent
from app.config import Settings
from app.edge import logging
from app.simulation.work import Stop
from app.simulation.work import Stretch
from app.simulation.work import Work
from app.simulation.work import Worker
from app.wiring import Services
from app.wiring import build

LOOK_S = 0.2
"""How often whoever waits for workers is asked whether it still wants them."""
_AHEAD = 2  # stretches of a worker: one in work, one waiting

T = TypeVar("T")
Task = Callable[[Worker, Stretch], T]
"""What a worker does with a stretch: a function of a module, so that it can be sent."""
Asked = Callable[[int], None]
"""Told how many positions were done since it was asked last; raises to stop."""

_worker: Worker | None = None


def cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0))


@dataclass(frozen=True, slots=True)
class Pool:
    """What a simulation runs on. `processes` 0: this one, for a range that is worth no other."""

    services: Services
    work: Work
    processes: int

    def run(self, task: Task[T], stretches: Iterable[Stretch], asked: Asked) -> Iterator[T]:
        """What the task gives for each stretch, as they are done."""
        return (self._beside if self.processes else self._here)(task, stretches, asked)

    def _here(self, task: Task[T], stretches: Iterable[Stretch], asked: Asked) -> Iterator[T]:
        worker = Worker(self.services, self.work, threading.Event())
        for stretch in stretches:
            asked(0)
            yield task(worker, stretch)
            asked(stretch.upto - stretch.after)

    def _beside(self, task: Task[T], stretches: Iterable[Stretch], asked: Asked) -> Iterator[T]:
        context = multiprocessing.get_context("spawn")
        stop = context.Event()
        given = (self.services.settings, self.work, stop, os.getpid())
        pool = ProcessPoolExecutor(self.processes, context, _begin, given)
        ahead: dict[Future[T | _Refused], Stretch] = {}
        left = iter(stretches)
        try:
            while True:
                for stretch in islice(left, self.processes * _AHEAD - len(ahead)):
                    ahead[pool.submit(_done, task, stretch)] = stretch
                if not ahead:
                    return
                ended, _ = wait(ahead, LOOK_S, FIRST_COMPLETED)
                asked(0)
                for future in ended:
                    stretch = ahead.pop(future)
                    yield _result(future)
                    asked(stretch.upto - stretch.after)
        finally:
            stop.set()
            pool.shutdown(cancel_futures=True)


def _begin(settings: Settings, work: Work, stop: Stop, parent_id: int) -> None:
    """In a worker process, before its first stretch."""
    global _worker
    parent.watch(parent_id)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal: the parent stops its workers
    logging.configure(settings.log_level)
    services = build(settings)
    Finalize(None, services.close, exitpriority=10)
    _worker = Worker(services, work, stop)
    collector.set_for_folding()


@dataclass(frozen=True, slots=True)
class _Refused:
    """An error of the domain on its way from a worker."""

    code: str
    detail: str
    passes: bool


def _done(task: Task[T], stretch: Stretch) -> T | _Refused:
    assert _worker is not None
    try:
        return task(_worker, stretch)
    except DomainError as error:
        return _Refused(error.code, error.detail, isinstance(error, Unavailable))


def _result(future: Future[T | _Refused]) -> T:
    found = future.result()
    if isinstance(found, _Refused):
        raise (Unavailable if found.passes else Conflict)(found.code, found.detail)
    return found

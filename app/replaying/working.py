"""One process that replays: takes parts in the order of the log and notes each page of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.queues import SimpleQueue
from pathlib import Path

from app import collector
from app import parent
from app.config import Settings
from app.edge import logging
from app.replaying.journal import Journal
from app.replaying.tally import told_of
from app.wiring import Services
from app.wiring import build
from decisions.past import Past
from decisions.replay_range import Range
from decisions.replay_range import pages

Moved = Callable[[int], None]
"""Told by how many positions it went on."""


@dataclass(frozen=True, slots=True)
class Worker:
    """Goes through parts; `past` is what it knows of the log from those before."""

    services: Services
    past: Past
    folder: Path
    moved: Moved

    def do(self, part: Range) -> None:
        """Replays what the part's journal does not have yet."""
        with Journal(journal_of(self.folder, part), part.after) as journal:
            self.moved(journal.upto - part.after)
            left = Range(part.site, part.mode, journal.upto, part.upto)
            for page in pages(self.services.means, left, self.past):
                before = journal.upto
                journal.append(page.upto, told_of(page.counts))
                self.moved(page.upto - before)


def journal_of(folder: Path, part: Range) -> Path:
    """The file of a part."""
    return folder / f"{part.after}.jsonl"


_here: list[Worker] = []
"""The worker of this process, if it is one of several."""


def begin(
    settings: Settings, part: Range, folder: Path, queue: SimpleQueue[int], begun_by: int
) -> None:
    """Makes a worker of a new process, which ends with the process that began it: also if that is
    gone already."""
    os.environ[parent.PARENT] = str(begun_by)
    parent.watch()
    logging.configure(settings.log_level)
    services = build(settings)
    past = Past.of(services.log, part.site)
    _here.append(Worker(services, past, folder, queue.put))
    collector.set_for_folding()


def do(part: Range) -> None:
    """One part, in a process that has begun."""
    _here[0].do(part)

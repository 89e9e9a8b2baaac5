"""A scheduler process for tests: `python -m tests.job_processes URL FOLDER EVERY_S STEPS`.

Its one job, `count`, appends a line to FOLDER/lines when it begins, and one when it ends or leaves,
in steps of a tenth of a second. Hearts beat faster here than in a real one.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

from aggregates.kernel.ids import SiteId
from app import parent
from app.config import Settings
from app.edge import logging
from app.jobs import run as run_module
from app.jobs import runs as runs_module
from app.jobs import scheduler as scheduler_module
from app.jobs.job import Body
from app.jobs.job import Job
from app.jobs.leader import leader_lock
from app.jobs.run import JobStopped
from app.jobs.run import Run
from app.jobs.scheduler import JobScheduler
from app.wiring import Services
from app.wiring import build

STEP_S = 0.1
LOOK_S = 0.1


def counting(lines: Path, steps: int) -> Body:
    """A body that leaves lines `begin|end|left OCCASION PROCESS MOMENT`."""

    def tell(word: str, run: Run) -> None:
        line = f"{word} {run.occasion} {os.getpid()} {time.monotonic_ns()}\n"
        with lines.open("a") as file:
            file.write(line)

    def body(services: Services, site: SiteId, run: Run) -> str:
        tell("begin", run)
        try:
            for step in range(steps):
                run.progress("steps", step, steps)
                time.sleep(STEP_S)
        except JobStopped:
            tell("left", run)
            raise
        tell("end", run)
        return f"counted by {os.getpid()}"

    return body


def hurry() -> None:
    """Hearts, looks at the lock and the time until a silent run counts as lost, all shorter."""
    run_module.BEAT_S = 0.2
    runs_module.LOST_S = 3.0
    scheduler_module.CHECK_S = 0.1


def main(url: str, folder: str, every_s: str, steps: str) -> None:
    """Schedules until SIGTERM."""
    hurry()
    logging.configure("info")
    parent.watch()
    stop = threading.Event()

    def end(*_: Any) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    settings = {"RATIONALE_DATABASE_URL": url, "RATIONALE_DATA_DIR": folder}
    services = build(Settings.from_environment(settings))
    job = Job("count", int(every_s), counting(Path(folder) / "lines", int(steps)))
    lock = leader_lock(services.stores.log)
    if not JobScheduler(services, [job], lock, look_s=LOOK_S).run(stop):
        os._exit(0)
    services.close()


if __name__ == "__main__":
    main(*sys.argv[1:])

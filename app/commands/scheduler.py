"""`rationale scheduler`: jobs in a process of their own, one leader among all schedulers."""

from __future__ import annotations

import os
import signal
import threading
from typing import Any

import click

from app import parent
from app.config import Settings
from app.edge import logging
from app.jobs.leader import leader_lock
from app.jobs.registry import JOBS
from app.jobs.scheduler import JobScheduler
from app.wiring import build

_NICENESS = 10  # more than the follower's: decisions go first, then what they read, then this


@click.command()
def command() -> None:
    """Runs jobs until SIGTERM or SIGINT, while no other scheduler does: training, pruning."""
    os.nice(_NICENESS)
    settings = Settings.from_environment()
    logging.configure(settings.log_level)
    parent.watch()
    stop = threading.Event()

    def end(*_: Any) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    services = build(settings)
    scheduler = JobScheduler(services, JOBS, leader_lock(services.stores.log))
    if not scheduler.run(stop):
        os._exit(0)  # a body in its midst would keep the interpreter from ending
    services.close()

"""`rationale follow`: the follower in a process of its own."""

from __future__ import annotations

import os
import signal
import threading
from typing import Any

import click
import structlog

from app import parent
from app.collector import set_for_folding
from app.config import Settings
from app.edge import logging
from app.wiring import build

_NICENESS = 5  # where processors are short, decisions go first: they read the log's tail themselves


@click.command()
def command() -> None:
    """Folds each site's log into the followed projections until SIGTERM or SIGINT."""
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
    try:
        set_for_folding()
        structlog.get_logger().info("following")
        services.follower.run(stop)
    finally:
        services.close()

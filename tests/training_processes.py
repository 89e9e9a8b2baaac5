"""Trainings that die: run as `python -m tests.training_processes DATABASE_URL DATA_DIR`.

For each place of a training, every step it tells of and every commit of what it stores, a forked
process that kills itself there (signal 9); then one that lives. Each prints a JSON line: how it
ended, and the number of the newest model after it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any

from sqlalchemy import event

from app.config import Settings
from app.edge import logging
from app.training.train import train
from app.wiring import build
from projections import recommendation_models
from tests.fakes import SettableClock
from tests.training_given import SITE


def main(url: str, data_dir: str) -> None:
    """Until one lives."""
    settings = Settings.from_environment(
        {"RATIONALE_DATABASE_URL": url, "RATIONALE_DATA_DIR": data_dir}
    )
    logging.configure("error")
    killed, place = True, 0
    while killed:
        place += 1
        child = os.fork()
        if child == 0:
            _die_at(settings, place)
        _, status = os.waitpid(child, 0)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        os.write(1, json.dumps([killed, status, _newest(settings)]).encode() + b"\n")


def _die_at(settings: Settings, place: int) -> None:
    passed = 0

    def one_more(*_: Any) -> None:
        nonlocal passed
        passed += 1
        if passed == place:
            os.kill(os.getpid(), signal.SIGKILL)

    services = build(settings, SettableClock())
    event.listen(services.stores.log, "commit", one_more)
    train(services, SITE, None, one_more)
    services.close()
    os._exit(0)


def _newest(settings: Settings) -> int:
    services = build(settings, SettableClock())
    try:
        with services.stores.log.connect() as connection:
            found = recommendation_models.newest(connection, SITE)
        return found.number if found else 0
    finally:
        services.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])

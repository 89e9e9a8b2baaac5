"""Fillings that die: run as `python -m tests.coupon_processes DATABASE_URL DATA_DIR`.

For each place of the job `coupons`, before and after every commit of the log, a forked process that
kills itself there (signal 9); then one that lives. Each prints a JSON line: whether it was killed.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any

from aggregates.kernel.ids import SiteId
from app.config import Settings
from app.edge import logging
from app.eventlog.transaction import Transactions
from app.jobs.coupons import coupons
from app.wiring import build
from tests.fakes import SettableClock

SITE = SiteId("shop")


class Alone:
    """A run of the job that nobody else takes over."""

    def progress(self, what: str, done: int, total: int) -> None:
        """Notes nothing."""


def fill(services: Any, site: SiteId = SITE) -> str:
    """Runs the job here."""
    run: Any = Alone()
    return coupons(services, site, run)


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
        os.write(1, json.dumps([killed, status]).encode() + b"\n")


def _die_at(settings: Settings, place: int) -> None:
    passed = 0
    commit = Transactions._end

    def one_more() -> None:
        nonlocal passed
        passed += 1
        if passed == place:
            os.kill(os.getpid(), signal.SIGKILL)

    def dying(self: Transactions, raw: Any) -> None:
        one_more()
        commit(self, raw)
        one_more()

    services = build(settings, SettableClock())
    Transactions._end = dying  # type: ignore[method-assign]
    fill(services)
    services.close()
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])

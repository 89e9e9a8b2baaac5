"""A process that replays a golden log in small pages, and kills itself after so many of them.

`python -m tests.replay_processes DATA_DIR FOLDER MODE WORKERS PAGES`: prints the report unless it
died before the end.
"""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import orjson

from app.replaying import running
from app.replaying.plan import Asked
from app.replaying.plan import planned
from app.replaying.report import report_of
from app.wiring import build
from decisions import replay_range
from tests.golden.make import SITE
from tests.golden_logs import settings_of

PART = 90
"""Positions: a dozen parts of a golden log."""


def main(data: str, kept: str, mode: str, workers: int, pages: int) -> None:
    """Dies by SIGKILL when it has seen so many pages."""
    replay_range.PAGE = 7
    services = build(settings_of(Path(data)))
    folder = Path(kept)
    plan, _ = planned(services, Asked(SITE, mode, None, None), "test", folder)
    plan = replace(plan, part=PART)
    seen = 0

    def moved(done: int, total: int) -> None:
        nonlocal seen
        assert done <= total, "positions are not gone through twice"
        seen += 1
        if seen == pages:
            os.kill(os.getpid(), signal.SIGKILL)

    tally = running.run(services, plan, folder, workers, moved)
    sys.stdout.buffer.write(orjson.dumps(report_of(plan, tally, 0)))
    services.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))

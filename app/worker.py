"""What each web worker process runs: granian loads `load()` after the fork."""

from __future__ import annotations

import sys
from multiprocessing.util import Finalize

from flask import Flask

from app import collector
from app import parent
from app.config import Settings
from app.edge import logging
from app.factory import create_app
from app.wiring import build

_SWITCH_S = 0.001
"""How long a thread keeps the interpreter while others want it. A decision comes back from the
database some ten times; at Python's 5 ms it would wait 50 ms for a publish beside it."""


def load() -> Flask:
    """The app of this worker, with every site's revision compiled; its services are closed when
    the process ends."""
    sys.setswitchinterval(_SWITCH_S)
    settings = Settings.from_environment()
    logging.configure(settings.log_level)
    services = build(settings)
    Finalize(None, services.close, exitpriority=10)
    parent.watch()
    app = create_app(services)
    services.revisions.begin()
    collector.set_for_requests()
    return app

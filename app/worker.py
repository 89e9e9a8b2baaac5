"""What each web worker process runs: granian loads `load()` after the fork."""

from __future__ import annotations

import gc
from multiprocessing.util import Finalize

from flask import Flask

from app import parent
from app.config import Settings
from app.edge import logging
from app.factory import create_app
from app.wiring import build


def load() -> Flask:
    """The app of this worker; its services are closed when the process ends."""
    settings = Settings.from_environment()
    logging.configure(settings.log_level)
    services = build(settings)
    Finalize(None, services.close, exitpriority=10)
    parent.watch()
    app = create_app(services)
    gc.collect()
    gc.freeze()  # what lives as long as the process is not searched for garbage any more
    return app

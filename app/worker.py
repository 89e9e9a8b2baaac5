"""What each web worker process runs: granian loads `load()` after the fork."""

from __future__ import annotations

from multiprocessing.util import Finalize

from flask import Flask

from app import collector
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
    services.revisions.begin()
    collector.set_for_requests()
    return app

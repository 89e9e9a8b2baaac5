"""A small app behind the real edge, over a log that only keeps answers."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.edge.callers import Callers
from app.edge.edge import Edge
from app.edge.metrics import Metrics
from app.edge.rate_limits import RateLimits
from app.edge.running import Running
from app.edge.service import Service
from tests.edge_fakes import PEPPER
from tests.edge_fakes import AnswerLog
from tests.edge_fakes import Keys


@pytest.fixture
def answer_log() -> AnswerLog:
    return AnswerLog()


@pytest.fixture
def keys() -> Keys:
    return Keys()


@pytest.fixture
def app(answer_log: AnswerLog, keys: Keys) -> Flask:
    """Add routes, then ask with `app.test_client()`."""
    log: Any = answer_log
    callers = Callers(PEPPER, keys.lookup)
    return Service(Edge(callers, log, RateLimits(), Running(), Metrics()))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()

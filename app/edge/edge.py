"""What the edge of one process holds: who may call, how often, what is running, what is counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import current_app

from aggregates.log import EventLog
from app.edge.callers import Callers
from app.edge.metrics import Metrics
from app.edge.rate_limits import RateLimits
from app.edge.running import Running


@dataclass(frozen=True, slots=True)
class Edge:
    """Put into `app.extensions["edge"]` by the factory."""

    callers: Callers
    log: EventLog
    limits: RateLimits
    running: Running
    metrics: Metrics


def current_edge() -> Edge:
    """The edge of the app that serves this request."""
    return cast(Edge, current_app.extensions["edge"])

"""Prometheus metrics; with PROMETHEUS_MULTIPROC_DIR set, those of all processes of one server."""

from __future__ import annotations

import os
from collections.abc import Callable

from prometheus_client import CollectorRegistry
from prometheus_client import Counter
from prometheus_client import Gauge
from prometheus_client import Histogram
from prometheus_client import generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from aggregates.kernel.errors import Unavailable

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2.0)


class Metrics:
    """What is counted of requests. Children are bound once, so that counting costs a lookup."""

    def __init__(self, lag: Callable[[], dict[str, int]] | None = None) -> None:
        self._lag = lag
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "rationale_requests",
            "Requests answered.",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "rationale_request_seconds",
            "Time from reading a request's headers to its answer.",
            ("route",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._bound: dict[tuple[str, str, int], Callable[[float], None]] = {}

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Counts one request; `route` is the pattern, never the path."""
        key = (method, route, status)
        observe = self._bound.get(key)
        if observe is None:
            observe = self._bound[key] = self._bind(*key)
        observe(seconds)

    def exposition(self) -> bytes:
        """The text of `GET /metrics`."""
        scraped = CollectorRegistry()
        if self._lag is not None:
            _lag_gauge(self._lag, scraped)
        if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
            MultiProcessCollector(scraped)  # type: ignore[no-untyped-call]
            return generate_latest(scraped)
        return generate_latest(self._registry) + generate_latest(scraped)

    def _bind(self, method: str, route: str, status: int) -> Callable[[float], None]:
        count = self._requests.labels(method, route, str(status)).inc
        observe = self._seconds.labels(route).observe

        def both(seconds: float) -> None:
            count()
            observe(seconds)

        return both


def _lag_gauge(lag: Callable[[], dict[str, int]], registry: CollectorRegistry) -> None:
    """The lag as it is now; absent while the database is, so that the rest is still scraped."""
    try:
        lags = lag()
    except Unavailable:
        return
    gauge = Gauge(
        "rationale_follower_lag_events",
        "Events that the followed projections have not folded yet.",
        ("site",),
        registry=registry,
        multiprocess_mode="mostrecent",
    )
    for site, events in lags.items():
        gauge.labels(site).set(events)

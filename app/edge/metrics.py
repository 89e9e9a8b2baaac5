"""Prometheus metrics; with PROMETHEUS_MULTIPROC_DIR set, those of all processes of one server."""

from __future__ import annotations

import os
from collections.abc import Callable
from collections.abc import Mapping

from prometheus_client import CollectorRegistry
from prometheus_client import Counter
from prometheus_client import Gauge
from prometheus_client import Histogram
from prometheus_client import generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from aggregates.kernel.errors import Unavailable

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2.0)


BySite = Callable[[], Mapping[str, int]]
_NOW = {
    "rationale_follower_lag_events": "Events that the followed projections have not folded yet.",
    "rationale_events_set_aside": "Events that a followed projection could not fold and skipped.",
}
"""What is not counted here but read from the stores at each scrape."""


class Metrics:
    """What is counted of requests and of decisions. Children are bound once, so that counting costs
    a lookup."""

    def __init__(self, lag: BySite | None = None, set_aside: BySite | None = None) -> None:
        self._read = dict(zip(_NOW, (lag, set_aside), strict=True))
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
        self._decisions = Counter(
            "rationale_decisions",
            "Decisions made, by what evaluated them: the engine, or the evaluator after it failed.",
            ("kind", "engine"),
            registry=self._registry,
        )
        self._disagreements = Counter(
            "rationale_engine_disagreements",
            "Rules and segments of decisions on which engine and evaluator differed.",
            registry=self._registry,
        )
        self._by_kind: dict[tuple[str, str], Callable[[], None]] = {}
        self._bound: dict[tuple[str, str, int], Callable[[float], None]] = {}

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Counts one request; `route` is the pattern, never the path."""
        key = (method, route, status)
        observe = self._bound.get(key)
        if observe is None:
            observe = self._bound[key] = self._bind(*key)
        observe(seconds)

    def decided(self, kind: str, engine: str, disagreements: int) -> None:
        """Counts one decision, and what engine and evaluator did not agree on in it."""
        count = self._by_kind.get((kind, engine))
        if count is None:
            count = self._by_kind[kind, engine] = self._decisions.labels(kind, engine).inc
        count()
        if disagreements:
            self._disagreements.inc(disagreements)

    def exposition(self) -> bytes:
        """The text of `GET /metrics`."""
        scraped = CollectorRegistry()
        for name, read in self._read.items():
            if read is not None:
                _gauge(name, read, scraped)
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


def _gauge(name: str, read: BySite, registry: CollectorRegistry) -> None:
    """A value as it is now; absent while the database is, so that the rest is still scraped."""
    try:
        values = read()
    except Unavailable:
        return
    gauge = Gauge(name, _NOW[name], ("site",), registry=registry, multiprocess_mode="mostrecent")
    for site, value in values.items():
        gauge.labels(site).set(value)

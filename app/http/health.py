"""Health: alive without I/O, ready with reasons, and the metrics."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response
from sqlalchemy import Engine
from sqlalchemy import text

from aggregates.kernel.errors import DomainError
from aggregates.kernel.errors import Unavailable
from app.database import migrated
from app.edge import logging
from app.edge.answers import respond
from app.edge.blueprint import Blueprint
from app.edge.edge import current_edge
from app.edge.metrics import CONTENT_TYPE
from app.wiring import Services

_ALIVE = b'{"status":"alive"}'


def blueprint(services: Services) -> Blueprint:
    """GET /livez, /readyz, /metrics."""
    routes = Blueprint("health", __name__, description="Is it alive, is it ready, how is it.")

    @routes.route("/livez")
    @routes.answers(200, {"type": "object"})
    def alive() -> Response:
        """Answers as long as the process runs; touches no store."""
        return respond(200, _ALIVE)

    @routes.route("/readyz")
    @routes.answers(200, {"type": "object"})
    def ready() -> Response:
        """Whether requests can be served: database, migrations, key store, rulesets."""
        checks = {name: _outcome(check) for name, check in _checks(services).items()}
        failed = [name for name, outcome in checks.items() if outcome != "ok"]
        if failed:
            detail = f"not ready: {', '.join(failed)}"
            raise Unavailable("not_ready", detail, checks=checks)
        body = {
            "status": "ready",
            "checks": checks,
            "lag_events": max(services.follower.lags().values(), default=0),
            "set_aside_events": sum(services.follower.set_aside().values()),
        }
        return respond(200, body)

    @routes.route("/metrics")
    @routes.answers(200, {"type": "string"}, content_type="text/plain")
    def metrics() -> Response:
        """Prometheus text of all processes of this server."""
        return Response(current_edge().metrics.exposition(), content_type=CONTENT_TYPE)

    return routes


def _checks(services: Services) -> dict[str, Callable[[], bool]]:
    stores = services.stores
    return {
        "database": lambda: _answers(stores.log) and _answers(stores.read),
        "migrations": lambda: migrated(stores),
        "key_store": lambda: _answers(stores.keys),
        "ruleset": lambda: all(services.revisions.now(site) for site in services.log.sites()),
    }


def _answers(engine: Engine) -> bool:
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    return True


def _outcome(check: Callable[[], bool]) -> str:
    try:
        return "ok" if check() else "failed"
    except DomainError as error:
        return error.code
    except Exception as error:  # whatever it is, it is why nobody should be sent here
        logging.failure("check_failed", error)
        return type(error).__name__

"""The Flask app: the edge's hooks around the blueprints of app/http."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import orjson
from flask import Flask
from flask.json.provider import JSONProvider

from app.edge import cors
from app.edge import problems
from app.edge import requests
from app.edge.edge import Edge
from app.edge.metrics import Metrics
from app.edge.openapi import OpenApi
from app.edge.rate_limits import RateLimits
from app.edge.running import Running
from app.http import docs
from app.http import health
from app.http import keys
from app.http import limits
from app.wiring import Services

RESOURCES: tuple[ModuleType, ...] = (
    keys,
    limits,
    docs,
    health,
)
"""Every module of app/http; each has `blueprint(services) -> Blueprint`."""


def create_app(services: Services) -> Flask:
    """The app over these services; whoever made the services closes them."""
    app = Flask("rationale", static_folder=None)
    app.json = _Json(app)
    app.url_map.strict_slashes = False
    metrics = Metrics(services.lag)
    app.extensions["edge"] = Edge(services.callers, services.log, RateLimits(), Running(), metrics)
    problems.register(app)
    requests.register(app, metrics)
    cors.register(app)
    api = OpenApi(app)
    for resource in RESOURCES:
        api.register_blueprint(resource.blueprint(services))
    return app


class _Json(JSONProvider):
    """orjson for whatever goes through Flask's own JSON."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        return orjson.dumps(obj).decode()

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        return orjson.loads(s)

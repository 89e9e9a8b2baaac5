"""GET /v1/limits: every limit with its reason, read from where it is defined."""

from __future__ import annotations

import inspect
import re

import orjson
from flask import Response

from aggregates.kernel import limits
from app.edge.answers import respond
from app.edge.blueprint import Blueprint
from app.wiring import Services

_LINE = re.compile(r"([A-Z][A-Z0-9_]+) = .*?  # (.+)")


def blueprint(services: Services) -> Blueprint:
    """The one route; it needs no key, since clients read it before they have one."""
    routes = Blueprint("limits", __name__, description="What is refused for its size, and why.")
    body = orjson.dumps({"limits": table()})

    @routes.route("/v1/limits")
    @routes.answers(200, {"type": "object"})
    def all_limits() -> Response:
        """Every limit of the service with its reason."""
        return respond(200, body, headers={"Cache-Control": "public, max-age=3600"})

    return routes


def table() -> list[dict[str, object]]:
    """Name, value and reason of each constant of aggregates/kernel/limits.py."""
    found = [_LINE.match(line) for line in inspect.getsource(limits).splitlines()]
    return [
        {"name": match[1].lower(), "value": getattr(limits, match[1]), "reason": match[2]}
        for match in found
        if match
    ]

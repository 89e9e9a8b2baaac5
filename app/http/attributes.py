"""GET /v1/attributes: what conditions may read."""

from __future__ import annotations

from flask import Response

from app.edge.answers import respond
from app.edge.auth import require
from app.edge.blueprint import Blueprint
from app.wiring import Services
from rulesets.attributes import table


def blueprint(services: Services) -> Blueprint:
    """The one route."""
    routes = Blueprint("attributes", __name__, description="What conditions may read.")
    body = {"items": table(), "next_cursor": None}

    @routes.route("/v1/attributes")
    @require("author")
    @routes.answers(200, {"type": "object"})
    def attributes() -> Response:
        """Every attribute with its type, where it may stand and where its value comes from."""
        return respond(200, body)

    return routes

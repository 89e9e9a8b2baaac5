"""GET /v1/models: what recommendations and rankings are served from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response

from aggregates.kernel.clock import format_moment
from app.edge.answers import respond
from app.edge.auth import caller
from app.edge.auth import require
from app.edge.blueprint import Blueprint
from app.edge.min_position import from_query
from app.edge.min_position import wait_for
from app.schemas.models import ModelSchema
from app.wiring import Services
from projections import recommendation_models
from projections.recommendation_models import ModelRow
from projections.recommendations.readiness import relevance
from projections.recommendations.registry import TRAINED

_NEVER: Mapping[str, Any] = {"digest": None, "readiness": 0, "outcome": "never"}


def blueprint(services: Services) -> Blueprint:
    """The one route."""
    routes = Blueprint("models", __name__, description="What recommendations are served from.")

    @routes.route("/v1/models")
    @require("author")
    @routes.answers(200, ModelSchema)
    def newest() -> Response:
        """The newest model: of every type what it serves, how ready that is, and how its last
        training went."""
        site = caller().site
        wait_for(from_query(), lambda: services.log.head(site).position)
        with services.stores.log.connect() as connection:
            return respond(200, _view(recommendation_models.newest(connection, site)))

    return routes


def _view(model: ModelRow | None) -> dict[str, Any]:
    entries = model.types if model else {}
    return {
        "model": model.id if model else None,
        "digest": model.digest if model else None,
        "trained_to": model.trained_to if model else None,
        "trained_at": format_moment(model.trained_at) if model else None,
        "types": [_type(name, entries.get(name, _NEVER)) for name in TRAINED],
    }


def _type(name: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    serves = entry["digest"] is not None
    return {
        "type": name,
        "digest": entry["digest"],
        "trained_to": entry["trained_to"] if serves else None,
        "trained_at": format_moment(entry["trained_at"]) if serves else None,
        "readiness": entry["readiness"],
        "relevance": relevance(entry["readiness"]),
        "outcome": entry["outcome"],
        "why": entry.get("why"),
    }

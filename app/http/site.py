"""A site's settings."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask import request

from aggregates.site import SiteSettings
from app.authoring.noting import noted
from app.authoring.preconditions import Condition
from app.authoring.settings import SettingsChange
from app.edge.answers import respond
from app.edge.auth import caller
from app.edge.auth import require
from app.edge.blueprint import Blueprint
from app.edge.idempotency import once
from app.edge.min_position import from_query
from app.edge.min_position import wait_for
from app.edge.notes import NOTE
from app.edge.notes import note_asked
from app.schemas.site import SiteSchema
from app.wiring import Services
from projections import sites


def blueprint(services: Services) -> Blueprint:
    """/v1/site."""
    routes = Blueprint("site", __name__, description="How a site decides.")
    changing = SettingsChange(services.log, services.clock, services.revisions)

    @routes.route("/v1/site")
    @require("admin")
    @routes.answers(200, SiteSchema)
    def get() -> Response:
        """The settings of the key's site."""
        site = caller().site
        wait_for(from_query(), lambda: services.log.head(site).position)
        with services.stores.log.connect() as connection:
            found = sites.get(connection, site)
        return respond(200, found.settings.to_json(), headers=_tag(found.position))

    @routes.route("/v1/site", methods=["PUT"], parameters=[NOTE])
    @require("admin")
    @routes.arguments(SiteSchema)
    @routes.answers(200, SiteSchema)
    def put(asked: dict[str, Any]) -> Response:
        """Sets all settings; they hold from the next decision on. With If-Match only if nobody set
        others since."""
        who, condition = caller(), Condition.of(request.headers.get("If-Match"), required=False)
        settings = SiteSettings.from_json(asked)
        view = settings.to_json()
        note = noted(services.stores.log, who.site, note_asked())
        version, position = changing.change(
            who.site, settings, who.key_id, note, lambda: once(200, view), condition=condition
        )
        return respond(200, view, position, _tag(version))

    return routes


def _tag(version: int) -> dict[str, str]:
    """Settings are numbered by the position of their event."""
    return {"ETag": f'"{version}"'}

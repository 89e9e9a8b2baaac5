"""Forgetting a person. In a path a person is a pseudonym, never an id of a client's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response

from aggregates.kernel.clock import format_moment
from aggregates.kernel.limits import BODY_BYTES_MAX
from app.edge.answers import respond
from app.edge.auth import caller
from app.edge.auth import require
from app.edge.blueprint import Blueprint
from app.edge.body import read_bytes
from app.edge.body import read_json
from app.edge.min_position import from_query
from app.edge.min_position import wait_for
from app.edge.queries import only
from app.edge.validation import load
from app.erasure.erase import erase
from app.erasure.export import export
from app.http.timelines import NDJSON
from app.schemas.erasure import ErasedSchema
from app.schemas.erasure import ErasureSchema

if TYPE_CHECKING:
    from app.wiring import Services


def blueprint(services: Services) -> Blueprint:
    """Erasure, for `admin` keys."""
    routes = Blueprint("erasure", __name__, description="Forgetting a person.")

    @routes.route("/v1/shoppers/<person>", methods=["DELETE"])
    @require("admin")
    @routes.takes(ErasureSchema)
    @routes.answers(200, ErasedSchema)
    def erased(person: str) -> Response:
        """Erases a person: every pseudonym that is linked to this one now. For good."""
        asked = load(ErasureSchema(), read_json() if read_bytes(BODY_BYTES_MAX).strip() else {})
        who = caller()
        done = erase(services, who.site, person, actor=who.key_id, reason=asked["reason"])
        finished_at = done.finished_at
        body = {
            "person": person,
            "status": "erased" if finished_at is None else "finished",
            "pseudonyms": len(done.pseudonyms),
            "erased_at": format_moment(done.erased_at),
            "finished_at": None if finished_at is None else format_moment(finished_at),
        }
        return respond(200, body, done.position)

    @routes.route("/v1/shoppers/<person>/export")
    @require("admin")
    @routes.answers(200, {"type": "string"}, content_type=NDJSON)
    def handed_over(person: str) -> Response:
        """All that is held on a person, as lines of JSON: who they are here, rows, events and
        decisions opened, ids."""
        only(())
        site = caller().site
        wait_for(from_query(), lambda: services.log.head(site).position)
        headers = {
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="person-{person}.ndjson"',
        }
        return Response(export(services, site, person), 200, headers, content_type=NDJSON)

    return routes

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
from app.edge.validation import load
from app.erasure.erase import erase
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

    return routes

"""GET /v1/signing-keys: the public keys of this installation."""

from __future__ import annotations

from flask import Response

from app.edge.answers import respond
from app.edge.blueprint import Blueprint
from app.schemas.signing import SigningKeysSchema
from app.wiring import Services


def blueprint(services: Services) -> Blueprint:
    """The one route; it needs no key of the API: who checks a proof may be a stranger."""
    routes = Blueprint("signing_keys", __name__, description="By what signatures are checked.")

    @routes.route("/v1/signing-keys")
    @routes.answers(200, SigningKeysSchema)
    def keys() -> Response:
        """Every key that was ever signed with, the current one first. Compare its id with one that
        you were told another way."""
        known = services.signing.known().values()
        return respond(200, {"items": [key.to_json() for key in known]})

    return routes

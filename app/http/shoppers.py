"""Persons for auditors. Ids of clients stand in bodies alone; in a path a person is a pseudonym."""

from __future__ import annotations

from typing import Any

from flask import Response

from app.edge.answers import respond
from app.edge.auth import caller
from app.edge.auth import require
from app.edge.blueprint import Blueprint
from app.edge.min_position import wait_for
from app.schemas.shopper import LookupSchema
from app.schemas.shopper import PersonSchema
from app.wiring import Services
from decisions.persons import looked_up


def blueprint(services: Services) -> Blueprint:
    """/v1/shoppers."""
    routes = Blueprint("shoppers", __name__, description="What is known of a person, and was.")
    means = services.means

    @routes.route("/v1/shoppers/lookup", methods=["POST"])
    @require("audit", "admin")
    @routes.arguments(LookupSchema)
    @routes.answers(200, PersonSchema)
    def lookup(asked: dict[str, Any]) -> Response:
        """The person of a customer_id or anonymous_id."""
        site = caller().site
        wait_for(asked.get("min_position"), lambda: means.log.head(site).position)
        kind = "customer" if "customer_id" in asked else "anonymous"
        person = looked_up(means, site, kind, asked[f"{kind}_id"])
        return respond(200, {"person": person.id, "pseudonyms": list(person.pseudonyms)})

    return routes

"""Persons for auditors. Ids of clients stand in bodies alone; in a path a person is a pseudonym."""

from __future__ import annotations

from typing import Any

from flask import Response

from app.edge.answers import respond
from app.edge.auth import caller
from app.edge.auth import require
from app.edge.blueprint import Blueprint
from app.edge.min_position import wait_for
from app.edge.queries import only
from app.http.past import AS_OF
from app.http.past import MIN_POSITION
from app.http.past import asked_as_of
from app.schemas.shopper import KnownSchema
from app.schemas.shopper import LookupSchema
from app.schemas.shopper import PersonSchema
from app.wiring import Services
from decisions.known import known
from decisions.persons import looked_up
from decisions.persons import person_at


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

    @routes.route("/v1/shoppers/<person>", parameters=[AS_OF, MIN_POSITION])
    @require("audit")
    @routes.answers(200, KnownSchema)
    def one(person: str) -> Response:
        """What is known of a person, or was: profile, links, segments, activity, orders."""
        only({"as_of"})
        site = caller().site
        then = asked_as_of(means, site)
        return respond(200, known(means, site, person_at(means, site, person, then.position), then))

    return routes

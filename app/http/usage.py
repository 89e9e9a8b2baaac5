"""GET /v1/usage: how much of limits was used, as of any moment."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask import request

from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import Problem
from aggregates.kernel.ids import SiteId
from app.edge.answers import respond
from app.edge.auth import caller
from app.edge.auth import require
from app.edge.blueprint import Blueprint
from app.edge.pagination import PARAMETERS
from app.edge.pagination import page
from app.edge.queries import only
from app.http.past import AS_OF
from app.http.past import MIN_POSITION
from app.http.past import asked_as_of
from app.schemas.usage import UsagePageSchema
from app.wiring import Services
from decisions.means import Means
from decisions.persons import person_at
from decisions.rules_as_of import compiled_as_of
from decisions.usage_as_of import Subject
from decisions.usage_as_of import counters
from decisions.usage_as_of import told_usage
from decisions.usage_as_of import usage_as_of

_FILTERS = ("rule_id", "campaign", "coupon", "person")


def blueprint(services: Services) -> Blueprint:
    """The one route."""
    routes = Blueprint("usage", __name__, description="What limits had been used, and when.")
    means = services.means

    @routes.route("/v1/usage", parameters=[*PARAMETERS, AS_OF, MIN_POSITION, *_parameters()])
    @require("audit")
    @routes.answers(200, UsagePageSchema)
    def listing() -> Response:
        """Counters of rules, campaigns, codes and persons, summed from the log up to a moment.
        What never moved is absent."""
        only((*_FILTERS, "as_of"))
        site, asked = caller().site, page()
        then = asked_as_of(means, site)
        subject = _subject(means, site, then.position)
        compiled = compiled_as_of(means, site, then.position)
        used = usage_as_of(means, site, then)
        found = [one for one in counters(used, subject) if one.key > _key(asked.after)]
        items, cursor = asked.of(found, lambda one: one.key)
        body = {
            "as_of": then.to_json(),
            "revision": compiled.revision,
            "items": [told_usage(compiled, one, used[one.key]) for one in items],
            "next_cursor": cursor,
        }
        return respond(200, body)

    return routes


def _subject(means: Means, site: SiteId, position: int) -> Subject:
    given = request.args
    named = given.get("person")
    person = person_at(means, site, named, position).pseudonyms if named is not None else None
    return Subject(
        given.get("rule_id"),
        given.get("campaign"),
        given.get("coupon"),
        None if person is None else frozenset(person),
    )


def _key(after: Any) -> str:
    if after is not None and not isinstance(after, str):
        raise InvalidInput([Problem("/cursor", "invalid_cursor", "not a cursor of this list")])
    return after or ""


def _parameters() -> list[dict[str, Any]]:
    return [{"in": "query", "name": name, "schema": {"type": "string"}} for name in _FILTERS]

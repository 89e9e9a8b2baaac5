"""GET /v1/shoppers/{person}/timeline: page by page, or all of it as lines of JSON."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from itertools import islice
from typing import Any

import orjson
from flask import Response
from flask import request

from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import Problem
from aggregates.log import RecordedEvent
from app.edge.answers import respond
from app.edge.auth import caller
from app.edge.auth import require
from app.edge.blueprint import Blueprint
from app.edge.min_position import from_query
from app.edge.min_position import wait_for
from app.edge.pagination import PARAMETERS
from app.edge.pagination import page
from app.edge.queries import moment_asked
from app.edge.queries import only
from app.http.explanations import KINDS as DECISION_KINDS
from app.http.past import AS_OF
from app.http.past import MIN_POSITION
from app.schemas.shopper import TimelineSchema
from app.wiring import Services
from decisions.as_of import as_of
from decisions.persons import person_at
from decisions.timeline import KINDS
from decisions.timeline import Span
from decisions.timeline import Wanted
from decisions.timeline import item
from decisions.timeline import timeline

NDJSON = "application/x-ndjson"
_NAMED = {"kind": tuple(KINDS), "decision_kind": DECISION_KINDS, "format": ("json", "ndjson")}
_FILTERS = ("kind", "event", "decision_kind", "from", "to", "format", "as_of")


def blueprint(services: Services) -> Blueprint:
    """The one route."""
    routes = Blueprint("timelines", __name__, description="All that happened with a person.")
    means = services.means

    @routes.route(
        "/v1/shoppers/<person>/timeline",
        parameters=[*PARAMETERS, AS_OF, MIN_POSITION, *_parameters()],
    )
    @require("audit")
    @routes.answers(200, TimelineSchema)
    def of_person(person: str) -> Response:
        """Every event and decision of a person in the order of the log, up to where the decision
        index has come (`upto`). As lines of JSON with `format=ndjson` or by Accept."""
        only(_FILTERS)
        site, wanted, asked = caller().site, _wanted(), page()

        def reached() -> int:
            return means.log.head(site).position - services.follower.lag(site)

        wait_for(from_query(), reached)
        upto = reached()
        if (text := request.args.get("as_of")) is not None:
            upto = as_of(means.log, means.clock, site, text).position
            wait_for(upto, reached)
        whose = person_at(means, site, person, upto)
        after = asked.after if isinstance(asked.after, int) else 0
        if _as_lines():
            events = timeline(means, site, whose, wanted, Span(after, upto))
            headers = {
                "Cache-Control": "no-store",
                "Content-Disposition": f'attachment; filename="timeline-{whose.id}.ndjson"',
            }
            return Response(lines(events), 200, headers, content_type=NDJSON)
        span = Span(after, upto, asked.limit + 1)
        found = list(islice(timeline(means, site, whose, wanted, span), asked.limit + 1))
        items, cursor = asked.of(found, lambda event: event.position)
        body = {
            "person": whose.id,
            "pseudonyms": list(whose.pseudonyms),
            "upto": upto,
            "items": [item(event) for event in items],
            "next_cursor": cursor,
        }
        return respond(200, body)

    return routes


def lines(events: Iterable[RecordedEvent]) -> Iterator[bytes]:
    """Each as a line of JSON."""
    for event in events:
        yield orjson.dumps(item(event), option=orjson.OPT_APPEND_NEWLINE)


def _wanted() -> Wanted:
    return Wanted(
        _one_of("kind"),
        request.args.get("event"),
        _one_of("decision_kind"),
        moment_asked("from"),
        moment_asked("to"),
    )


def _as_lines() -> bool:
    """By the parameter, else by what the client accepts."""
    asked = _one_of("format")
    if asked is not None:
        return asked == "ndjson"
    best = request.accept_mimetypes.best_match(["application/json", NDJSON])
    return best == NDJSON


def _one_of(name: str) -> str | None:
    text, known = request.args.get(name), _NAMED[name]
    if text is not None and text not in known:
        raise InvalidInput([Problem(f"/{name}", "not_one_of", f"one of {', '.join(known)}")])
    return text


def _parameters() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for name in _FILTERS:
        if name == "as_of":
            continue
        schema: dict[str, Any] = {"type": "string"}
        if name in _NAMED:
            schema["enum"] = list(_NAMED[name])
        found.append({"in": "query", "name": name, "schema": schema})
    return found

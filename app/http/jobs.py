"""GET /v1/jobs: what the scheduler and others ran for the site, how far it is, how it ended."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask import request

from aggregates.kernel.clock import format_moment
from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import Problem
from app.edge.answers import respond
from app.edge.auth import caller
from app.edge.auth import require
from app.edge.blueprint import Blueprint
from app.edge.min_position import checked
from app.edge.min_position import from_query
from app.edge.min_position import wait_for
from app.edge.pagination import PARAMETERS
from app.edge.pagination import page
from app.edge.queries import only
from app.jobs.run_rows import STATUSES
from app.jobs.run_rows import JobRun
from app.jobs.run_rows import Key
from app.jobs.run_rows import key_of
from app.jobs.run_rows import listed
from app.schemas.job import JobRunPageSchema
from app.wiring import Services

_FILTERS: list[dict[str, Any]] = [
    {"in": "query", "name": "job", "schema": {"type": "string"}},
    {"in": "query", "name": "status", "schema": {"type": "string", "enum": list(STATUSES)}},
]


def blueprint(services: Services) -> Blueprint:
    """The one route."""
    routes = Blueprint("jobs", __name__, description="What runs without being asked.")

    @routes.route("/v1/jobs", parameters=[*PARAMETERS, *_FILTERS])
    @require("author")
    @routes.answers(200, JobRunPageSchema)
    def listing() -> Response:
        """The site's runs, the one that began last first."""
        only({"job", "status"})
        site, asked, status = caller().site, page(), _status(request.args.get("status"))
        before, job = _key(asked.after), request.args.get("job")
        wait_for(from_query(), lambda: services.log.head(site).position)
        with services.stores.log.connect() as connection:
            found = listed(connection, site, asked.limit + 1, before=before, job=job, status=status)
        items, cursor = asked.of(found, key_of)
        return respond(200, {"items": [_shown(run) for run in items], "next_cursor": cursor})

    return routes


def _status(text: str | None) -> str | None:
    if text is not None and text not in STATUSES:
        detail = f"one of {', '.join(STATUSES)}"
        raise InvalidInput([Problem("/status", "not_one_of", detail)])
    return text


def _key(after: Any) -> Key | None:
    match after:
        case None:
            return None
        case [int(started_at), str(job), str(occasion)] if "\0" not in job + occasion:
            return checked(started_at), job, occasion
    raise InvalidInput([Problem("/cursor", "invalid_cursor", "not a cursor of this list")])


def _shown(run: JobRun) -> dict[str, Any]:
    return {
        "job": run.job,
        "occasion": run.occasion,
        "status": run.status,
        "attempt": run.attempt,
        "progress": run.progress,
        "detail": run.detail,
        "started_at": format_moment(run.started_at),
        "heartbeat_at": format_moment(run.heartbeat_at) if run.heartbeat_at else None,
        "finished_at": format_moment(run.finished_at) if run.finished_at is not None else None,
    }

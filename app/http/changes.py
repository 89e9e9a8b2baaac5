"""Who did what: every change of an author with who made it, why, and what was before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Any

from flask import Response
from flask import request

from aggregates.kernel.clock import format_moment
from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import Problem
from app.authoring.states import before_and_after
from app.authoring.states import change_at
from app.authoring.states import changes
from app.edge.answers import respond
from app.edge.auth import caller
from app.edge.auth import require
from app.edge.blueprint import Blueprint
from app.edge.min_position import checked
from app.edge.min_position import from_query
from app.edge.min_position import wait_for
from app.edge.pagination import PARAMETERS
from app.edge.pagination import page
from app.edge.queries import moment_asked
from app.edge.queries import only
from app.schemas.changes import AuthoringChangePageSchema
from app.schemas.changes import AuthoringChangeSchema
from projections import authoring_changes
from projections.authoring_changes import ACTS
from projections.authoring_changes import AuthoringChange
from projections.authoring_changes import ChangeFilter

if TYPE_CHECKING:
    from app.wiring import Services

_FILTERS = ("kind", "id", "act", "actor", "from", "to")


def blueprint(services: Services) -> Blueprint:
    """For authors and auditors."""
    routes = Blueprint("changes", __name__, description="Who changed what, and why.")
    parameters = [{"in": "query", "name": name, "schema": {"type": "string"}} for name in _FILTERS]

    @routes.route("/v1/changes", parameters=[*PARAMETERS, *parameters])
    @require("author", "audit")
    @routes.answers(200, AuthoringChangePageSchema)
    def listing() -> Response:
        """The newest changes that fit."""
        only(_FILTERS)
        site, asked, wanted = caller().site, page(), _filter()
        log, follower = services.log, services.follower
        wait_for(from_query(), lambda: log.head(site).position - follower.lag(site))
        before = asked.after if isinstance(asked.after, int) else None
        with services.stores.read.connect() as connection:
            found = authoring_changes.listed(connection, site, wanted, before, asked.limit + 1)
        items, cursor = asked.of(found, lambda item: item.position)
        return respond(200, {"items": [_shown(item) for item in items], "next_cursor": cursor})

    @routes.route("/v1/changes/<position>")
    @require("author", "audit")
    @routes.answers(200, AuthoringChangeSchema)
    def one(position: str) -> Response:
        """A change: the thing before it, after it, and every place that differs."""
        only(())
        number, site = checked(position), caller().site
        wait_for(from_query(), lambda: services.log.head(site).position)
        change = change_at(services.log, site, number)
        before, after = before_and_after(services.log, change)
        head = _shown(authoring_changes.change_of(site, change))
        told = {"before": before, "after": after, "changes": changes(before, after)}
        return respond(200, {**head, **told})

    return routes


def _filter() -> ChangeFilter:
    given = request.args
    act = given.get("act")
    if act is not None and act not in ACTS:
        raise InvalidInput([Problem("/act", "not_one_of", f"one of {', '.join(ACTS)}")])
    return ChangeFilter(
        kind=given.get("kind"),
        subject=given.get("id"),
        act=act,
        actor=given.get("actor"),
        from_at=moment_asked("from"),
        to_at=moment_asked("to"),
    )


def _shown(change: AuthoringChange) -> dict[str, Any]:
    return {
        "log_position": change.position,
        "at": format_moment(change.recorded_at),
        "actor": change.actor,
        "note": change.note,
        "kind": change.kind,
        "id": change.subject,
        "act": change.act,
    }

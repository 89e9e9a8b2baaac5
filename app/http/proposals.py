"""Proposals: what waits for another author's approval, where a site asks for four eyes."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Any

from flask import Response
from flask import request

from aggregates import proposal
from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import Problem
from aggregates.kernel.limits import BODY_BYTES_MAX
from app.authoring.noting import noted
from app.authoring.proposals import Proposals
from app.authoring.proposals import proposal_view
from app.authoring.proposed_changes import proposed_changes
from app.authoring.publishing import ApprovalNeeded
from app.authoring.publishing import Publishing
from app.edge.answers import respond
from app.edge.auth import caller
from app.edge.auth import require
from app.edge.blueprint import Blueprint
from app.edge.body import read_bytes
from app.edge.body import read_json
from app.edge.idempotency import once
from app.edge.min_position import from_query
from app.edge.min_position import wait_for
from app.edge.notes import NOTE
from app.edge.notes import note_asked
from app.edge.pagination import PARAMETERS
from app.edge.pagination import page
from app.edge.queries import only
from app.edge.validation import load
from app.schemas.definition import NoteSchema
from app.schemas.proposals import ClosedProposalSchema
from app.schemas.proposals import ProposalPageSchema
from app.schemas.proposals import ProposalSchema
from projections import authoring_changes

if TYPE_CHECKING:
    from app.wiring import Services

_STATUS = {
    "in": "query",
    "name": "status",
    "schema": {"type": "string", "enum": ["waiting", "all"]},
    "description": "`waiting` without.",
}


def blueprint(services: Services) -> Blueprint:
    """For authors; auditors may look."""
    routes = Blueprint("proposals", __name__, description="What waits for a second author.")
    proposals = proposals_of(services)

    @routes.route("/v1/proposals", parameters=[*PARAMETERS, _STATUS])
    @require("author", "audit")
    @routes.answers(200, ProposalPageSchema)
    def listing() -> Response:
        """Proposals, the newest first."""
        only({"status"})
        site, asked, waiting = caller().site, page(), _waiting()
        log, follower = services.log, services.follower
        wait_for(from_query(), lambda: log.head(site).position - follower.lag(site))
        before = asked.after if isinstance(asked.after, int) else None
        with services.stores.read.connect() as connection:
            found = authoring_changes.proposals(
                connection, site, before, asked.limit + 1, waiting=waiting
            )
        items, cursor = asked.of(found, lambda item: item.position)
        views = [proposal_view(proposals.find(site, item.subject)) for item in items]
        return respond(200, {"items": views, "next_cursor": cursor})

    @routes.route("/v1/proposals/<name>")
    @require("author", "audit")
    @routes.answers(200, ProposalSchema)
    def one(name: str) -> Response:
        """A proposal, and while it waits what approving it would change."""
        site = caller().site
        wait_for(from_query(), lambda: services.log.head(site).position)
        found = proposals.find(site, name)
        view = proposal_view(found)
        if found.closing is None:
            with services.stores.log.connect() as connection:
                view["differences"] = proposed_changes(connection, site, found)
        return respond(200, view)

    @routes.route("/v1/proposals/<name>/approve", methods=["POST"], parameters=[NOTE])
    @require("author")
    @routes.takes(NoteSchema)
    @routes.answers(200, ClosedProposalSchema)
    def approve(name: str) -> Response:
        """Publishes what another author proposed."""
        who, note = caller(), _note(services)
        return respond(200, *proposals.approve(who.site, name, who.key_id, note, once))

    for verb, topic in (("reject", proposal.REJECTED), ("withdraw", proposal.WITHDRAWN)):
        _closing(routes, services, proposals, verb, topic)
    return routes


def proposals_of(services: Services) -> Proposals:
    """The commands over these services."""
    stores = services.stores
    publishing = Publishing(
        stores.log, stores.read, services.log, services.clock, services.revisions
    )
    return Proposals(services.log, services.clock, services.random, publishing)


def proposed(proposals: Proposals, needed: ApprovalNeeded, note: str | None) -> Response:
    """Instead of a revision: a proposal that waits for another author."""
    who = caller()
    view, position = proposals.propose(who.site, list(needed.acts), who.key_id, note, _kept)
    return respond(202, view, position, _place(view))


def _closing(
    routes: Blueprint, services: Services, proposals: Proposals, verb: str, topic: str
) -> None:
    @routes.route(
        f"/v1/proposals/<name>/{verb}",
        methods=["POST"],
        endpoint=f"{verb} a proposal",
        parameters=[NOTE],
    )
    @require("author")
    @routes.takes(NoteSchema)
    @routes.answers(200, ClosedProposalSchema)
    def close(name: str) -> Response:
        """Closes a proposal; nothing of it is published."""
        who, note = caller(), _note(services)
        done = proposals.close(who.site, name, topic, actor=who.key_id, note=note, once=once)
        return respond(200, *done)


def _note(services: Services) -> str | None:
    asked = load(NoteSchema(), read_json() if read_bytes(BODY_BYTES_MAX).strip() else {})
    return noted(services.stores.log, caller().site, asked.get("note"), note_asked())


def _kept(status: int, view: dict[str, Any]) -> Any:
    return once(status, view, _place(view))


def _place(view: dict[str, Any]) -> dict[str, str]:
    return {"Location": f"/v1/proposals/{view['proposal_id']}"}


def _waiting() -> bool:
    asked = request.args.get("status", "waiting")
    if asked not in ("waiting", "all"):
        raise InvalidInput([Problem("/status", "not_one_of", "waiting or all")])
    return asked == "waiting"

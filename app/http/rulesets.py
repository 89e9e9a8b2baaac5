"""Revisions: making one of many definitions at once, and reading any that was ever made."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask import request

from aggregates.kernel.clock import format_moment
from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import NotFound
from aggregates.kernel.errors import Problem
from aggregates.log import IdempotencyRow
from app.authoring.acts import Act
from app.authoring.acts import Verb
from app.authoring.acts import check_schedule
from app.authoring.bodies import on_the_wire
from app.authoring.noting import noted
from app.authoring.publishing import ApprovalNeeded
from app.authoring.publishing import Published
from app.authoring.publishing import Request
from app.authoring.views import entry_view
from app.authoring.views import revision_view
from app.edge.answers import respond
from app.edge.auth import caller
from app.edge.auth import require
from app.edge.blueprint import Blueprint
from app.edge.idempotency import once
from app.edge.min_position import from_query
from app.edge.min_position import wait_for
from app.edge.notes import NOTE
from app.edge.notes import note_asked
from app.edge.pagination import PARAMETERS
from app.edge.pagination import page
from app.edge.queries import only
from app.http.past import AS_OF
from app.http.past import asked_past
from app.http.proposals import proposals_of
from app.http.proposals import proposed
from app.schemas.definition import RevisionPageSchema
from app.schemas.definition import RevisionSchema
from app.schemas.definition import RulesetSchema
from app.schemas.proposals import ProposalSchema
from app.wiring import Services
from decisions.rules_as_of import revision_as_of
from projections import revisions

_VERBS: tuple[Verb, ...] = ("publish", "pause", "resume", "archive")
_REVISION_DIGITS = 9
_BODIES: dict[str, Any] = {
    "in": "query",
    "name": "bodies",
    "schema": {"type": "string", "enum": ["true", "false"]},
    "description": "`true` puts the body of each definition into its entry.",
}


def blueprint(services: Services) -> Blueprint:
    """/v1/rulesets."""
    routes = Blueprint("rulesets", __name__, description="What decides together.")
    engine = services.stores.log
    proposals = proposals_of(services)
    publishing = proposals.publishing

    def waited() -> None:
        wait_for(from_query(), lambda: services.log.head(caller().site).position)

    @routes.route("/v1/rulesets", methods=["POST"], parameters=[NOTE])
    @require("author")
    @routes.arguments(RulesetSchema)
    @routes.answers(201, RevisionSchema)
    @routes.answers(200, RevisionSchema, "All of it was so already.")
    @routes.answers(202, ProposalSchema, "It waits for another author's approval.")
    def publish(asked: dict[str, Any]) -> Response:
        """Makes one revision, all or nothing."""
        who = caller()
        acts = _acts(asked)

        def kept(published: Published) -> IdempotencyRow | None:
            return once(201, _made(published))

        note = noted(engine, who.site, asked.get("note"), note_asked())
        request = Request(acts, who.key_id, note)
        try:
            published, position = publishing.publish(who.site, request, kept)
        except ApprovalNeeded as needed:
            return proposed(proposals, needed, note)
        return respond(201 if published.made else 200, _made(published), position)

    @routes.route("/v1/rulesets", parameters=PARAMETERS)
    @require("author", "audit")
    @routes.queries([AS_OF])
    @routes.answers(200, RevisionPageSchema)
    def listing() -> Response:
        """Revisions, newest first; with `as_of` those of then: the first one decided."""
        only({"as_of"})
        site, asked = caller().site, page()
        before = asked.after if isinstance(asked.after, int) else None
        then = asked_past(services.means, site)
        if before is None and then is not None:
            before = revision_as_of(services.log, site, then.position) + 1
        with engine.connect() as connection:
            found = revisions.listed(connection, site, before, asked.limit + 1)
        items, cursor = asked.of(found, lambda one: one.revision)
        views = [revision_view(one) for one in items]
        return respond(200, {"items": views, "next_cursor": cursor})

    @routes.route("/v1/rulesets/<revision>", parameters=[_BODIES])
    @require("author", "audit")
    @routes.answers(200, RevisionSchema)
    def get(revision: str) -> Response:
        """A revision with its entries, also an old one; with `bodies=true` as it was written."""
        only({"bodies"})
        waited()
        number, with_bodies = _number(revision), _with_bodies()
        site = caller().site
        with engine.connect() as connection:
            view = revision_view(revisions.find(connection, site, number))
            entries = revisions.entries(connection, site, number)
            digests = {entry.digest for entry in entries} if with_bodies else set()
            bodies = revisions.bodies(connection, site, digests)
        shown = [
            {**entry_view(one), "body": on_the_wire(bodies[one.digest])}
            if with_bodies
            else entry_view(one)
            for one in entries
        ]
        return respond(200, {**view, "entries": shown})

    return routes


def _acts(asked: dict[str, Any]) -> list[Act]:
    acts = []
    for verb in _VERBS:
        for index, wish in enumerate(asked.get(verb, ())):
            pointer = f"/{verb}/{index}"
            check_schedule(wish, pointer)
            fields = {name: wish[name] for name in wish if name not in {"kind", "id"}}
            acts.append(Act(verb, wish["kind"], wish["id"], pointer, **fields))
    if not acts:
        raise InvalidInput([Problem("", "nothing_to_publish", "no definition is named")])
    return acts


def _with_bodies() -> bool:
    text = request.args.get("bodies", "false")
    if text not in {"true", "false"}:
        raise InvalidInput([Problem("/bodies", "not_one_of", "one of true, false")])
    return text == "true"


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or len(text) > _REVISION_DIGITS:
        raise NotFound("revision_unknown", "no revision by that number")
    return int(text)


def _made(published: Published) -> dict[str, Any]:
    return {
        "revision": published.revision,
        "digest": published.digest,
        "published_at": format_moment(published.at),
        "published_by": published.actor,
        "note": published.note,
    }

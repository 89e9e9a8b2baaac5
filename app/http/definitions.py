"""Definitions of every kind: draft, read, edit, publish, pause, resume, archive, lint."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import flask
from flask import Response
from flask import request

from aggregates.definition import PREFIXES
from aggregates.kernel.errors import NotFound
from aggregates.kernel.limits import BODY_BYTES_MAX
from aggregates.log import IdempotencyRow
from app.authoring import reading
from app.authoring.acts import Act
from app.authoring.acts import Verb
from app.authoring.acts import check_schedule
from app.authoring.bodies import SCHEMAS
from app.authoring.bodies import problems_of
from app.authoring.drafts import Done
from app.authoring.drafts import Drafts
from app.authoring.noting import noted
from app.authoring.preconditions import Condition
from app.authoring.proposals import Proposals
from app.authoring.publishing import ApprovalNeeded
from app.authoring.publishing import Published
from app.authoring.publishing import Request
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
from app.edge.validation import load
from app.http.proposals import proposals_of
from app.http.proposals import proposed
from app.schemas.definition import DefinitionPageSchema
from app.schemas.definition import DefinitionSchema
from app.schemas.definition import NoteSchema
from app.schemas.definition import ScheduleSchema
from app.schemas.definition import VersionPageSchema
from app.schemas.proposals import ProposalSchema
from app.wiring import Services
from projections import definition_reads
from projections import sites

NOT_BUILT = (
    "search-rules",
    "synonyms",
    "facets",
    "audiences",
    "experiments",
    "journeys",
)
"""Kinds of the contract that this version does not have."""
_VERBS: tuple[Verb, ...] = ("publish", "pause", "resume", "archive")
_IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "schema": {"type": "string"},
    "description": 'The version that the edit was made from: `"3"`.',
}
_EDIT = [_IF_MATCH, NOTE]


def blueprint(services: Services) -> Blueprint:
    """/v1/<kind> for each kind that can be authored; 404 for the other kinds of the contract."""
    routes = Blueprint("definitions", __name__, description="What merchandisers edit.")
    drafts = Drafts(services.stores.log, services.log, services.clock)
    proposals = proposals_of(services)
    for kind in PREFIXES:
        _saving(routes, services, drafts, kind)
        _reads(routes, services, kind)
        for verb in _VERBS:
            _life(routes, services, proposals, kind, verb)
    _not_built(routes)
    return routes


def _saving(routes: Blueprint, services: Services, drafts: Drafts, kind: str) -> None:
    schema = type(SCHEMAS[kind])

    engine = services.stores.log

    @routes.route(f"/v1/{kind}", methods=["POST"], endpoint=f"draft {kind}", parameters=[NOTE])
    @require("author")
    @routes.takes(schema)
    @routes.answers(201, DefinitionSchema)
    def draft() -> Response:
        """Drafts a definition; nothing decides by it before it is published."""
        who = caller()
        note = noted(engine, who.site, note_asked())
        done = drafts.draft(
            who.site, kind, read_json(), actor=who.key_id, once=_once(kind), note=note
        )
        return _done(kind, done)

    @routes.route(f"/v1/{kind}/<name>", methods=["PUT"], endpoint=f"put {kind}", parameters=_EDIT)
    @require("author")
    @routes.takes(schema)
    @routes.answers(200, DefinitionSchema)
    @routes.answers(201, DefinitionSchema)
    def put(name: str) -> Response:
        """Saves another body; under a new key, drafts a definition. What is live stays."""
        who = caller()
        done = drafts.put(
            who.site,
            kind,
            name,
            read_json(),
            actor=who.key_id,
            condition=Condition.of(request.headers.get("If-Match")),
            once=_once(kind),
            note=noted(engine, who.site, note_asked()),
        )
        return _done(kind, done)

    @routes.route(
        f"/v1/{kind}/<name>", methods=["DELETE"], endpoint=f"delete {kind}", parameters=_EDIT
    )
    @require("author")
    @routes.answers(200, {"type": "object"})
    def delete(name: str) -> Response:
        """Deletes what was never published."""
        who = caller()
        condition = Condition.of(request.headers.get("If-Match"))
        done = drafts.delete(
            who.site,
            kind,
            name,
            actor=who.key_id,
            condition=condition,
            once=once,
            note=noted(engine, who.site, note_asked()),
        )
        return respond(200, done.view, done.log_position)

    @routes.route(f"/v1/{kind}/lint", methods=["POST"], endpoint=f"lint {kind}")
    @require("author")
    @routes.takes(schema)
    @routes.answers(200, {"type": "object"})
    def lint() -> Response:
        """What would be refused of this body, without saving it."""
        document = read_json()
        with services.stores.log.connect() as connection:
            settings = sites.get(connection, caller().site).settings
        problems = [
            {"pointer": one.pointer, "code": one.code, "detail": one.detail}
            for one in problems_of(kind, document, settings)
        ]
        return respond(200, {"valid": not problems, "problems": problems})


def _reads(routes: Blueprint, services: Services, kind: str) -> None:
    engine, clock = services.stores.log, services.clock

    def waited() -> None:
        wait_for(from_query(), lambda: services.log.head(caller().site).position)

    @routes.route(f"/v1/{kind}", endpoint=f"list {kind}", parameters=PARAMETERS)
    @require("author")
    @routes.answers(200, DefinitionPageSchema)
    def listing() -> Response:
        """Definitions in order of creation."""
        waited()
        asked = page()
        after = asked.after if isinstance(asked.after, str) else ""
        site = caller().site
        with engine.connect() as connection:
            found = definition_reads.listed(connection, site, kind, after, asked.limit + 1)
            items, cursor = asked.of(found, lambda one: one.id)
            views = reading.views(connection, site, items, clock.now())
        return respond(200, {"items": views, "next_cursor": cursor})

    @routes.route(f"/v1/{kind}/<name>", endpoint=f"get {kind}")
    @require("author")
    @routes.answers(200, DefinitionSchema)
    def get(name: str) -> Response:
        """A definition by id or key."""
        waited()
        site = caller().site
        with engine.connect() as connection:
            found = definition_reads.get(connection, site, kind, name)
            view = reading.views(connection, site, [found], clock.now())[0]
        return respond(200, view, headers=_tag(view))

    @routes.route(
        f"/v1/{kind}/<name>/versions", endpoint=f"versions of {kind}", parameters=PARAMETERS
    )
    @require("author")
    @routes.answers(200, VersionPageSchema)
    def versions(name: str) -> Response:
        """Every body that was saved, newest first."""
        waited()
        asked = page()
        before = asked.after if isinstance(asked.after, int) else None
        site = caller().site
        with engine.connect() as connection:
            stored = definition_reads.get(connection, site, kind, name)
            found = definition_reads.versions(
                connection, site, (kind, stored.id), before, asked.limit + 1
            )
            items, cursor = asked.of(found, lambda one: one.version)
            views = reading.version_views(connection, site, stored, items)
        return respond(200, {"items": views, "next_cursor": cursor})


def _life(
    routes: Blueprint, services: Services, proposals: Proposals, kind: str, verb: Verb
) -> None:
    schema = ScheduleSchema() if verb == "publish" else NoteSchema()
    engine = services.stores.log

    @routes.route(
        f"/v1/{kind}/<name>/{verb}",
        methods=["POST"],
        endpoint=f"{verb} {kind}",
        parameters=[NOTE],
    )
    @require("author")
    @routes.takes(type(schema))
    @routes.answers(200, DefinitionSchema)
    @routes.answers(202, ProposalSchema, "It waits for another author's approval.")
    def act(name: str) -> Response:
        """Makes one revision of it, as /v1/rulesets would."""
        asked = load(schema, read_json() if read_bytes(BODY_BYTES_MAX).strip() else {})
        note = noted(engine, caller().site, asked.pop("note", None), note_asked())
        check_schedule(asked, "")
        who = caller()
        with engine.connect() as connection:
            stored = definition_reads.get(connection, who.site, kind, name)
        Condition.of(request.headers.get("If-Match"), required=False).check(stored.saved)
        wish = Act(verb, kind, stored.id, "", **asked)

        def shown(published: Published) -> dict[str, Any]:
            with engine.connect() as connection:
                zone = ZoneInfo(published.settings.time_zone)
                one = published.changed[0]
                view = reading.view(connection, who.site, one, published.at, zone)
            return {**view, "revision": published.revision}

        def kept(published: Published) -> IdempotencyRow | None:
            view = shown(published)
            return once(200, view, _tag(view))

        asked_for = Request([wish], who.key_id, note)
        try:
            published, position = proposals.publishing.publish(who.site, asked_for, kept)
        except ApprovalNeeded as needed:
            return proposed(proposals, needed, note)
        view = shown(published)
        return respond(200, view, position, _tag(view))

    act.__doc__ = f"{verb.capitalize()}s one definition."


def _not_built(routes: Blueprint) -> None:
    """Routes of kinds that this version lacks; the documentation does not offer them."""

    @require("author")
    def refuse(kind: str, **path: str) -> Response:
        raise NotFound("kind_not_available", f"{kind} cannot be authored in this version")

    for kind in NOT_BUILT:
        for rule in ("", "/<name>", "/<name>/<act>"):
            flask.Blueprint.add_url_rule(
                routes,
                f"/v1/{kind}{rule}",
                endpoint=f"no {kind}",
                view_func=refuse,
                defaults={"kind": kind},
                methods=["GET", "POST", "PUT", "DELETE"],
            )


def _once(kind: str) -> Any:
    def keep(status: int, view: dict[str, Any]) -> IdempotencyRow | None:
        return once(status, view, _headers(kind, status, view))

    return keep


def _done(kind: str, done: Done) -> Response:
    headers = _headers(kind, done.status, done.view)
    return respond(done.status, done.view, done.log_position, headers)


def _headers(kind: str, status: int, view: dict[str, Any]) -> dict[str, str]:
    place = {"Location": f"/v1/{kind}/{view['id']}"} if status == 201 else {}
    return {**_tag(view), **place}


def _tag(view: dict[str, Any]) -> dict[str, str]:
    return {"ETag": f'"{view["version"]}"'}

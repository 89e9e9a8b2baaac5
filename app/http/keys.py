"""API keys of a site: issue, list, revoke. A key's text is in one answer and nowhere else."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response
from marshmallow import Schema
from marshmallow import fields
from marshmallow import validate

from aggregates.kernel.errors import Conflict
from aggregates.kernel.errors import NotFound
from aggregates.kernel.ids import SiteId
from aggregates.kernel.limits import STRING_LENGTH_MAX
from aggregates.log import StoredAnswer
from app import issuing
from app.authoring.noting import noted
from app.edge.answers import respond
from app.edge.auth import caller
from app.edge.auth import require
from app.edge.blueprint import Blueprint
from app.edge.callers import SCOPES
from app.edge.idempotency import once
from app.edge.min_position import from_query
from app.edge.min_position import wait_for
from app.edge.notes import NOTE
from app.edge.notes import note_asked
from app.edge.pagination import PARAMETERS
from app.edge.pagination import page
from app.wiring import Services
from projections import api_keys
from projections.api_keys import ApiKey


class NewKeySchema(Schema):
    """What a new key is for."""

    name = fields.String(required=True, validate=validate.Length(min=1, max=STRING_LENGTH_MAX))
    scopes = fields.List(
        fields.String(validate=validate.OneOf(sorted(SCOPES))),
        required=True,
        validate=validate.Length(min=1, max=len(SCOPES)),
    )


class KeySchema(Schema):
    """A key without its text."""

    key_id = fields.String(required=True)
    name = fields.String(required=True)
    scopes = fields.List(fields.String(), required=True)
    revoked = fields.Boolean(required=True)


class IssuedKeySchema(KeySchema):
    """A new key. `key` is null when the answer is repeated: the text is kept nowhere."""

    key = fields.String(required=True, allow_none=True)
    log_position = fields.Integer(required=True)


class KeyPageSchema(Schema):
    """One page of keys."""

    items = fields.List(fields.Nested(KeySchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


def blueprint(services: Services) -> Blueprint:
    """/v1/keys, for `admin` keys."""
    routes = Blueprint("keys", __name__, description="Who may call.")

    @routes.route("/v1/keys", methods=["POST"], parameters=[NOTE])
    @require("admin", again=_again)
    @routes.arguments(NewKeySchema)
    @routes.answers(201, IssuedKeySchema)
    def create(asked: dict[str, Any]) -> Response:
        """Issues a key; its text is in this answer only."""
        site = caller().site
        new, digest = issuing.made(services.settings.secret_key)
        key = ApiKey(new.key_id, site, asked["name"], frozenset(asked["scopes"]), digest, False)
        body = _shown(key)
        log_position = issuing.issue(
            services.log,
            site,
            new.key_id,
            digest,
            name=key.name,
            scopes=key.scopes,
            by=_by(services),
            once=once(201, body),
        )
        return respond(201, {**body, "key": new.token}, log_position)

    @routes.route("/v1/keys")
    @require("admin")
    @routes.queries(PARAMETERS)
    @routes.answers(200, KeyPageSchema)
    def listing() -> Response:
        """The site's keys in order of issue, also revoked ones."""
        site, asked = caller().site, page()
        wait_for(from_query(), lambda: services.log.head(site).position)
        with services.stores.log.connect() as connection:
            found = api_keys.listed(connection, site)
        start = asked.after if isinstance(asked.after, int) else 0
        items, cursor = asked.of(list(enumerate(found, 1))[start:], lambda item: item[0])
        return respond(200, {"items": [_shown(key) for _, key in items], "next_cursor": cursor})

    @routes.route("/v1/keys/<key_id>", methods=["DELETE"], parameters=[NOTE])
    @require("admin")
    @routes.answers(200, {"type": "object"})
    def revoke(key_id: str) -> Response:
        """Revokes a key: within a second no process takes it any more."""
        key = _found(services, caller().site, key_id)
        if key_id == caller().key_id:
            raise Conflict("own_key", "a key does not revoke itself")
        body = {**_shown(key), "revoked": True}
        by = _by(services)
        log_position = issuing.revoke(services.log, key.site, key_id, by, once(200, body))
        return respond(200, body, log_position)

    return routes


def _by(services: Services) -> issuing.By:
    who = caller()
    return issuing.By(who.key_id, noted(services.stores.log, who.site, note_asked()))


def _found(services: Services, site: SiteId, key_id: str) -> ApiKey:
    with services.stores.log.connect() as connection:
        key = api_keys.find(connection, key_id)
    if key is None or key.site != site:
        raise NotFound("key_unknown", "no key by that id")
    return key


def _shown(key: ApiKey) -> dict[str, Any]:
    return {
        "key_id": key.key_id,
        "name": key.name,
        "scopes": sorted(key.scopes),
        "revoked": key.revoked,
    }


def _again(stored: StoredAnswer) -> Response:
    body = {**orjson.loads(stored.body), "key": None}
    return respond(stored.status, body, stored.log_position)

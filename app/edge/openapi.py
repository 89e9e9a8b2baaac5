"""The OpenAPI 3.1 document: flask-smorest's, with our errors and security scheme."""

from __future__ import annotations

from typing import Any

import flask_smorest
from flask import Flask
from marshmallow import INCLUDE
from marshmallow import Schema
from marshmallow import fields

from aggregates.kernel.limits import IDEMPOTENCY_KEY_LENGTH_MAX

VERSION = "1"
DESCRIPTION = (
    "Decisions for commerce that carry their reasons: which discounts a cart gets, what a slot"
    " shows. Every answer is recorded, can be explained in words and replayed from the log."
)


class ProblemPlaceSchema(Schema):
    """One wrong place of a document."""

    pointer = fields.String(required=True, metadata={"description": "RFC 6901 JSON pointer"})
    code = fields.String(required=True)
    detail = fields.String(required=True)


class ProblemSchema(Schema):
    """An error (RFC 9457). Codes are stable; sentences are not. What a code is about stands beside
    it: the rule, the limit, a fresh decision."""

    class Meta:
        unknown = INCLUDE

    type = fields.String(required=True, metadata={"format": "uri-reference"})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    code = fields.String(required=True)
    errors = fields.List(fields.Nested(ProblemPlaceSchema))


class OpenApi(flask_smorest.Api):  # type: ignore[misc]
    """Collects the blueprints' documentation; `document()` is what /openapi.json serves."""

    ERROR_SCHEMA = ProblemSchema

    def __init__(self, app: Flask) -> None:
        app.config.update(
            API_TITLE="Rationale",
            API_VERSION=VERSION,
            OPENAPI_VERSION="3.1.0",
            API_SPEC_OPTIONS={
                "info": {"description": DESCRIPTION, "license": {"name": "Apache-2.0"}},
                "servers": [{"url": "/"}],
            },
        )
        super().__init__(app)
        app.extensions["openapi"] = self
        scheme = {"type": "http", "scheme": "bearer", "description": "An API key of a site."}
        self.spec.components.security_scheme("key", scheme)

    def _register_error_handlers(self) -> None:
        """None: app/edge/problems.py answers every error."""

    def _register_pagination_header(self) -> None:
        """None: lists carry `next_cursor` in the body."""

    def document(self) -> dict[str, Any]:
        """The whole document; every operation may answer a problem, every write may be repeated."""
        document: dict[str, Any] = self.spec.to_dict()
        components = document["components"]
        components["parameters"] = {**components.get("parameters", {}), "IdempotencyKey": _REPEAT}
        components["responses"] = {
            name: {**answer, "content": _PROBLEM} if _is_problem(answer) else answer
            for name, answer in components.get("responses", {}).items()
        }
        components["responses"]["Problem"] = {"description": "A problem", "content": _PROBLEM}
        for path in document["paths"].values():
            for method in set(path) & _METHODS:
                operation = path[method]
                operation["responses"]["default"] = {"$ref": "#/components/responses/Problem"}
                if method != "get" and "security" in operation:
                    operation.setdefault("parameters", []).append(_REPEAT_REFERENCE)
        return document


_METHODS = {"get", "post", "put", "delete"}
_PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_REPEAT_REFERENCE = {"$ref": "#/components/parameters/IdempotencyKey"}
_REPEAT = {
    "in": "header",
    "name": "Idempotency-Key",
    "schema": {"type": "string", "minLength": 1, "maxLength": IDEMPOTENCY_KEY_LENGTH_MAX},
    "description": "The same key and body get the same answer for 24 hours.",
}


def _is_problem(answer: dict[str, Any]) -> bool:
    schemas = [content.get("schema") for content in answer.get("content", {}).values()]
    return {"$ref": "#/components/schemas/Problem"} in schemas

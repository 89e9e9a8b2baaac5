"""The project's blueprint: flask-smorest's documentation with our reading and our errors.

`@blueprint.arguments(Schema)` reads the body by `app.edge.body` and refuses it with pointers;
`@blueprint.answers(200, Schema)` documents an answer and does nothing at run time: handlers return
`respond(...)`, and a test holds real answers against the documented schema.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from http import HTTPStatus
from typing import Any
from typing import NoReturn
from typing import TypeVar
from typing import cast

import flask_smorest
from flask import Request
from marshmallow import Schema
from marshmallow import ValidationError
from webargs.flaskparser import FlaskParser

from aggregates.kernel.errors import InvalidInput
from app.edge.body import read_json
from app.edge.validation import problems_of

F = TypeVar("F", bound=Callable[..., Any])
R = TypeVar("R")


class _Parser(FlaskParser):
    """webargs with our reader and our error."""

    def load_json(self, req: Request, schema: Schema) -> Any:
        """The JSON body within the common limit."""
        return read_json()

    def handle_error(
        self, error: ValidationError, req: Request, schema: Schema, **options: Any
    ) -> NoReturn:
        """InvalidInput with a pointer for each message."""
        messages = error.messages
        levels = messages.values() if isinstance(messages, dict) else [messages]
        raise InvalidInput([problem for level in levels for problem in problems_of(level)])


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """One resource's routes."""

    ARGUMENTS_PARSER = _Parser()

    def route(self, rule: str, **options: Any) -> Callable[[F], F]:
        """Registers a view and its documentation."""
        return cast(Callable[[F], F], super().route(rule, **options))

    def arguments(
        self, schema: type[Schema] | Schema, **options: Any
    ) -> Callable[[Callable[..., R]], Callable[..., R]]:
        """Hands the checked body to the view as its first argument, and documents it."""
        decorate = super().arguments(schema, **options)
        return cast(Callable[[Callable[..., R]], Callable[..., R]], decorate)

    def answers(
        self,
        status: int,
        schema: type[Schema] | Schema | dict[str, Any] | None = None,
        description: str | None = None,
        content_type: str | None = None,
    ) -> Callable[[F], F]:
        """Documents one possible answer of the view."""
        entry: dict[str, Any] = {"description": description or HTTPStatus(status).phrase}
        if schema is not None:
            entry["schema"] = schema
        entry["content_type"] = content_type

        def decorate(view: F) -> F:
            doc = deepcopy(getattr(view, "_apidoc", {}))
            answers = doc.setdefault("response", {}).setdefault("responses", {})
            answers.setdefault(status, []).append(entry)
            if status < 400:
                doc.setdefault("success_status_codes", []).append(status)
            view._apidoc = doc  # type: ignore[attr-defined]
            return view

        return decorate

    def queries(self, parameters: list[dict[str, Any]]) -> Callable[[F], F]:
        """Documents the query parameters and headers of this one operation of its path."""

        def decorate(view: F) -> F:
            doc = deepcopy(getattr(view, "_apidoc", {}))
            doc.setdefault("manual_doc", {}).setdefault("parameters", []).extend(parameters)
            view._apidoc = doc  # type: ignore[attr-defined]
            return view

        return decorate

    def takes(self, schema: type[Schema] | Schema | dict[str, Any]) -> Callable[[F], F]:
        """Documents the request body of a view that reads it by itself."""
        content = {"application/json": {"schema": schema}}

        def decorate(view: F) -> F:
            doc = deepcopy(getattr(view, "_apidoc", {}))
            manual = doc.setdefault("manual_doc", {})
            manual["requestBody"] = {"required": True, "content": content}
            view._apidoc = doc  # type: ignore[attr-defined]
            return view

        return decorate

"""Errors as RFC 9457 problem+json: one mapping from the broken rule to the status.

InvalidValue, InvalidInput  422      PreconditionFailed    412
NotFound                    404      PreconditionRequired  428
Erased                      410      Unauthorized          401
Conflict and below          409      Forbidden             403
Unreadable                  400      Unavailable           503 with Retry-After
TooLarge                    413      TooMany               429 with Retry-After
TamperedLog, anything else  500
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import orjson
from flask import Flask
from flask import Response
from flask import g
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException

from aggregates.kernel import errors
from aggregates.kernel.errors import DomainError
from aggregates.kernel.errors import Problem
from app.edge import logging
from app.edge.validation import problems_of
from app.outage import outage

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 1


class Unreadable(DomainError):
    """The bytes, the JSON or a header cannot be read at all."""


class TooLarge(DomainError):
    """More bytes than the route takes."""


class TooMany(DomainError):
    """The caller's allowance is used up; `data["retry_after_s"]` says for how long."""


class UnsupportedEncoding(DomainError):
    """A Content-Encoding that is not read here."""


STATUS: tuple[tuple[type[DomainError], int], ...] = (
    (errors.InvalidInput, 422),
    (errors.InvalidValue, 422),
    (errors.NotFound, 404),
    (errors.Erased, 410),
    (errors.Conflict, 409),
    (errors.PreconditionFailed, 412),
    (errors.PreconditionRequired, 428),
    (errors.Unauthorized, 401),
    (errors.Forbidden, 403),
    (errors.Unavailable, 503),
    (Unreadable, 400),
    (TooLarge, 413),
    (TooMany, 429),
    (UnsupportedEncoding, 415),
)
"""First match wins; a DomainError that is not here is a 500."""

_FLASKS_OWN = {
    404: ("no_such_route", "there is nothing at this path"),
    405: ("method_not_allowed", "this path takes other methods: see Allow"),
}


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    problems: Sequence[Problem] = (),
    data: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """One problem+json answer. `data` stands beside the code."""
    g.code = code
    body = body_of(status, code, detail, data=data)
    if problems:
        body["errors"] = [
            {"pointer": item.pointer, "code": item.code, "detail": item.detail} for item in problems
        ]
    answer = Response(orjson.dumps(body), status, mimetype=MEDIA_TYPE)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers.extend(headers or {})
    return answer


def body_of(
    status: int, code: str, detail: str, *, data: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The object that a problem's answer is."""
    return {
        **(data or {}),
        "type": f"/docs/problems#{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
    }


def answer_to(error: Exception) -> Response:
    """The answer to any error; what nobody foresaw is logged without its message."""
    if isinstance(error, DomainError):
        return _domain(error)
    if isinstance(error, ValidationError):
        return _domain(errors.InvalidInput(problems_of(error.messages)))
    if isinstance(error, HTTPException):
        return _http(error)
    away = outage(error)
    if away is not None:
        logging.failure(away.code, error)
        return _domain(away)
    logging.failure("unexpected_error", error)
    return problem(500, "unexpected_error", "an error of the service; it is logged")


def register(app: Flask) -> None:
    """Every error of the app leaves through here."""
    app.register_error_handler(HTTPException, answer_to)
    app.register_error_handler(Exception, answer_to)


def _domain(error: DomainError) -> Response:
    status = next((status for kind, status in STATUS if isinstance(error, kind)), 500)
    headers: dict[str, str] = {}
    if status == 500:
        logging.failure(error.code, error)
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="rationale"'
    if status in {429, 503}:
        headers["Retry-After"] = str(error.data.get("retry_after_s", RETRY_AFTER_S))
    found = error.problems if isinstance(error, errors.InvalidInput) else ()
    return problem(
        status, error.code, error.detail, problems=found, data=error.data, headers=headers
    )


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    messages = getattr(error, "data", {}).get("messages")
    if messages is not None:  # of webargs: one level for where the argument stood
        found = [problem for inner in messages.values() for problem in problems_of(inner)]
        return _domain(errors.InvalidInput(found))
    headers = {name: value for name, value in error.get_headers() if name in {"Allow"}}
    phrase = HTTPStatus(status).phrase
    code, detail = _FLASKS_OWN.get(status) or (HTTPStatus(status).name.lower(), phrase.lower())
    return problem(status, code, detail, headers=headers)

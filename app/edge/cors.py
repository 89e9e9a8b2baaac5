"""CORS, for the routes that public clients call with `collect` keys, and for no other."""

from __future__ import annotations

from flask import Flask
from flask import Response
from flask import after_this_request
from flask import request

_PREFLIGHT = {
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key",
    "Access-Control-Max-Age": "86400",
}


def allow() -> None:
    """Lets any origin read this request's answer. Keys of browsers are no secret, and no cookie
    is ever read, so there is nothing for a foreign page to borrow."""
    after_this_request(_open)


def preflight(app: Flask, answer: Response) -> Response:
    """The answer to OPTIONS: opened if the route is one of `collect` keys."""
    view = app.view_functions.get(request.endpoint or "")
    if "collect" in getattr(view, "scopes", ()):
        _open(answer)
        answer.headers.update(_PREFLIGHT)
    return answer


def _open(answer: Response) -> Response:
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Access-Control-Expose-Headers"] = "Idempotent-Replayed, Retry-After"
    return answer

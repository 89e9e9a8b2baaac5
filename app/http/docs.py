"""The contract to read: /openapi.json for machines, /docs for people, /docs/problems for codes."""

from __future__ import annotations

from functools import cache
from html import escape
from importlib.resources import files
from typing import cast

import orjson
from flask import Response
from flask import current_app

from app.edge.blueprint import Blueprint
from app.edge.codes import MEANINGS
from app.edge.openapi import OpenApi
from app.wiring import Services

_HEADERS = {
    "Cache-Control": "public, max-age=300",
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}


def blueprint(services: Services) -> Blueprint:
    """The document is made once, at the first request after all blueprints are registered."""
    routes = Blueprint("docs", __name__, description="This documentation.")

    @cache
    def document() -> bytes:
        return orjson.dumps(cast(OpenApi, current_app.extensions["openapi"]).document())

    @routes.route("/openapi.json")
    @routes.answers(200, {"type": "object"})
    def openapi() -> Response:
        """The OpenAPI 3.1 document of every route."""
        return Response(document(), headers=_HEADERS, mimetype="application/json")

    @routes.route("/docs")
    @routes.answers(200, {"type": "string"}, content_type="text/html")
    def page() -> Response:
        """The same, to browse."""
        return _static("docs.html", "text/html")

    @routes.route("/docs/docs.css")
    @routes.answers(200, {"type": "string"}, content_type="text/css")
    def style() -> Response:
        """The page's style."""
        return _static("docs.css", "text/css")

    @routes.route("/docs/docs.js")
    @routes.answers(200, {"type": "string"}, content_type="text/javascript")
    def script() -> Response:
        """The page's script."""
        return _static("docs.js", "text/javascript")

    @routes.route("/docs/problems")
    @routes.answers(200, {"type": "string"}, content_type="text/html")
    def meanings() -> Response:
        """What each code of a problem means; `type` of a problem leads here."""
        return Response(_problems(), headers=_HEADERS, mimetype="text/html")

    return routes


@cache
def _problems() -> bytes:
    rows = "".join(
        f'<tr id="{escape(code)}"><td><code>{escape(code)}</code></td><td>{escape(text)}</td></tr>'
        for code, text in sorted(MEANINGS.items())
    )
    return _content("problems.html").replace(b"<!-- rows -->", rows.encode())


def _static(name: str, mimetype: str) -> Response:
    return Response(_content(name), headers=_HEADERS, mimetype=mimetype)


@cache
def _content(name: str) -> bytes:
    return (files("app.http") / "static" / name).read_bytes()

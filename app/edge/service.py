"""The Flask application class: orjson for Flask's own JSON, preflights for public clients."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Flask
from flask import Response
from flask.json.provider import JSONProvider
from werkzeug.routing import PathConverter

from app.edge import cors
from app.edge import problems
from app.edge import requests
from app.edge.edge import Edge


class Service(Flask):
    """Flask behind our edge."""

    def __init__(self, edge: Edge) -> None:
        super().__init__("rationale", static_folder=None)
        self.json = _Json(self)
        self.url_map.strict_slashes = False
        self.url_map.merge_slashes = False
        self.url_map.converters["anything"] = _Anything
        self.extensions["edge"] = edge
        problems.register(self)
        requests.register(self, edge.metrics)

    def make_default_options_response(self) -> Response:
        """Flask's answer to OPTIONS, with CORS where it belongs."""
        return cors.preflight(self, super().make_default_options_response())


class _Anything(PathConverter):
    """The rest of the path, whatever it begins with: a SKU may be `/1`, which is not `1`."""

    regex = ".+"
    part_isolating = False


class _Json(JSONProvider):
    """orjson for whatever goes through Flask's own JSON."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        return orjson.dumps(obj).decode()

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        return orjson.loads(s)

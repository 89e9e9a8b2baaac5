"""`require`: the one door of every route under /v1.

In this order: the key, its scope, the caller's allowance, the idempotency key, the view.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Callable
from copy import deepcopy
from functools import wraps
from typing import Any
from typing import cast

from flask import Response
from flask import g
from flask.globals import request_ctx

from aggregates.kernel.errors import Forbidden
from aggregates.kernel.errors import Unauthorized
from app.edge import cors
from app.edge.callers import SCOPES
from app.edge.callers import Caller
from app.edge.edge import current_edge
from app.edge.idempotency import Rebuild
from app.edge.idempotency import guarded
from app.edge.spool import spooled

View = Callable[..., Response]
_WRITING = frozenset({"POST", "PUT", "DELETE"})


def require(
    *scopes: str, streamed: bool = False, again: Rebuild | None = None
) -> Callable[[View], View]:
    """Lets in callers that hold any of the scopes. Stands directly under `route`.

    `streamed`: the body is read as a stream, of any length. `again`: rebuilds a repeated answer
    from what `once` kept of it. Routes that take `collect` keys also take Basic and answer CORS.
    """
    wanted = frozenset(scopes)
    if not wanted or wanted - SCOPES:
        msg = f"not scopes: {sorted(wanted - SCOPES)}"
        raise ValueError(msg)
    public = "collect" in wanted

    def decorate(view: View) -> View:
        @wraps(view)
        def door(*args: Any, **kwargs: Any) -> Response:
            if public:
                cors.allow()
            asked = request_ctx.request
            environ = asked.environ
            edge = current_edge()
            found = edge.callers.find(_token(environ.get("HTTP_AUTHORIZATION"), public))
            g.caller = found
            if wanted.isdisjoint(found.scopes):
                needed = " or ".join(sorted(wanted))
                raise Forbidden("missing_scope", f"the key needs the scope {needed}")
            if public and "ingest" not in found.scopes:
                edge.limits.take_key(found.key_id)
            if "HTTP_IDEMPOTENCY_KEY" not in environ or asked.method not in _WRITING:
                return view(*args, **kwargs)
            if streamed:
                spooled()
            return guarded(edge, found.site, found.key_id, lambda: view(*args, **kwargs), again)

        return _documented(door, view, wanted)

    return decorate


def caller() -> Caller:
    """Who made this request; only under `require`."""
    return cast(Caller, g.caller)


def collecting() -> bool:
    """Whether the caller is a public client: it holds `collect` and not `ingest`."""
    return "ingest" not in caller().scopes


def _token(header: str | None, basic: bool) -> str:
    if header is None:
        raise Unauthorized("missing_key", "send the key as Authorization: Bearer")
    scheme, _, value = header.partition(" ")
    token = value.strip()
    if basic and scheme.lower() == "basic":
        token = _user_name(token)
    elif scheme.lower() != "bearer":
        raise Unauthorized("unknown_scheme", "send the key as Authorization: Bearer")
    if not token.startswith("rk_"):
        raise Unauthorized("invalid_key", "this key is not valid")
    return token


def _user_name(credentials: str) -> str:
    try:
        return b64decode(credentials, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        raise Unauthorized("invalid_key", "the Basic credentials cannot be read") from None


def _documented(door: View, view: View, scopes: frozenset[str]) -> View:
    doc = deepcopy(getattr(view, "_apidoc", {}))
    manual = doc.setdefault("manual_doc", {})
    manual["security"] = [{"key": []}]
    manual["x-scopes"] = sorted(scopes)
    marked = cast(Any, door)
    marked._apidoc = doc
    marked.scopes = scopes
    return door

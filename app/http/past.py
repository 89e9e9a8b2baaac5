"""`?as_of=` of a read: a log position in digits, or an RFC 3339 moment."""

from __future__ import annotations

from typing import Any

from flask import request

from aggregates.kernel.ids import SiteId
from app.edge.min_position import from_query
from app.edge.min_position import wait_for
from decisions.as_of import AsOf
from decisions.as_of import as_of
from decisions.means import Means

AS_OF: dict[str, Any] = {
    "in": "query",
    "name": "as_of",
    "schema": {"type": "string"},
    "description": "A log position in digits, or an RFC 3339 moment: what was recorded by then."
    " Without it, now.",
}
MIN_POSITION: dict[str, Any] = {
    "in": "query",
    "name": "min_position",
    "schema": {"type": "integer", "minimum": 0},
    "description": "Waits until the log has come so far, at most two seconds.",
}


def asked_as_of(means: Means, site: SiteId) -> AsOf:
    """What the request asks for, after `min_position` is reached."""
    wait_for(from_query(), lambda: means.log.head(site).position)
    return as_of(means.log, means.clock, site, request.args.get("as_of"))


def asked_past(means: Means, site: SiteId) -> AsOf | None:
    """The same where the present is read otherwise: None without `as_of`."""
    then = asked_as_of(means, site)
    return then if "as_of" in request.args else None

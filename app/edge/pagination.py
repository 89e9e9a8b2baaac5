"""Lists: `?limit=&cursor=` in, `{"items": [...], "next_cursor": null}` out.

A cursor is opaque: the base64 of the sort key of the last item. Lists never count offsets.
"""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode
from base64 import urlsafe_b64encode
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from flask import request

from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import Problem
from aggregates.kernel.limits import PAGE_LIMIT_DEFAULT
from aggregates.kernel.limits import PAGE_LIMIT_MAX

PARAMETERS = [
    {
        "in": "query",
        "name": "limit",
        "schema": {"type": "integer", "minimum": 1, "maximum": PAGE_LIMIT_MAX},
        "description": f"Items of a page, {PAGE_LIMIT_DEFAULT} without.",
    },
    {
        "in": "query",
        "name": "cursor",
        "schema": {"type": "string"},
        "description": "`next_cursor` of the page before.",
    },
]
"""For `@routes.queries(PARAMETERS)`: the documentation of both."""


@dataclass(frozen=True, slots=True)
class Page:
    """What is asked for. `after` is the sort key of the last item seen, None at the start."""

    limit: int
    after: Any

    def of(self, found: Sequence[Any], key: Callable[[Any], Any]) -> tuple[list[Any], str | None]:
        """The page's items and its next cursor, from a query of `limit + 1` rows."""
        items = list(found[: self.limit])
        more = len(found) > self.limit
        return items, cursor_of(key(items[-1])) if more else None


def page() -> Page:
    """The page that the request asks for; 422 if it cannot be."""
    return Page(_limit(request.args.get("limit")), _after(request.args.get("cursor")))


def cursor_of(key: Any) -> str:
    """A sort key as a cursor."""
    return urlsafe_b64encode(orjson.dumps(key)).decode().rstrip("=")


def _limit(text: str | None) -> int:
    if text is None:
        return PAGE_LIMIT_DEFAULT
    if text.isascii() and text.isdecimal() and len(text) < 10 and 1 <= int(text) <= PAGE_LIMIT_MAX:
        return int(text)
    raise InvalidInput([Problem("/limit", "invalid_limit", f"1 to {PAGE_LIMIT_MAX}")])


def _after(text: str | None) -> Any:
    if text is None:
        return None
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        return orjson.loads(urlsafe_b64decode(padded))
    except (binascii.Error, UnicodeEncodeError, orjson.JSONDecodeError):
        problem = Problem("/cursor", "invalid_cursor", "not a cursor of this service")
        raise InvalidInput([problem]) from None

"""Query parameters: one that a route does not know is refused, never left unread.

A misspelt filter would otherwise answer with everything, and look like an answer.
"""

from __future__ import annotations

from collections.abc import Iterable

from flask import request

from aggregates.kernel.clock import parse_moment
from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import Problem

COMMON = frozenset({"limit", "cursor", "min_position"})
"""What every list takes."""


def moment_asked(name: str) -> int | None:
    """A moment of the query in microseconds, None without; InvalidInput `not_a_moment`."""
    text = request.args.get(name)
    try:
        return None if text is None else parse_moment(text)
    except ValueError:
        problem = Problem(f"/{name}", "not_a_moment", "RFC 3339 with a zone")
        raise InvalidInput([problem]) from None


def only(names: Iterable[str]) -> None:
    """InvalidInput for each parameter of the request that is neither common nor named here."""
    known = COMMON.union(names)
    detail = f"known here: {', '.join(sorted(known))}"
    unknown = sorted(set(request.args) - known)
    if unknown:
        raise InvalidInput([Problem(f"/{name}", "unknown_parameter", detail) for name in unknown])

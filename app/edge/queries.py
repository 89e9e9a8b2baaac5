"""Query parameters: one that a route does not know is refused, never left unread.

A misspelt filter would otherwise answer with everything, and look like an answer.
"""

from __future__ import annotations

from collections.abc import Iterable

from flask import request

from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import Problem

COMMON = frozenset({"limit", "cursor", "min_position"})
"""What every list takes."""


def only(names: Iterable[str]) -> None:
    """InvalidInput for each parameter of the request that is neither common nor named here."""
    known = COMMON.union(names)
    detail = f"known here: {', '.join(sorted(known))}"
    unknown = sorted(set(request.args) - known)
    if unknown:
        raise InvalidInput([Problem(f"/{name}", "unknown_parameter", detail) for name in unknown])

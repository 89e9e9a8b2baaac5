"""`?note=`: why an author changes something, kept with the change."""

from __future__ import annotations

from typing import Any

from flask import request

from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import Problem
from aggregates.kernel.limits import STRING_LENGTH_MAX

NOTE: dict[str, Any] = {
    "in": "query",
    "name": "note",
    "schema": {"type": "string", "maxLength": STRING_LENGTH_MAX},
    "description": "Why; kept with the change.",
}
"""For a route whose body is the thing itself and has no place for it."""


def note_asked() -> str | None:
    """The note of this request; a blank one is none."""
    text = request.args.get("note", "").strip()
    if len(text) > STRING_LENGTH_MAX or "\0" in text:
        detail = f"text of at most {STRING_LENGTH_MAX} characters"
        raise InvalidInput([Problem("/note", "too_long", detail)])
    return text or None

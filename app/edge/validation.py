"""From marshmallow's messages to pointers and codes.

A validator of ours raises `ValidationError("code: sentence")`; the messages of marshmallow itself
get their codes from the table below, and whatever is not in it is `invalid_value`.
"""

from __future__ import annotations

import re
from typing import Any

from marshmallow import Schema
from marshmallow import ValidationError

from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import Problem

_OWN = re.compile(r"([a-z][a-z0-9_]{2,60}): (.+)\Z", re.DOTALL)
CODES = (
    ("Missing data for required field", "required"),
    ("Unknown field", "unknown_field"),
    ("Field may not be null", "not_null"),
    ("Not a valid", "wrong_type"),
    ("Invalid input type", "wrong_type"),
    ("Not enough", "wrong_length"),
    ("Longer than", "too_long"),
    ("Shorter than", "too_short"),
    ("Length must", "wrong_length"),
    ("Must be one of", "not_one_of"),
    ("Must be", "out_of_range"),
    ("String does not match", "wrong_pattern"),
)


def load(schema: Schema, document: Any) -> Any:
    """What the schema makes of a document; InvalidInput with a pointer for each problem."""
    try:
        return schema.load(document)
    except ValidationError as error:
        raise InvalidInput(problems_of(error.messages)) from None


def problems_of(messages: Any, pointer: str = "") -> list[Problem]:
    """Flattens nested messages; `_schema` names no place of its own."""
    if isinstance(messages, dict):
        return [
            problem
            for name, inner in messages.items()
            for problem in problems_of(inner, _below(pointer, name))
        ]
    if isinstance(messages, list | tuple):
        return [problem for item in messages for problem in problems_of(item, pointer)]
    return [_problem(pointer, str(messages))]


def escaped(name: object) -> str:
    """One reference token of a JSON pointer (RFC 6901)."""
    return str(name).replace("~", "~0").replace("/", "~1")


def _below(pointer: str, name: object) -> str:
    return pointer if name == "_schema" else f"{pointer}/{escaped(name)}"


def _problem(pointer: str, message: str) -> Problem:
    own = _OWN.match(message)
    if own:
        return Problem(pointer, own.group(1), own.group(2))
    code = next((code for start, code in CODES if message.startswith(start)), "invalid_value")
    return Problem(pointer, code, message)

"""Canonical JSON: one text per value, so that digests mean something.

Sorted keys, no whitespace, UTF-8, no floats. A decimal that is not a whole number is
`{"$decimal": "2.5"}`; a set is a sorted list; a whole number is an integer.
"""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Any

import orjson

Json = None | bool | int | str | list["Json"] | dict[str, "Json"]
Number = int | Decimal
_INTEGER_MAX = 2**53


def canonical(value: Any) -> bytes:
    """The canonical bytes of a value; TypeError for floats and what JSON cannot hold."""
    return orjson.dumps(value, default=_plain, option=orjson.OPT_SORT_KEYS)


def digest(value: Any) -> str:
    """SHA-256 of the canonical bytes, as 64 hex digits."""
    return hashlib.sha256(canonical(value)).hexdigest()


def number(value: float | Decimal) -> Number:
    """The normal form of a JSON number: int if whole and below 2**53, else the shortest Decimal."""
    if isinstance(value, int):
        return value if abs(value) < _INTEGER_MAX else Decimal(value).normalize()
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    if exact == exact.to_integral_value() and abs(exact) < _INTEGER_MAX:
        return int(exact)
    return exact.normalize()


def revive(value: Any) -> Any:
    """Parsed canonical JSON back to Python: `{"$decimal": ..}` becomes a Decimal."""
    if isinstance(value, dict):
        if len(value) == 1 and "$decimal" in value:
            return Decimal(value["$decimal"])
        return {key: revive(item) for key, item in value.items()}
    if isinstance(value, list):
        return [revive(item) for item in value]
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return {"$decimal": str(value)}
    if isinstance(value, frozenset | set):
        return sorted(value)
    msg = f"{type(value).__name__} has no canonical form"
    raise TypeError(msg)

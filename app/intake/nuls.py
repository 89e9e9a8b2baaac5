"""What no store takes in a string, and what no client may call a field."""

from __future__ import annotations

from typing import Any

from app.intake.values import RESERVED
from app.intake.values import refused


def nul_or_reserved(value: Any) -> None:
    """InvalidValue if a NUL stands in a string or name, or a name is the log's own."""
    kind = value.__class__
    if kind is str and "\0" in value:
        raise refused("nul_in_string", "the message", "a string holds a NUL")
    if kind is list:
        for item in value:
            nul_or_reserved(item)
    if kind is dict:
        for name, item in value.items():
            if name == RESERVED:
                raise refused("reserved_name", "the message", f"{RESERVED} is the log's own name")
            nul_or_reserved(name)
            nul_or_reserved(item)

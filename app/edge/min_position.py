"""Read your writes: waiting until a position is there, at most two seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from flask import request

from aggregates.kernel.errors import InvalidValue
from aggregates.kernel.errors import Unavailable
from aggregates.kernel.limits import MIN_POSITION_WAIT_S

_PAUSE_S = 0.01
POSITION_MAX = 2**63 - 1
"""Above every position."""


def wait_for(wanted: int | None, position: Callable[[], int]) -> None:
    """Returns when `position()` has reached `wanted`; Unavailable `not_caught_up` after 2 s."""
    if not wanted:
        return
    deadline = time.monotonic() + MIN_POSITION_WAIT_S
    while (reached := position()) < wanted:
        if time.monotonic() >= deadline:
            detail = f"{wanted} is asked for, {reached} is reached"
            raise Unavailable("not_caught_up", detail, reached=reached)
        time.sleep(_PAUSE_S)


def from_query() -> int | None:
    """`?min_position=` of a read, None without."""
    text = request.args.get("min_position")
    return None if text is None else checked(text)


def checked(value: Any) -> int:
    """A position as JSON or a query gives it; InvalidValue if it is none."""
    text = str(value)
    if isinstance(value, bool) or not (text.isascii() and text.isdecimal()):
        raise InvalidValue("not_a_position", "a position is a whole number from 0 on")
    if len(text) > 19 or int(text) > POSITION_MAX:
        raise InvalidValue("not_a_position", "a position fits into 63 bits")
    return int(text)

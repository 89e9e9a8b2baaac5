"""When a message happened: the client's clock, corrected by how far it was off when it sent.

    occurred_at = timestamp + (received_at - sentAt)     both given
                  timestamp                              only that: an import, a server
                  the moment of recording                neither, or more than 5 minutes ahead

A browser whose clock is an hour fast stamps a view 13:00 and sends it at 13:01, we receive it at
12:01: it happened at 12:00.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from aggregates.kernel.clock import DAY
from aggregates.kernel.clock import SECOND
from aggregates.kernel.clock import parse_moment
from aggregates.kernel.limits import OCCURRED_AHEAD_MAX_S
from aggregates.kernel.limits import OCCURRED_YEARS_BACK_MAX
from app.intake.values import refused

_AHEAD_MAX = OCCURRED_AHEAD_MAX_S * SECOND
_BACK_MAX = OCCURRED_YEARS_BACK_MAX * 366 * DAY


def occurred(timestamp: Any, sent_at: Any, received_at: int) -> tuple[int | None, bool]:
    """The moment (None: that of recording), and whether the client's was too far ahead."""
    if timestamp is None or timestamp == "":
        return None, False
    at = _moment(timestamp, "/timestamp")
    if sent_at is not None and sent_at != "":
        at += received_at - _moment(sent_at, "/sentAt")
    if at > received_at + _AHEAD_MAX:
        return None, True
    if at < received_at - _BACK_MAX:
        detail = f"more than {OCCURRED_YEARS_BACK_MAX} years ago"
        raise refused("occurred_too_long_ago", "/timestamp", detail)
    return at, False


def _moment(value: Any, place: str) -> int:
    if value.__class__ is not str:
        raise refused("not_a_moment", place, "an RFC 3339 moment with a zone")
    try:
        return _parsed(value)
    except (ValueError, OverflowError):
        raise refused("not_a_moment", place, "an RFC 3339 moment with a zone") from None


@lru_cache(maxsize=1024)
def _parsed(text: str) -> int:
    """Cached: a batch repeats its sentAt in every message."""
    return parse_moment(text)

"""When a code expires, as an author writes it."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from zoneinfo import ZoneInfo

from aggregates.kernel.clock import parse_moment
from aggregates.kernel.errors import InvalidValue
from rulesets.schedules import day_after

_DAY_LENGTH = len("2026-11-23")


def expiry_of(text: str, zone: ZoneInfo) -> int:
    """The first moment at which the code is not valid any more: a moment is that by itself, a day
    is the last one, which counts whole in the site's time zone (FEATURES K9)."""
    with suppress(ValueError, OverflowError):
        if len(text) != _DAY_LENGTH:
            return parse_moment(text)
        day = date.fromisoformat(text)
        if day.isoformat() == text:  # not the day of a week, 2026-W48-1
            return day_after(day, zone)
    raise InvalidValue("not_a_moment", "a day such as 2026-11-23, or an RFC 3339 moment")

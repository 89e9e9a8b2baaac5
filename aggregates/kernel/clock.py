"""Time and randomness as arguments: nothing below `app` asks the machine for either.

Moments inside the project are int64 microseconds since 1970-01-01 UTC (`*_at`); text is RFC 3339.
"""

from __future__ import annotations

import re
import secrets
import time
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from functools import lru_cache
from typing import Protocol

SECOND = 1_000_000
DAY = 86_400 * SECOND
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})\Z"
)


class Clock(Protocol):
    """Gives the present moment in microseconds."""

    def now(self) -> int: ...


class Random(Protocol):
    """Gives unpredictable non-negative integers of a number of bits."""

    def bits(self, count: int) -> int: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> int:
        return time.time_ns() // 1000


class SystemRandom:
    """The machine's cryptographic source."""

    def bits(self, count: int) -> int:
        return secrets.randbits(count)


def to_datetime(moment: int) -> datetime:
    """Microseconds to an aware UTC datetime."""
    return EPOCH + timedelta(microseconds=moment)


def from_datetime(moment: datetime) -> int:
    """An aware datetime to microseconds, exactly."""
    difference = moment.astimezone(UTC) - EPOCH
    return (difference.days * 86_400 + difference.seconds) * SECOND + difference.microseconds


def format_moment(moment: int) -> str:
    """Microseconds to fixed-width RFC 3339: `2026-11-23T20:01:02.000003Z` (sorts as text)."""
    day, rest = divmod(moment, DAY)
    seconds, microseconds = divmod(rest, SECOND)
    minutes, second = divmod(seconds, 60)
    return f"{_date(day)}T{minutes // 60:02}:{minutes % 60:02}:{second:02}.{microseconds:06}Z"


def parse_moment(text: str) -> int:
    """RFC 3339 with a zone to microseconds (finer digits are cut); ValueError if it is not one."""
    match = _RFC3339.match(text)
    if match is None:
        msg = f"not an RFC 3339 moment: {text[:40]!r}"
        raise ValueError(msg)
    fraction = match.group(1) or ""
    whole = text[: match.start(1)] if fraction else text[: match.start(2)]
    zone = "+00:00" if match.group(2) in "Zz" else match.group(2)
    fraction = fraction[:7].ljust(7, "0") if fraction else ""
    try:
        return from_datetime(datetime.fromisoformat(whole + fraction + zone))
    except OverflowError:
        msg = f"outside the calendar: {text[:40]!r}"
        raise ValueError(msg) from None


@lru_cache(maxsize=1_024)
def _date(day: int) -> str:
    """The date of a day since 1970; moments of one answer are mostly of a few days."""
    return to_datetime(day * DAY).date().isoformat()

"""Intervals of a report: days, months or years of the site's time zone, cut at its ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from datetime import datetime
from datetime import timedelta
from zoneinfo import ZoneInfo

from aggregates.kernel.clock import SECOND

PERIODS = ("day", "month", "year")
_NAME_LENGTH = {"day": 10, "month": 7, "year": 4}  # 2026-11-23, 2026-11, 2026


@dataclass(frozen=True, slots=True)
class Interval:
    """From the moment `start` on and before `end`."""

    name: str
    start: int
    end: int


def intervals(first: date, last: date, period: str, zone: ZoneInfo) -> Iterator[Interval]:
    """All of them, in order; both days are in it."""
    length = _NAME_LENGTH[period]
    day, after = first, last + timedelta(days=1)
    while day < after:
        name = day.isoformat()[:length]
        end = min(_next(day, period), after)
        yield Interval(name, _midnight(day, zone), _midnight(end, zone))
        day = end


def _next(day: date, period: str) -> date:
    """The first day of the next interval."""
    if period == "day":
        return day + timedelta(days=1)
    if period == "month" and day.month < 12:
        return date(day.year, day.month + 1, 1)
    return date(day.year + 1, 1, 1)


def _midnight(day: date, zone: ZoneInfo) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()) * SECOND

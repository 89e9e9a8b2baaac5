"""Local calendar days: what `within_days` counts. A day is a number, so windows are subtractions.

Day 0 is 1970-01-01 in the site's time zone.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from aggregates.kernel.clock import SECOND

_EPOCH_ORDINAL = datetime(1970, 1, 1).toordinal()


@lru_cache(maxsize=1_024)
def zone_named(name: str) -> ZoneInfo:
    """The time zone of a site's settings."""
    return ZoneInfo(name)


def local_day(moment: int, zone: ZoneInfo) -> int:
    """The calendar day of a moment: 23:30 UTC on day 5 is day 6 in Berlin."""
    return _day(moment // SECOND, zone)


def first_day(today: int, within_days: int) -> int:
    """The first day of a window of `within_days`: today and the n-1 before."""
    return today - within_days + 1


@lru_cache(maxsize=1_024)
def _day(second: int, zone: ZoneInfo) -> int:
    """One decision asks for the day of its moment again and again."""
    return datetime.fromtimestamp(second, zone).toordinal() - _EPOCH_ORDINAL

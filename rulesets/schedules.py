"""When a definition counts: publish times, and the local days of a rule, as one interval."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from datetime import datetime
from datetime import timedelta
from zoneinfo import ZoneInfo

from aggregates.kernel.clock import SECOND
from aggregates.kernel.clock import from_datetime


@dataclass(frozen=True, slots=True)
class Window:
    """From `opens` on, until before `closes`, in microseconds; None is open."""

    opens: int | None = None
    closes: int | None = None

    def holds(self, at: int) -> bool:
        """Whether the moment is inside."""
        return (self.opens is None or self.opens <= at) and (
            self.closes is None or at < self.closes
        )

    def before(self, at: int) -> bool:
        """Whether it has not begun."""
        return self.opens is not None and at < self.opens

    @property
    def edges(self) -> tuple[int, ...]:
        """The moments at which something changes."""
        return tuple(edge for edge in (self.opens, self.closes) if edge is not None)


def window(
    starts_at: int | None,
    ends_at: int | None,
    from_date: str | None,
    to_date: str | None,
    zone: ZoneInfo,
) -> Window:
    """Publish times and local days together: both must hold. The last day counts whole."""
    opens = [starts_at, None if not from_date else _midnight(date.fromisoformat(from_date), zone)]
    closes = [
        ends_at,
        None if not to_date else day_after(date.fromisoformat(to_date), zone),
    ]
    return Window(
        max((edge for edge in opens if edge is not None), default=None),
        min((edge for edge in closes if edge is not None), default=None),
    )


def day_after(day: date, zone: ZoneInfo) -> int:
    """When a local day is over."""
    return _midnight(day + timedelta(days=1), zone)


def next_hour(at: int, zone: ZoneInfo) -> int:
    """When the next hour begins on the zone's clocks, some of which are half an hour off."""
    local = datetime.fromtimestamp(at // SECOND, zone)
    return at + (3_600 - local.minute * 60 - local.second) * SECOND - at % SECOND


def _midnight(day: date, zone: ZoneInfo) -> int:
    return from_datetime(datetime(day.year, day.month, day.day, tzinfo=zone))

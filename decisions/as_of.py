"""A past moment of a site's log: `as_of` is a log position or an RFC 3339 moment.

As of a moment means what was recorded by then, so it is the position of the last event recorded by
that moment. What depends on the hour (schedules, windows of days) is judged at the moment; of a
position that is when its event was recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aggregates.kernel.clock import Clock
from aggregates.kernel.clock import format_moment
from aggregates.kernel.clock import parse_moment
from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import Problem
from aggregates.kernel.ids import SiteId
from aggregates.log import EventLog

POSITION_DIGITS_MAX = 18
"""More would not fit into 63 bits."""


@dataclass(frozen=True, slots=True)
class AsOf:
    """All events up to `position`, looked at in the moment `at` (microseconds)."""

    position: int
    at: int

    def to_json(self) -> dict[str, Any]:
        """As answers name it."""
        return {"log_position": self.position, "at": format_moment(self.at)}


def as_of(
    log: EventLog, clock: Clock, site: SiteId, text: str | None, pointer: str = "/as_of"
) -> AsOf:
    """What is asked for; without anything, now. InvalidInput `not_a_moment_or_position`,
    `before_log`, `after_head`."""
    head = log.head(site)
    now = max(clock.now(), head.recorded_at)
    if text is None:
        return AsOf(head.position, now)
    if text.isascii() and text.isdecimal():
        position = int(text) if len(text) <= POSITION_DIGITS_MAX else head.position + 1
        if position > head.position:
            detail = f"the log ends at position {head.position}"
            raise InvalidInput([Problem(pointer, "after_head", detail)])
        event = log.read_position(site, position) if position else None
        if event is None:
            raise InvalidInput([Problem(pointer, "before_log", "the log begins at position 1")])
        return AsOf(position, event.recorded_at)
    try:
        moment = parse_moment(text)
    except ValueError:
        detail = "a log position in digits, or RFC 3339 with a zone"
        raise InvalidInput([Problem(pointer, "not_a_moment_or_position", detail)]) from None
    if moment > now:
        detail = f"it is {format_moment(now)} now; nobody knows yet"
        raise InvalidInput([Problem(pointer, "after_head", detail)])
    position = log.position_at(site, moment)
    if position == 0:
        raise InvalidInput([Problem(pointer, "before_log", _beginning(log, site))])
    return AsOf(position, moment)


def _beginning(log: EventLog, site: SiteId) -> str:
    first = log.read_position(site, 1)
    return f"the log begins at {format_moment(first.recorded_at)}" if first else "the log is empty"

"""When something changes by itself."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from aggregates.kernel.clock import format_moment
from aggregates.kernel.clock import parse_moment
from rulesets.schedules import next_hour


@pytest.mark.parametrize(
    ("at", "zone", "then"),
    [
        ("2026-11-23T12:00:00Z", "UTC", "13:00"),
        ("2026-11-23T12:59:59.999999Z", "UTC", "13:00"),
        ("2026-11-23T12:00:00Z", "Asia/Kolkata", "12:30"),
        ("2026-11-23T12:31:02.5Z", "Asia/Kathmandu", "13:15"),
        ("2026-10-25T00:30:00Z", "Europe/Berlin", "01:00"),
    ],
)
def test_an_hour_ends_on_the_clocks_of_the_site(at: str, zone: str, then: str) -> None:
    found = format_moment(next_hour(parse_moment(at), ZoneInfo(zone)))
    assert found[11:16] == then
    assert found.endswith(":00.000000Z")

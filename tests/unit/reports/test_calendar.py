"""Intervals of reports follow each other without gaps, in the site's time zone."""

from __future__ import annotations

from datetime import date
from datetime import timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.kernel.clock import SECOND
from app.reports.calendar import PERIODS
from app.reports.calendar import intervals

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = 3_600 * SECOND
days = st.dates(date(1990, 1, 1), date(2040, 1, 1))
zones = st.sampled_from(["UTC", "Europe/Berlin", "America/Sao_Paulo", "Asia/Kathmandu"])


def test_the_day_on_which_clocks_go_back_has_25_hours() -> None:
    (day,) = intervals(date(2026, 10, 25), date(2026, 10, 25), "day", BERLIN)
    assert (day.name, day.end - day.start) == ("2026-10-25", 25 * HOUR)


@pytest.mark.parametrize(
    ("period", "names"), [("month", ["2025-11", "2025-12", "2026-01"]), ("year", ["2025", "2026"])]
)
def test_the_ends_of_a_report_cut_its_intervals(period: str, names: list[str]) -> None:
    found = list(intervals(date(2025, 11, 30), date(2026, 1, 1), period, BERLIN))
    whole = list(intervals(date(2025, 11, 30), date(2026, 1, 1), "day", BERLIN))
    assert [interval.name for interval in found] == names
    assert (found[0].start, found[-1].end) == (whole[0].start, whole[-1].end)


@given(days, st.integers(0, 800), st.sampled_from(PERIODS), zones)
def test_no_moment_is_left_out_or_counted_twice(
    first: date, more: int, period: str, zone: str
) -> None:
    found = list(intervals(first, first + timedelta(days=more), period, ZoneInfo(zone)))
    assert all(interval.start < interval.end for interval in found)
    assert all(a.end == b.start for a, b in pairwise(found))
    assert len({interval.name for interval in found}) == len(found)

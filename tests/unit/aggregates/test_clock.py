"""Moments: microseconds inside, RFC 3339 with a zone outside."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.kernel.clock import format_moment
from aggregates.kernel.clock import from_datetime
from aggregates.kernel.clock import parse_moment
from aggregates.kernel.clock import to_datetime


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2026-11-23T20:01:02Z", "2026-11-23T20:01:02.000000Z"),
        ("2026-11-23t20:01:02z", "2026-11-23T20:01:02.000000Z"),
        ("2026-11-23 20:01:02Z", "2026-11-23T20:01:02.000000Z"),
        ("2026-11-23T20:01:02.5+01:00", "2026-11-23T19:01:02.500000Z"),
        ("2026-11-23T20:01:02.123456789Z", "2026-11-23T20:01:02.123456Z"),
        ("2026-11-23T00:00:00-10:30", "2026-11-23T10:30:00.000000Z"),
    ],
)
def test_a_moment_is_read_in_its_zone(text: str, same: str) -> None:
    assert format_moment(parse_moment(text)) == same


@pytest.mark.parametrize(
    "text",
    ["", "now", "2026-11-23", "2026-11-23T20:01:02", "2026-13-01T00:00:00Z", "2026-11-23T25:00:00Z",
     "2026-11-23T20:01:02Z\n", "٢٠٢٦-11-23T20:01:02Z", "0001-01-01T00:00:00+01:00"],
)  # fmt: skip
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_moment(text)


@given(st.integers(0, 253402300799999999))
def test_every_moment_survives_being_written_and_read(moment: int) -> None:
    assert parse_moment(format_moment(moment)) == moment
    assert from_datetime(to_datetime(moment)) == moment


@given(st.integers(0, 253402300799999999), st.integers(0, 253402300799999999))
def test_moments_sort_as_text_as_they_sort_in_time(one: int, other: int) -> None:
    assert (format_moment(one) < format_moment(other)) == (one < other)

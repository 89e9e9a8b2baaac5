"""Occasions: a job's periods are counted from 1970, whoever asks and whenever."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aggregates.kernel.clock import SECOND
from aggregates.kernel.clock import parse_moment
from app.jobs.job import Job
from app.jobs.registry import JOBS

FOUR_HOURS = Job("train", 4 * 3600, lambda services, site, run: "")


def test_an_occasion_is_the_start_of_its_period() -> None:
    noon = parse_moment("2026-11-23T12:00:00Z")
    assert FOUR_HOURS.occasion(noon) == "2026-11-23T12:00:00Z"
    assert FOUR_HOURS.occasion(noon - 1) == "2026-11-23T08:00:00Z"
    assert FOUR_HOURS.occasion(noon + 4 * 3600 * SECOND - 1) == "2026-11-23T12:00:00Z"


@given(st.integers(0, 2**52), st.integers(1, 10**6))
def test_a_moment_is_in_the_period_that_its_occasion_names(now: int, every_s: int) -> None:
    start = parse_moment(Job("j", every_s, FOUR_HOURS.body).occasion(now))
    assert start <= now < start + every_s * SECOND
    assert start % (every_s * SECOND) == 0


def test_jobs_have_names_of_their_own_that_fit_their_column() -> None:
    names = [job.name for job in JOBS]
    assert len(set(names)) == len(names)
    assert all(0 < len(name) <= 32 for name in names)

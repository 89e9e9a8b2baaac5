"""A job as code declares it: what is done for each site, once in each period."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aggregates.kernel.clock import SECOND
from aggregates.kernel.clock import format_moment
from aggregates.kernel.ids import SiteId
from app.jobs.run import Run

if TYPE_CHECKING:
    from app.wiring import Services

Body = Callable[["Services", SiteId, Run], str]
"""Does a job for a site and answers with a sentence about it. It may be run again after it died
in its midst, so it does the same twice without harm, and asks `run` between two steps."""


@dataclass(frozen=True, slots=True)
class Job:
    """Its body runs once for each site and each `every_s` seconds, counted from 1970 in UTC."""

    name: str
    every_s: int
    body: Body
    due: Callable[[Services, SiteId], bool] | None = None
    """Whether there is anything to do; without it there always is. A job with it runs on demand,
    and a period in which nothing was to do leaves no row."""

    def occasion(self, now: int) -> str:
        """The period that the moment is in, named by its start. What was missed in earlier periods
        is not caught up: a job does its work as of now."""
        period = self.every_s * SECOND
        return f"{format_moment(now // period * period)[:19]}Z"


class JobFailed(Exception):
    """A body's own word for its failure: a sentence for whoever reads the list of runs."""

"""Runs a claimed job to its end. Whatever its body does, nothing is raised."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from aggregates.kernel.errors import DomainError
from aggregates.kernel.errors import Unavailable
from app.edge import logging
from app.jobs.job import Job
from app.jobs.job import JobFailed
from app.jobs.run import JobStopped
from app.jobs.run import Run

if TYPE_CHECKING:
    from app.wiring import Services

_logger = structlog.get_logger()


def perform(job: Job, services: Services, run: Run) -> None:
    """Does the job and notes how it ended: succeeded, failed (an ERROR line), or given back."""
    named = {"site": run.site, "job": job.name, "occasion": run.occasion, "attempt": run.attempt}
    _logger.info("job_started", **named)
    try:
        try:
            detail = job.body(services, run.site, run)
        except JobStopped:
            run.given_back()
            _logger.info("job_stopped", **named)
        except BaseException as error:
            logging.failure("job_failed", error, **named)
            run.failed(_told(error))
        else:
            run.succeeded(detail)
            _logger.info("job_succeeded", **named, detail=detail)
    except JobStopped:
        _logger.warning("job_run_lost", **named)
    except Unavailable as error:  # without a heartbeat the run is soon another process's
        _logger.warning("job_end_untold", **named, code=error.code)


def _told(error: BaseException) -> str:
    """What the row says. The text of an unforeseen error may quote what a client sent."""
    if isinstance(error, JobFailed):
        return str(error)
    if isinstance(error, DomainError):
        return f"{error.detail} ({error.code})"
    frames = traceback.extract_tb(error.__traceback__)
    place = f" in {Path(frames[-1].filename).stem}, line {frames[-1].lineno}" if frames else ""
    return f"an unforeseen {type(error).__name__}{place}; the log has its place in full"

"""Whether jobs run: is there a leader, and how did each job's last run end."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence

from aggregates.kernel.ids import SiteId
from app.doctor.finding import Finding
from app.doctor.finding import note
from app.jobs.leader import leader_lock
from app.jobs.registry import JOBS
from app.jobs.run_rows import FAILED
from app.jobs.run_rows import listed
from app.wiring import Services

_START = "start rationale scheduler, or rationale serve"


def leader(services: Services, sites: Sequence[SiteId]) -> Iterator[Finding]:
    """Whether a scheduler leads. Without a site it would have nothing to do."""
    if sites and not leader_lock(services.stores.log).taken_by_another():
        yield Finding("scheduler", "no scheduler runs: nothing is trained or pruned", _START)


def runs(services: Services, site: SiteId) -> Iterator[Finding]:
    """What failed in its last run, and what has none."""
    never = []
    for job in JOBS:
        with services.stores.log.connect() as connection:
            last = listed(connection, site, 1, job=job.name)
        if not last and job.due is None:
            never.append(job.name)
        elif last and last[0].status == FAILED:
            why = f": {last[0].detail}" if last[0].detail else ""
            what = f"{site}: {job.name} failed in its run of {last[0].occasion}{why}"
            todo = "it is tried again by itself; the log's job_failed line says where"
            yield Finding("job", what, todo)
    if never:
        yield note("job", f"{site}: {', '.join(never)} never ran; the leading scheduler does it")

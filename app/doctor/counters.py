"""Whether the counters of limits are what the log says that they are."""

from __future__ import annotations

import time
from collections.abc import Iterator

from sqlalchemy import BindParameter
from sqlalchemy import bindparam
from sqlalchemy import select

from aggregates.kernel.ids import SiteId
from app.doctor.finding import Finding
from app.doctor.finding import note
from app.eventlog.tables import counters
from app.eventlog.tables import log_heads
from app.wiring import Services
from decisions.uses_of_log import UsesOfLog
from projections.pinned import Prepared

SUMMED_S = 10.0
"""The log is read for so long at most: some millions of events."""
_LIMITS = ("rule/", "campaign/", "coupon/", "customer/")  # others guard keys of definitions
_STEP = 50_000  # positions between two looks at the clock
_SHOWN = 3


def of_limits(services: Services, site: SiteId) -> Iterator[Finding]:
    """Compares every counter of a site with the sum over its log, at one position."""
    head, found = _now(services, site)
    uses, upto, began = UsesOfLog(services.log, site), 0, time.monotonic()
    summed: dict[str, int] = {}
    while upto < head:
        if time.monotonic() - began > SUMMED_S:
            what = f"{site}: counters of limits were not compared: after {SUMMED_S:.0f} s"
            yield note("counters", f"{what} {upto} of {head} events were read")
            return
        upto = min(head, upto + _STEP)
        summed = uses.at(upto, 0)
    apart = sorted(key for key in found.keys() | summed.keys() if found.get(key) != summed.get(key))
    if apart:
        said = [f"{key} is {found.get(key, 0)}, not {summed.get(key, 0)}" for key in apart[:_SHOWN]]
        what = f"{site}: {len(apart)} counters are not the sum of the log: {'; '.join(said)}"
        todo = "was the log store restored in part? Decisions go by these; the log is right"
        yield Finding("counters", what, todo)


def _now(services: Services, site: SiteId) -> tuple[int, dict[str, int]]:
    """The head of the log and the counters there, without those that are at 0."""
    pinned = services.log.pinned
    of_site: BindParameter[str] = bindparam("of_site")
    ends = Prepared(select(log_heads.c.position).where(log_heads.c.site == of_site), pinned.dialect)
    c = counters.c
    moved = Prepared(select(c.key, c.used).where(c.site == of_site, c.used != 0), pinned.dialect)
    given = {"of_site": site}
    head, rows = pinned.read(lambda cursor: (ends.rows(cursor, given), moved.rows(cursor, given)))
    return (head[0][0] if head else 0), {key: used for key, used in rows if key.startswith(_LIMITS)}

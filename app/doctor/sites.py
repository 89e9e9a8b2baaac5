"""How the work for each site stands: followers, rebuilds and models."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Engine
from sqlalchemy import select

from aggregates.kernel.clock import SECOND
from aggregates.kernel.ids import SiteId
from app.doctor.finding import Finding
from app.doctor.finding import note
from app.eventlog.tables import events
from app.jobs.run_rows import SUCCEEDED
from app.jobs.run_rows import listed
from app.wiring import Services
from projections import erased_shoppers
from projections import recommendation_models
from projections import unsettled_orders

WAITING_S = 60
"""A follower that runs folds what is new within a second; what waits longer waits for none, or
stands behind a large import."""
ERASING_S = 600
"""The job finishes an erasure within a minute."""
MODEL_AGE_S = 12 * 3600
"""Three trainings of the job: one may fail, or wait for a restart."""


def following(services: Services, site: SiteId) -> Iterator[Finding]:
    """What followers have not folded for long, and what they skipped."""
    lag = services.follower.lag(site)
    head = services.log.head(site).position
    if lag:
        oldest = recorded_at(services.stores.log, site, head - lag + 1)
        waited_s = (services.clock.now() - oldest) // SECOND
        if waited_s > WAITING_S:
            what = f"{site}: {lag} events are not folded, the oldest for {waited_s} s"
            todo = "start rationale follow or rationale serve; if it runs, let it catch up"
            yield Finding("follower", what, todo)
    aside = services.follower.set_aside().get(site, 0)
    if aside:
        what = f"{site}: {aside} events could not be folded and were set aside"
        todo = "the log's event_set_aside lines say where; mend that, then rationale rebuild"
        yield Finding("set_aside", what, todo)


def settling(services: Services, site: SiteId) -> Iterator[Finding]:
    """Orders that settlement gave up, and those that it tries again."""
    with services.stores.read.connect() as connection:
        found = unsettled_orders.of_site(connection, site)
    aside = [one for one in found if one.is_aside]
    if aside:
        codes = ", ".join(sorted({one.error for one in aside}))
        what = f"{site}: {len(aside)} orders could not be settled and were set aside: {codes}"
        todo = "the log's order_not_settled lines say where; mend that, then"
        yield Finding("settlement", what, f"{todo} rationale unsettled --try-again")
    if len(found) > len(aside):
        what = f"{site}: {len(found) - len(aside)} orders failed to settle and are tried again"
        yield note("settlement", what)


def erasing(services: Services, site: SiteId) -> Iterator[Finding]:
    """Erasures of which copies are left in files."""
    before = services.clock.now() - ERASING_S * SECOND
    with services.stores.log.connect() as connection:
        begun = erased_shoppers.unfinished(connection, site)
    late = [erasure for erasure in begun if erasure.erased_at < before]
    if late:
        what = f"{site}: {len(late)} erasures are not finished, copies are left in files"
        todo = "keep rationale scheduler or serve running; GET /v1/jobs?job=erase says what hinders"
        yield Finding("erasure", what, todo)


def rebuilding(services: Services, site: SiteId) -> Iterator[Finding]:
    """What is being folded anew."""
    for name, left in services.follower.rebuilding(site).items():
        yield note("rebuild", f"{site}: {name} is being folded anew, {left} events are left")


def model(services: Services, site: SiteId) -> Iterator[Finding]:
    """Whether a model serves, and one that knows what happened since. A training that succeeded
    lately and made none found nothing new to train from."""
    now = services.clock.now()
    with services.stores.log.connect() as connection:
        newest = recommendation_models.newest(connection, site)
        runs = listed(connection, site, 1, job="train", status=SUCCEEDED)
    lately = now - MODEL_AGE_S * SECOND
    tried = bool(runs) and runs[0].started_at >= lately
    todo = f"rationale train --site {site}, and keep rationale scheduler or serve running"
    if newest is None:
        what = f"{site}: there is no model, units show their backup"
        yield (
            note("model", f"{what}: nothing to train from")
            if tried
            else Finding("model", what, todo)
        )
    elif newest.trained_at < lately and not tried:
        since = services.log.head(site).position - newest.position
        if since > 0:
            hours = (now - newest.trained_at) // (3600 * SECOND)
            what = f"{site}: {newest.id} is {hours} hours old, {since} events came since"
            yield Finding("model", what, todo)


def recorded_at(log: Engine, site: SiteId, position: int) -> int:
    """When an event was written."""
    query = select(events.c.recorded_at).where(events.c.site == site, events.c.position == position)
    with log.connect() as connection:
        return int(connection.execute(query).scalar_one())

"""Publishing that wants a simulation: a site may ask that rules are simulated before they decide.

What counts is a simulation that ended well, not too long ago, of exactly the bodies that would be
live, and that looked at a decision: over an empty range everything ends well. Only where no cart
was ever decided there is none to look at. Pausing and archiving only take away, and have to be
possible at once.
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterable

from sqlalchemy import Engine

from aggregates.kernel.clock import SECOND
from aggregates.kernel.errors import Conflict
from aggregates.kernel.ids import SiteId
from aggregates.ruleset import Entry
from aggregates.ruleset import Place
from aggregates.site import SiteSettings
from app.simulation.digests import KINDS
from app.simulation.digests import digest_of_rules
from decisions.simulation.spec import KIND
from projections import decisions_index
from projections import simulations
from projections.decisions_index import DecisionFilter


def check_simulated(
    log: Engine,
    read: Engine,
    site: SiteId,
    settings: SiteSettings,
    before: Collection[Place],
    *,
    entering: Iterable[Entry],
    after: Iterable[Entry],
    now: int,
) -> None:
    """Conflict `simulation_required` if the site asks for one and there is none. `entering`: the
    new entries of `after`, which are all that would be live."""
    if settings.require_simulation == "no":
        return
    if not any(entry.kind in KINDS and not entry.paused for entry in entering):
        return
    digest = digest_of_rules(before, after)
    since = now - settings.simulation_max_age_h * 3_600 * SECOND
    with log.connect() as connection:
        found = simulations.looked_at_since(connection, site, digest, since)
        newest = next(found, None)
        if newest or any(found):
            return
    if newest is None:
        detail = f"ended within {settings.simulation_max_age_h} h: POST /v1/simulations"
    elif _has_carts(read, site):
        detail = "looked at any decision: choose a range, or a sample, that holds some"
    else:
        return
    raise Conflict(
        "simulation_required", f"no simulation of exactly these rules {detail}", digest=digest
    )


def _has_carts(read: Engine, site: SiteId) -> bool:
    with read.connect() as connection:
        return bool(decisions_index.listed(connection, site, DecisionFilter(kind=KIND), 1))

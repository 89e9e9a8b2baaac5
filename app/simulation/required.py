"""Publishing that wants a simulation: a site may ask that rules are simulated before they decide.

What counts is a simulation that ended well, not too long ago, of exactly the bodies that would be
live. Pausing and archiving only take away, and have to be possible at once.
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
from projections import simulations


def check_simulated(
    engine: Engine,
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
    with engine.connect() as connection:
        found = simulations.succeeded_since(connection, site, digest, since)
    if found is None:
        detail = (
            "no simulation of exactly these rules ended within"
            f" {settings.simulation_max_age_h} h: POST /v1/simulations"
        )
        raise Conflict("simulation_required", detail, digest=digest)

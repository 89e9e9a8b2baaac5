"""Compiling what the tables hold: the newest revision of a site, or any by its number."""

from __future__ import annotations

from sqlalchemy import Connection

from aggregates.kernel.ids import SiteId
from aggregates.site import SiteSettings
from decisions.current import Deciding
from projections import revisions
from projections import sites
from projections.snapshot import State
from rulesets.compiled import CompiledRevision
from rulesets.compiled import compile_revision
from rulesets.steps import Rest
from rulesets.steps import unbroken


def newest(connection: Connection, site: SiteId) -> tuple[State, SiteSettings]:
    """The state of a site with its settings, of one moment. NotFound if it was never opened."""
    revision, _ = revisions.current_revision(connection, site)
    while True:
        found = sites.get(connection, site)
        again, _ = revisions.current_revision(connection, site)
        if again == revision:
            return (revision, found.position), found.settings
        revision = again


def compiled_of(
    connection: Connection,
    site: SiteId,
    revision: int,
    settings: SiteSettings,
    known: CompiledRevision | None,
    *,
    rest: Rest = unbroken,
) -> CompiledRevision:
    """One revision; what `known` has of it is neither read nor compiled again."""
    digest = revisions.NO_DIGEST
    if revision:
        digest = revisions.find(connection, site, revision).digest
    if known is None:
        live = revisions.live(connection, site, revision)
    else:
        live = revisions.live_after(
            connection, site, revision, known.definitions, before=known.revision
        )
    return compile_revision(site, revision, digest, live, settings, previous=known, rest=rest)


def compiled_newest(
    connection: Connection, site: SiteId, known: Deciding | None, rest: Rest
) -> Deciding:
    """What decides now; `known` itself if nothing has changed."""
    state, settings = newest(connection, site)
    if known is not None and known.state == state:
        return known
    former = known.compiled if known is not None else None
    return Deciding(state, compiled_of(connection, site, state[0], settings, former, rest=rest))

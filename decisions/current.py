"""The revision that decides now, without asking the database for it again.

A decision reads the site's state (newest revision, position of the settings) together with
everything else; what was compiled for that same state is kept here, and anything else is a reason
to ask `Revisions.current`.
"""

from __future__ import annotations

from typing import Protocol

from aggregates.kernel.ids import SiteId
from aggregates.site import SiteSettings
from projections.snapshot import Snapshots
from projections.snapshot import State
from rulesets.compiled import CompiledRevision


class Revisions(Protocol):
    """Compiled revisions of sites (app/authoring/revisions.py)."""

    def current(self, site: SiteId) -> CompiledRevision:
        """The newest one, with the settings of now."""

    def get(
        self, site: SiteId, revision: int, settings: SiteSettings | None = None
    ) -> CompiledRevision:
        """One by its number, also an old one; with the settings of now, or those given."""


class Current:
    """What was compiled for the newest state of each site that this process has met."""

    def __init__(self, reads: Snapshots, revisions: Revisions) -> None:
        self._reads = reads
        self._revisions = revisions
        self._kept: dict[SiteId, tuple[State, CompiledRevision]] = {}

    def of(self, site: SiteId, state: State) -> CompiledRevision | None:
        """The revision of a state; None if the site has moved on: then read the state again."""
        kept = self._kept.get(site)
        if kept is None or kept[0] != state:
            kept = self._renewed(site)
        return kept[1] if kept[0] == state else None

    def _renewed(self, site: SiteId) -> tuple[State, CompiledRevision]:
        """Positions only grow: between two equal states nothing else was current."""
        before = self._reads.present(site).state
        while True:
            compiled = self._revisions.current(site)
            after = self._reads.present(site).state
            if before == after:
                kept = self._kept[site] = (after, compiled)
                return kept
            before = after

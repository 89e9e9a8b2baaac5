"""What the use cases work with, put together by app/wiring.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from aggregates.kernel.clock import Clock
from aggregates.kernel.clock import Random
from aggregates.kernel.ids import SiteId
from aggregates.log import EventLog
from aggregates.log import Pseudonyms
from aggregates.site import SiteSettings
from projections.snapshot import Snapshots
from rulesets.compiled import CompiledRevision


class Revisions(Protocol):
    """Compiled revisions of sites (app/authoring/revisions.py)."""

    def current(self, site: SiteId) -> CompiledRevision:
        """The newest one, with the settings of now."""

    def get(
        self, site: SiteId, revision: int, settings: SiteSettings | None = None
    ) -> CompiledRevision:
        """One by its number, also an old one; with the settings of now, or those given."""


@dataclass(frozen=True, slots=True)
class Means:
    """Readers, the log, time and randomness."""

    reads: Snapshots
    log: EventLog
    revisions: Revisions
    pseudonyms: Pseudonyms
    clock: Clock
    random: Random

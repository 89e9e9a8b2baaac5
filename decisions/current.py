"""The revision that decides, with the state of the site that it was made for.

A decision reads the site's state together with everything else. Usually that is the state that the
newest revision was compiled for. While a large revision is being compiled, the one before it
decides for a moment longer: then a decision records the state of that one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from aggregates.kernel.ids import SiteId
from aggregates.site import SiteSettings
from projections.snapshot import State
from rulesets.compiled import CompiledRevision


@dataclass(frozen=True, slots=True)
class Deciding:
    """A compiled revision. `state` is its number and the position of the settings it has."""

    state: State
    compiled: CompiledRevision


class Revisions(Protocol):
    """Compiled revisions of sites (app/authoring/revisions.py)."""

    def deciding(self, site: SiteId, state: State) -> Deciding | None:
        """What decides for who read this state; None if the site has moved on: read it again."""

    def get(
        self, site: SiteId, revision: int, settings: SiteSettings | None = None
    ) -> CompiledRevision:
        """One by its number, also an old one; with the settings of now, or those given."""

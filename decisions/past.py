"""A site's past as the log tells it, read as far as it is asked for and shared by many replays.

What is asked in the order of the log is read once; a position somewhat before the last costs
little. Nothing here looks at a projection, but for compiled revisions, whose digests are compared.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
from typing import TypeVar

from aggregates.kernel.errors import Unavailable
from aggregates.kernel.ids import SiteId
from aggregates.log import EventLog
from aggregates.site import SiteSettings
from decisions.catalogue_of_log import CatalogueOfLog
from decisions.codes_of_log import CodesOfLog
from decisions.current import Revisions
from decisions.links import LinksOfLog
from decisions.persons_of_log import PersonsOfLog
from decisions.products_of_log import ProductsOfLog
from decisions.revisions_of_log import RevisionsOfLog
from decisions.uses_of_log import UsesOfLog
from projections.recommendations.models import Model
from projections.recommendations.models import Models
from projections.sites import settings_after
from rulesets.compiled import CompiledRevision

_SETTINGS_MAX = 64
_MODELS_MAX = 2
_REVISIONS_MAX = 8
"""As many as a process keeps anyway (app/authoring/revisions.py)."""
K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Past:
    """Who was joined to whom and did what, what was in the catalogue, what of limits was used; by
    which settings and which revision it was decided."""

    log: EventLog
    site: SiteId
    links: LinksOfLog
    persons: PersonsOfLog
    products: ProductsOfLog
    catalogue: CatalogueOfLog
    codes: CodesOfLog
    uses: UsesOfLog
    revisions: RevisionsOfLog
    _settings: dict[int, SiteSettings] = field(default_factory=dict)
    _compiled: dict[tuple[int, int], CompiledRevision] = field(default_factory=dict)
    _models: dict[tuple[str, str], Model] = field(default_factory=dict)
    _wrong: dict[int, str | None] = field(default_factory=dict)

    @classmethod
    def of(cls, log: EventLog, site: SiteId) -> Past:
        """Nothing is read before it is asked for."""
        return cls(
            log,
            site,
            LinksOfLog(log, site),
            PersonsOfLog(log, site),
            ProductsOfLog(log, site),
            CatalogueOfLog(log, site),
            CodesOfLog(log, site),
            UsesOfLog(log, site),
            RevisionsOfLog(log, site),
        )

    def settings(self, position: int) -> SiteSettings:
        """The site's settings as the event at a position left them."""
        return _kept(
            self._settings,
            position,
            lambda: settings_at(self.log, self.site, position),
            _SETTINGS_MAX,
        )

    def model(self, models: Models, model_id: str, digest: str) -> Model:
        """The model that a decision names; errors as `Models.named`."""
        return _kept(
            self._models,
            (model_id, digest),
            lambda: models.named(self.site, model_id, digest),
            _MODELS_MAX,
        )

    def compiled(self, revisions: Revisions, revision: int, settings: int) -> CompiledRevision:
        """A revision with the settings of a position; errors as `Revisions.get`."""
        return _kept(
            self._compiled,
            (revision, settings),
            lambda: revisions.get(self.site, revision, self.settings(settings)),
            _REVISIONS_MAX,
        )

    def wrong(self, revisions: Revisions, revision: int, settings: int) -> str | None:
        """The code of what is wrong with a revision by what the log tells of it; None if nothing
        is, or if it cannot be compiled, which its decisions tell."""
        if revision not in self._wrong:
            try:
                compiled = self.compiled(revisions, revision, settings)
            except Unavailable:
                raise
            except Exception:  # its decisions tell, each with the reason
                return None
            self._wrong[revision] = self.revisions.wrong(compiled)
        return self._wrong[revision]


def settings_at(log: EventLog, site: SiteId, position: int) -> SiteSettings:
    """A site's settings as the event at a position left them."""
    event = log.read_position(site, position)
    return settings_after(event) if event is not None else SiteSettings()


def _kept(known: dict[K, V], key: K, make: Callable[[], V], most: int) -> V:
    found = known.get(key)
    if found is None:
        if len(known) >= most:
            del known[next(iter(known))]
        found = known[key] = make()
    return found

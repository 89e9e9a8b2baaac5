"""Compiled revisions, each compiled once in a process.

`current` asks the database which revision is the newest and which event set the settings, so no
process decides by an older one than was committed before the request began. Compiling happens
under a lock of the site: whoever comes meanwhile waits for the new one.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from dataclasses import field
from threading import Lock
from threading import RLock

from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import func
from sqlalchemy import select

from aggregates.kernel.ids import SiteId
from aggregates.site import SiteSettings
from app.database import Stores
from app.edge.min_position import wait_for
from projections import revisions
from projections import sites
from projections.definition_tables import revisions as revision_table
from projections.pinned import Pinned
from projections.pinned import Prepared
from projections.sites import sites as site_table
from rulesets.compiled import CompiledRevision
from rulesets.compiled import compile_revision

PAST_MAX = 8
"""Old revisions of a site kept for replays; each may hold thousands of parsed rules."""

_NEWEST = (
    select(func.max(revision_table.c.revision))
    .where(revision_table.c.site == bindparam("of_site"))
    .scalar_subquery()
)
_STATE = select(
    _NEWEST,
    select(site_table.c.position)
    .where(site_table.c.site == bindparam("of_site"))
    .scalar_subquery(),
)

State = tuple[int, int]
"""(revision, position of the settings)."""


@dataclass(slots=True)
class _Site:
    lock: RLock = field(default_factory=RLock)
    state: State | None = None
    current: CompiledRevision | None = None
    past: OrderedDict[tuple[int, SiteSettings], CompiledRevision] = field(
        default_factory=OrderedDict
    )


class RevisionCache:
    """The compiled revisions of all sites of this process."""

    def __init__(self, stores: Stores) -> None:
        self._engine = stores.log
        self._reads = Pinned(stores.log)
        self._state = Prepared(_STATE, stores.log.dialect)
        self._lock = Lock()
        self._sites: dict[SiteId, _Site] = {}

    def current(self, site: SiteId) -> CompiledRevision:
        """The newest one, with the settings of now. NotFound for a site that was never opened."""
        kept = self._site(site)
        rows = self._reads.read(lambda cursor: self._state.rows(cursor, {"of_site": site}))
        revision, settings = rows[0]
        if kept.current is not None and kept.state == (revision or 0, settings):
            return kept.current
        with kept.lock:
            return self._renewed(site, kept)

    def at_least(self, site: SiteId, revision: int) -> CompiledRevision:
        """The current one when it has reached a number; Unavailable after two seconds."""
        wait_for(revision, lambda: self.current(site).revision)
        return self.current(site)

    def get(
        self, site: SiteId, revision: int, settings: SiteSettings | None = None
    ) -> CompiledRevision:
        """One by its number, also an old one; with the settings of now, or those given."""
        current = self.current(site)
        if settings is None:
            settings = current.settings
        if revision == current.revision and settings == current.settings:
            return current
        kept = self._site(site)
        with kept.lock:
            known = kept.past.get((revision, settings))
            if known is None:
                known = self._compiled(site, revision, settings, current)
                kept.past[revision, settings] = known
                while len(kept.past) > PAST_MAX:
                    kept.past.popitem(last=False)
            kept.past.move_to_end((revision, settings))
            return known

    def close(self) -> None:
        """Lets go of its connections."""
        self._reads.close()

    def _renewed(self, site: SiteId, kept: _Site) -> CompiledRevision:
        """Compiles what is newest now, unless another thread just did."""
        with self._engine.connect() as connection:
            state = _state(connection, site)
            if kept.current is None or kept.state != state:
                known = kept.current
                kept.current = _compile(
                    connection, site, state[0], sites.get(connection, site).settings, known
                )
                kept.state = state
            return kept.current

    def _compiled(
        self, site: SiteId, revision: int, settings: SiteSettings, known: CompiledRevision
    ) -> CompiledRevision:
        with self._engine.connect() as connection:
            return _compile(connection, site, revision, settings, known)

    def _site(self, site: SiteId) -> _Site:
        kept = self._sites.get(site)
        if kept is None:
            with self._lock:
                kept = self._sites.setdefault(site, _Site())
        return kept


def _state(connection: Connection, site: SiteId) -> State:
    revision, settings = connection.execute(_STATE, {"of_site": site}).one()
    if settings is None:
        sites.get(connection, site)  # says that there is no such site
    return revision or 0, settings


def _compile(
    connection: Connection,
    site: SiteId,
    revision: int,
    settings: SiteSettings,
    known: CompiledRevision | None,
) -> CompiledRevision:
    digest = revisions.NO_DIGEST
    if revision:
        digest = revisions.find(connection, site, revision).digest
    bodies = {one.digest: one.body for one in known.definitions.values()} if known else {}
    live = revisions.live(connection, site, revision, bodies)
    return compile_revision(site, revision, digest, live, settings, previous=known)

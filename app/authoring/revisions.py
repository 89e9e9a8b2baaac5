"""Compiled revisions, each compiled once in a process.

A small revision is compiled in the first request after its publish, so the very next decision is
made by it. A large one is compiled beside the requests (renewing.py): they go on by the revision
that they have, for at most two seconds after it was last seen to be the newest, and whoever asks
for a position or a revision waits for it. See docs/adr/0020.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from threading import Lock

import structlog
from sqlalchemy import bindparam
from sqlalchemy import func
from sqlalchemy import select

from aggregates.kernel.errors import Unavailable
from aggregates.kernel.ids import SiteId
from aggregates.kernel.limits import COMPILED_AT_ONCE_MAX
from aggregates.kernel.limits import REVISION_AGE_MAX_S
from aggregates.site import SiteSettings
from app.authoring.compiling import compiled_newest
from app.authoring.compiling import compiled_of
from app.authoring.renewing import GivenUp
from app.authoring.renewing import Renewing
from app.database import Stores
from app.edge import logging
from app.edge.min_position import POSITION_MAX
from app.edge.min_position import wait_for
from decisions.current import Deciding
from projections import revisions
from projections.definition_tables import revisions as revision_table
from projections.pinned import Pinned
from projections.pinned import Prepared
from projections.sites import sites as site_table
from projections.snapshot import State
from rulesets.compiled import CompiledRevision
from rulesets.steps import Rest
from rulesets.steps import unbroken

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


@dataclass(slots=True)
class _Site:
    """`seen`: when `deciding` was last the newest, by the monotonic clock. `failed`: what could not
    be compiled, and is tried again only for a request."""

    lock: Lock = field(default_factory=Lock)
    deciding: Deciding | None = None
    seen: float = 0.0
    waiting: int = 0
    awaited: bool = False
    failed: State | None = None
    past_lock: Lock = field(default_factory=Lock)
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
        self._is_blind = False
        self._renewing = Renewing(self._renew_beside, self._behind)

    def begin(self) -> None:
        """Compiles what every site decides by, and from now on sees by itself what is published:
        for a process that is about to take requests."""
        for site in self._behind():
            with self._waiting(self._site(site)):
                self._renew_beside(site)
        self._renewing.watch()

    def current(self, site: SiteId) -> CompiledRevision:
        """The newest one, with the settings of now. NotFound for a site that was never opened."""
        kept = self._site(site)
        deciding = kept.deciding
        if deciding is not None and self._is_newest(kept, deciding, self._read(site)):
            return deciding.compiled
        return self._newest(site, kept).compiled

    def now(self, site: SiteId) -> CompiledRevision:
        """What decides now: the newest one, or for a moment the one before it."""
        while True:
            deciding = self.deciding(site, self._read(site))
            if deciding is not None:
                return deciding.compiled

    def deciding(self, site: SiteId, state: State) -> Deciding | None:
        """What decides for who read this state; None if the site has moved on: read it again."""
        kept = self._site(site)
        deciding = kept.deciding
        if deciding is not None:
            if self._is_newest(kept, deciding, state):
                return deciding
            if deciding.state[0] > state[0] or deciding.state[1] > state[1]:
                return None
            if self._is_compiled_beside(site, kept, deciding):
                return deciding
        deciding = self._newest(site, kept)
        return deciding if deciding.state == state else None

    def reached(self, site: SiteId) -> int:
        """The number of what decides now, for who waits for another: it is hurried then."""
        older = self._older(site)
        return self.now(site).revision if older is None else older.state[0]

    def known_to(self, site: SiteId) -> int:
        """The position up to which what decides now knows all that was published, likewise."""
        older = self._older(site)
        if older is None:
            return POSITION_MAX
        revision, settings = older.state
        with self._engine.connect() as connection:
            following = revisions.first_after(connection, site, revision)
        # of settings only the last change is known, not what lay between
        until = POSITION_MAX if self._read(site)[1] == settings else settings
        return until if following is None else min(until, following.position - 1)

    def at_least(self, site: SiteId, revision: int) -> CompiledRevision:
        """The current one when it has reached a number; Unavailable after two seconds."""
        wait_for(revision, lambda: self.reached(site))
        return self.now(site)

    def get(
        self, site: SiteId, revision: int, settings: SiteSettings | None = None
    ) -> CompiledRevision:
        """One by its number, also an old one; with the settings of now, or those given."""
        current = self.now(site)
        if settings is None:
            settings = current.settings
        if revision == current.revision and settings == current.settings:
            return current
        kept = self._site(site)
        with kept.past_lock:
            known = kept.past.get((revision, settings))
            if known is None:
                with self._engine.connect() as connection:
                    known = compiled_of(connection, site, revision, settings, current)
                kept.past[revision, settings] = known
                while len(kept.past) > PAST_MAX:
                    kept.past.popitem(last=False)
            kept.past.move_to_end((revision, settings))
            return known

    def close(self) -> None:
        """Gives up what is being compiled and lets go of the connections."""
        self._renewing.end()
        self._reads.close()

    def _read(self, site: SiteId) -> State:
        rows = self._reads.read(lambda cursor: self._state.rows(cursor, {"of_site": site}))
        revision, settings = rows[0]
        return revision or 0, settings

    @staticmethod
    def _is_newest(kept: _Site, deciding: Deciding, state: State) -> bool:
        if deciding.state != state:
            return False
        kept.seen = time.monotonic()
        return True

    def _is_compiled_beside(self, site: SiteId, kept: _Site, deciding: Deciding) -> bool:
        """Whether what is newer is compiled by the other thread, and there is time for it."""
        if time.monotonic() - kept.seen >= REVISION_AGE_MAX_S:
            return False
        if len(deciding.compiled.definitions) <= COMPILED_AT_ONCE_MAX:
            with self._engine.connect() as connection:
                if revisions.count(connection, site) <= COMPILED_AT_ONCE_MAX:
                    return False
        self._renewing.ask(site)
        return True

    def _older(self, site: SiteId) -> Deciding | None:
        """What decides while a newer one is compiled, which is hurried; None if the newest does."""
        kept = self._site(site)
        deciding = kept.deciding
        if deciding is None or not self._is_newest(kept, deciding, self._read(site)):
            if deciding is not None and self._is_compiled_beside(site, kept, deciding):
                kept.awaited = True
                return deciding
            self._newest(site, kept)
        return None

    def _newest(self, site: SiteId, kept: _Site) -> Deciding:
        """Compiles what is newest now, unless another thread just did."""
        with self._waiting(kept), kept.lock:
            return self._renew(site, kept, unbroken)

    @contextmanager
    def _waiting(self, kept: _Site) -> Iterator[None]:
        with self._lock:
            kept.waiting += 1
        try:
            yield
        finally:
            with self._lock:
                kept.waiting -= 1

    def _renew(self, site: SiteId, kept: _Site, rest: Rest) -> Deciding:
        """With the site's lock held."""
        began = time.monotonic()
        with self._engine.connect() as connection:
            deciding = compiled_newest(connection, site, kept.deciding, rest)
        kept.seen = began
        kept.awaited, kept.failed = False, None
        kept.deciding = deciding
        return deciding

    def _renew_beside(self, site: SiteId) -> None:
        kept = self._site(site)
        with kept.lock:
            try:
                self._renew(
                    site, kept, self._renewing.rests(lambda: kept.awaited or kept.waiting > 0)
                )
            except GivenUp:
                pass
            except Unavailable as error:
                structlog.get_logger().warning("revision_waits", site=site, code=error.code)
            except Exception as error:  # the requests that wait for it will say the same
                kept.failed = self._read(site)
                logging.failure("revision_not_compiled", error, site=site)

    def _behind(self) -> list[SiteId]:
        """The sites that have something newer than what decides; none while that cannot be read."""
        try:
            with self._engine.connect() as connection:
                states = revisions.states(connection)
        except Exception as error:  # the tables may not be there yet: it goes on looking
            if not self._is_blind:
                logging.failure("revisions_not_seen", error)
            self._is_blind = True
            return []
        self._is_blind = False
        behind = []
        for site, state in states.items():
            kept = self._site(site)
            deciding = kept.deciding
            known = deciding is not None and self._is_newest(kept, deciding, state)
            if not known and kept.failed != state:
                behind.append(site)
        return behind

    def _site(self, site: SiteId) -> _Site:
        kept = self._sites.get(site)
        if kept is None:
            with self._lock:
                kept = self._sites.setdefault(site, _Site())
        return kept

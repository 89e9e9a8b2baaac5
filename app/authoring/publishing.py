"""Publishing, pausing, resuming, archiving: one revision for each request, all of it or nothing.

A revision is made against the one that is newest when it is read; if another author publishes
meanwhile, everything is read and judged again, unless that author touched the same definitions.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from threading import Lock

from sqlalchemy import Connection
from sqlalchemy import Engine

from aggregates.kernel.clock import Clock
from aggregates.kernel.errors import Conflict
from aggregates.kernel.errors import Unavailable
from aggregates.kernel.errors import VersionConflict
from aggregates.kernel.ids import SiteId
from aggregates.kernel.ids import stream_id
from aggregates.log import Append
from aggregates.log import EventLog
from aggregates.log import IdempotencyRow
from aggregates.log import NewEvent
from aggregates.proposal import NEEDS_APPROVAL
from aggregates.ruleset import Entry
from aggregates.ruleset import Place
from aggregates.ruleset import Ruleset
from aggregates.site import SiteSettings
from app.authoring import specific_codes
from app.authoring.acts import Act
from app.authoring.acts import Change
from app.authoring.acts import change_of
from app.authoring.acts import check_named_once
from app.authoring.drafts import ATTEMPTS
from app.authoring.drafts import stored_of
from app.authoring.judging import Proposed
from app.authoring.judging import judge
from app.authoring.revisions import RevisionCache
from app.authoring.soundness import Trial
from app.authoring.specific_codes import TURNS
from app.authoring.specific_codes import Codes
from app.eventlog.application import collected
from app.simulation.required import check_simulated
from projections import definition_reads
from projections import revisions
from projections import sites
from projections.definition_reads import Stored
from projections.revisions import Body

Approval = Callable[[int], NewEvent]
"""The event by which another author approved the revision of that number; it stands in its unit."""


class ApprovalNeeded(Conflict):
    """The site asks for another author's approval. `acts`: what to approve, versions told."""

    def __init__(self, acts: Sequence[Act]) -> None:
        super().__init__("approval_needed", "another author has to approve it")
        self.acts = acts


@dataclass(frozen=True, slots=True)
class Request:
    """What one author asks for in one go."""

    acts: Sequence[Act]
    actor: str
    note: str | None = None
    approval: Approval | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """The revision that holds after a request. `made`: by it; else all was so already."""

    revision: int
    digest: str
    at: int
    note: str | None
    actor: str
    changed: tuple[Stored, ...]
    settings: SiteSettings
    made: bool


Answer = Callable[[Published], IdempotencyRow | None]
"""The row that keeps the request's answer, for the unit."""


@dataclass(frozen=True, slots=True)
class _Present:
    """What a revision is made of, read at one moment."""

    settings: SiteSettings
    settings_position: int
    ruleset: Ruleset
    found: dict[Place, Stored]
    digests: dict[Place, str]


@dataclass(frozen=True, slots=True)
class Publishing:
    """The commands of one process."""

    engine: Engine
    read: Engine
    log: EventLog
    clock: Clock
    cache: RevisionCache
    trial: Trial = field(default_factory=Trial)
    _turns: dict[SiteId, Lock] = field(default_factory=dict)

    def publish(self, site: SiteId, request: Request, answer: Answer) -> tuple[Published, int]:
        """What became of it, and the log position at which it is so."""
        first: dict[str, int] | None = None
        with self._turns.setdefault(site, Lock()):
            for _ in range(ATTEMPTS):
                with self.engine.connect() as connection:
                    present = _read(connection, site, request.acts)
                versions = {one.id: one.stream_version for one in present.found.values()}
                if first is not None and versions != first:
                    detail = "another author changed one of these definitions meanwhile"
                    raise Conflict("definition_changed", detail)
                first = versions
                done = self._attempt(site, request, present, answer)
                if done is not None:
                    return done
        raise Unavailable("busy_authors", "too many authors publish at this moment")

    def _attempt(
        self,
        site: SiteId,
        request: Request,
        present: _Present,
        answer: Answer,
    ) -> tuple[Published, int] | None:
        """None if another author was faster."""
        if request.approval is not None:
            _check_proposed(request.acts, present)
        ruleset = present.ruleset
        before = dict(ruleset.entries)
        change = change_of(
            site,
            request.acts,
            present.found,
            present.digests,
            before,
            revision=ruleset.revision + 1,
            actor=request.actor,
            note=request.note,
        )
        now = self.clock.now()
        if change.is_empty:
            with self.engine.connect() as connection:
                newest = revisions.find(connection, site, ruleset.revision)
            first = Request(request.acts, newest.actor, newest.note)
            held = _published(present, change, newest.published_at, first, made=False)
            return held, self.log.head(site).position
        ruleset.publish(change.entering.values(), change.leaving, request.actor, request.note)
        codes = self._judge(site, present, change, before)
        check_simulated(
            self.engine,
            self.read,
            site,
            present.settings,
            before,
            entering=change.entering.values(),
            after=ruleset.entries.values(),
            now=now,
        )
        events, expect = collected(site, *change.definitions, ruleset)
        if request.approval is not None:
            approved = request.approval(ruleset.revision)
            events = (*events, approved)
            expect[approved.stream_id] = 1
        elif present.settings.approval == "four_eyes":
            _check_approval(request.acts, present)
        made = _published(present, change, now, request, made=True)
        # The settings that this was judged by are those that hold when it is written.
        settings_stream = stream_id(site, "site", site)
        last = self.log.read_stream(site, settings_stream, last=True)[0]
        if last.position != present.settings_position:
            return None
        expect[settings_stream] = last.version
        at = tuple(replace(event, occurred_at=now) for event in events)
        position = self._append(Append(site, at, expect, (), answer(made)), codes)
        return None if position is None else (made, position)

    def _append(self, unit: Append, codes: Codes) -> int | None:
        """None if another author was faster. Batches of coupons only cost another turn."""
        for _ in range(TURNS if codes else 1):
            also = specific_codes.expected(self.engine, unit.site, codes)
            with suppress(VersionConflict):
                guarded = replace(unit, expect={**unit.expect, **also})
                return self.log.append(guarded).log_position
        return None

    def _judge(
        self, site: SiteId, present: _Present, change: Change, before: dict[Place, Entry]
    ) -> Codes:
        """Raises what is wrong with the revision as it would be, but for coupons: the specific
        codes that go live with it are returned."""
        after = present.ruleset.entries
        bodies = self._bodies(site, {**before, **after})
        proposed = Proposed(change.published, change.leaving, before, after, bodies, change.resumed)
        return judge(proposed, present.settings, self.trial)

    def _bodies(self, site: SiteId, entries: dict[Place, Entry]) -> dict[str, Body]:
        current = self.cache.now(site)
        known = {one.digest: one.body for one in current.definitions.values()}
        missing = {entry.digest for entry in entries.values()} - known.keys()
        with self.engine.connect() as connection:
            return {**known, **revisions.bodies(connection, site, missing)}


def _check_approval(acts: Sequence[Act], present: _Present) -> None:
    """ApprovalNeeded with each act's id and version as they are now."""
    if any(act.verb in NEEDS_APPROVAL for act in acts):
        pinned = []
        for act in acts:
            stored = present.found[act.kind, act.name]
            saved = act.version or stored.saved
            version = saved if act.verb == "publish" else stored.live_version
            pinned.append(replace(act, name=stored.id, version=version))
        raise ApprovalNeeded(pinned)


def _check_proposed(acts: Sequence[Act], present: _Present) -> None:
    """Conflict if another version is live than the one whose resuming or archiving was proposed."""
    for act in acts:
        live = present.found[act.kind, act.name].live_version
        if act.verb != "publish" and None not in {act.version, live} and act.version != live:
            detail = "another version of it went live since this was proposed"
            raise Conflict("definition_changed", detail, id=act.name)


def _read(connection: Connection, site: SiteId, acts: Sequence[Act]) -> _Present:
    of_site = sites.get(connection, site)
    revision, digest = revisions.current_revision(connection, site)
    if revision:
        entries = revisions.entries(connection, site, revision)
        ruleset = Ruleset.restored(site, revision, digest, entries)
    else:
        ruleset = Ruleset.opened(site)
    found = definition_reads.named(connection, site, [(act.kind, act.name) for act in acts])
    check_named_once(acts, found)
    wanted = {}
    for act in acts:
        stored = found[act.kind, act.name]
        if act.verb == "publish":
            wanted[stored.kind, stored.id] = act.version or stored.saved
    digests = definition_reads.digests(connection, site, wanted)
    return _Present(of_site.settings, of_site.position, ruleset, found, digests)


def _published(
    present: _Present, change: Change, now: int, request: Request, *, made: bool
) -> Published:
    rows = {(one.kind, one.id): one for one in present.found.values()}
    for definition in change.definitions:
        row = rows[definition.kind, definition.definition]
        rows[row.kind, row.id] = stored_of(
            definition, row.created_at, row.updated_at, row.updated_by
        )
    ruleset = present.ruleset
    return Published(
        ruleset.revision,
        ruleset.revision_digest,
        now,
        request.note,
        request.actor,
        tuple(rows.values()),
        present.settings,
        made,
    )

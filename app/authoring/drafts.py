"""Saving definitions: drafts, edits, deletion. None of it touches what is live."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from sqlalchemy import Engine

from aggregates.definition import Definition
from aggregates.definition import id_of
from aggregates.kernel.clock import Clock
from aggregates.kernel.errors import Conflict
from aggregates.kernel.errors import LimitReached
from aggregates.kernel.errors import NotFound
from aggregates.kernel.errors import Unavailable
from aggregates.kernel.errors import VersionConflict
from aggregates.kernel.ids import SiteId
from aggregates.log import Append
from aggregates.log import Counter
from aggregates.log import EventLog
from aggregates.log import IdempotencyRow
from app.authoring.bodies import Body
from app.authoring.bodies import checked
from app.authoring.preconditions import Condition
from app.authoring.units_of_pages import refuse_another_kind_of_unit
from app.authoring.views import definition_view
from app.eventlog.application import collected
from projections import definition_reads
from projections import revisions
from projections import sites
from projections.definition_reads import Stored

Once = Callable[[int, Mapping[str, Any]], IdempotencyRow | None]
"""Keeps an answer with the unit that makes it true (app/edge/idempotency.py)."""
ATTEMPTS = 100
"""Authors who save at the same moment take turns; so many turns none waits."""


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a command: the answer, and where in the log it stands."""

    status: int
    view: dict[str, Any]
    log_position: int


@dataclass(frozen=True, slots=True)
class Drafts:
    """The commands of one process."""

    engine: Engine
    log: EventLog
    clock: Clock

    def draft(
        self,
        site: SiteId,
        kind: str,
        document: Any,
        *,
        actor: str,
        once: Once,
        key: str | None = None,
        condition: Condition | None = None,
        note: str | None = None,
    ) -> Done:
        """A new definition; its id is the next of its kind."""
        with self.engine.connect() as connection:
            settings = sites.get(connection, site).settings
        body = checked(kind, document, settings, key)
        if condition is not None:
            condition.check_absent()
        zone = ZoneInfo(settings.time_zone)
        for _ in range(ATTEMPTS):
            with self.engine.connect() as connection:
                number = definition_reads.next_number(connection, site, kind)
            definition = Definition.drafted(
                site,
                definition=id_of(kind, number),
                kind=kind,
                key=body.key,
                body=body.body,
                digest=body.digest,
                actor=actor,
                note=note,
            )
            now = self.clock.now()
            view = definition_view(
                stored_of(definition, now, now, actor), body.body, None, now, zone
            )
            try:
                position = self._append(site, definition, now, once(201, view), _taking(body, kind))
            except VersionConflict:
                continue  # another author took the number
            except LimitReached:
                raise _taken() from None
            return Done(201, view, position)
        raise _busy()

    def put(
        self,
        site: SiteId,
        kind: str,
        name: str,
        document: Any,
        *,
        actor: str,
        condition: Condition,
        once: Once,
        note: str | None = None,
    ) -> Done:
        """Another body for a definition; under a key that nothing has, a new definition."""
        with self.engine.connect() as connection:
            stored = definition_reads.find(connection, site, kind, name)
        if stored is None:
            if "_" in name:  # an id, which only the service gives
                raise NotFound("definition_unknown", f"nothing of {kind} by that id")
            under = _under(document, name)
            return self.draft(
                site,
                kind,
                under,
                actor=actor,
                once=once,
                key=name,
                condition=condition,
                note=note,
            )
        with self.engine.connect() as connection:
            settings = sites.get(connection, site).settings
            live = live_body(connection, site, stored)
        body = checked(kind, document, settings, stored.key)
        condition.check(stored.saved)
        with self.engine.connect() as connection:
            saved = revisions.bodies(connection, site, [stored.digest])[stored.digest]
        refuse_another_kind_of_unit(kind, saved, body.body)
        zone = ZoneInfo(settings.time_zone)
        now = self.clock.now()
        if body.digest == stored.digest:
            view = definition_view(stored, body.body, live, now, zone)
            return Done(200, view, self.log.head(site).position)
        definition = stored.definition(site)
        definition.revise(body.key, body.body, body.digest, actor, note)
        after = stored_of(definition, stored.created_at, now, actor)
        view = definition_view(after, body.body, live, now, zone)
        moves = _taking(body, kind) if stored.key is None else ()
        try:
            position = self._append(site, definition, now, once(200, view), moves)
        except LimitReached:
            raise _taken() from None
        except VersionConflict:
            condition.fail()
        return Done(200, view, position)

    def delete(
        self,
        site: SiteId,
        kind: str,
        name: str,
        *,
        actor: str,
        condition: Condition,
        once: Once,
        note: str | None = None,
    ) -> Done:
        """Removes a definition that was never published; its key is free again."""
        with self.engine.connect() as connection:
            stored = definition_reads.get(connection, site, kind, name)
        condition.check(stored.saved)
        definition = stored.definition(site)
        definition.delete(actor, note)
        view = {"id": stored.id, "kind": kind, "deleted": True}
        moves = () if stored.key is None else (Counter(key_counter(kind, stored.key), -1),)
        try:
            position = self._append(site, definition, self.clock.now(), once(200, view), moves)
        except VersionConflict:
            condition.fail()
        return Done(200, view, position)

    def _append(
        self,
        site: SiteId,
        definition: Definition,
        now: int,
        once: IdempotencyRow | None,
        moves: tuple[Counter, ...],
    ) -> int:
        events, expect = collected(site, definition)
        at = tuple(replace(event, occurred_at=now) for event in events)
        return self.log.append(Append(site, at, expect, moves, once)).log_position


def stored_of(definition: Definition, created_at: int, updated_at: int, updated_by: str) -> Stored:
    """The row that a definition will have."""
    return Stored(
        definition.kind,
        definition.definition,
        definition.key,
        definition.version,
        definition.saved,
        definition.digest,
        definition.live_version,
        definition.starts_at,
        definition.ends_at,
        definition.paused,
        definition.archived,
        created_at,
        updated_at,
        updated_by,
    )


def live_body(connection: Connection, site: SiteId, stored: Stored) -> dict[str, Any] | None:
    """The body of the live version, if there is one."""
    if stored.live_version is None:
        return None
    place = (stored.kind, stored.id)
    digest = definition_reads.digests(connection, site, {place: stored.live_version})[place]
    return revisions.bodies(connection, site, [digest])[digest]


def key_counter(kind: str, key: str) -> str:
    """The counter that lets a key be taken once."""
    return f"definition-key/{kind}/{key}"


def _taking(body: Body, kind: str) -> tuple[Counter, ...]:
    return () if body.key is None else (Counter(key_counter(kind, body.key), 1, 1),)


def _under(document: Any, key: str) -> Any:
    """The document with the key of its path; another key in it is a contradiction."""
    if isinstance(document, dict) and document.get("key", key) != key:
        raise Conflict("key_is_fixed", "the body has another key than the path")
    return document


def _taken() -> Conflict:
    return Conflict("key_taken", "another definition of this kind has this key")


def _busy() -> Unavailable:
    return Unavailable("busy_authors", "too many authors save at this moment")

"""Who changed what: a row for each change that an author made, to find it again in the log.

What was before and after stands in the log, at `position` and before it in the subject's stream.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from dataclasses import dataclass
from dataclasses import fields

from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import Connection
from sqlalchemy import Index
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import Text
from sqlalchemy import select

from aggregates.kernel.ids import SiteId
from aggregates.log import RecordedEvent
from projections.projection import Write
from projections.schema import read_store
from projections.upserts import insert_or_replace

SITE = "site"
KEYS = "keys"
COUPONS = "coupons"
PROPOSALS = "proposals"
PROPOSED = "proposed"

authoring_changes = Table(
    "authoring_changes",
    read_store,
    Column("site", String(64), primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(64), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("act", String(16), nullable=False),
    Column("actor", String(64)),
    Column("note", Text),
    Column("recorded_at", BigInteger, nullable=False),
    Index(None, "site", "kind", "subject", "position"),
    sqlite_with_rowid=False,
)

_ACTS: dict[str, tuple[str | None, str, str]] = {
    "SiteOpened": (SITE, "name", "opened"),
    "SiteSettingsChanged": (SITE, "", "changed"),
    "ApiKeyIssued": (KEYS, "key_id", "issued"),
    "ApiKeyRevoked": (KEYS, "key_id", "revoked"),
    "DefinitionDrafted": (None, "definition", "drafted"),
    "DefinitionRevised": (None, "definition", "revised"),
    "DefinitionPublished": (None, "definition", "published"),
    "DefinitionPaused": (None, "definition", "paused"),
    "DefinitionResumed": (None, "definition", "resumed"),
    "DefinitionArchived": (None, "definition", "archived"),
    "DefinitionDeleted": (None, "definition", "deleted"),
    "CouponBatchAsked": (COUPONS, "rule_id", "asked"),
    "CouponCodesDeleted": (COUPONS, "rule_id", "deleted"),
    "PublicationProposed": (PROPOSALS, "proposal", PROPOSED),
    "PublicationApproved": (PROPOSALS, "proposal", "approved"),
    "PublicationRejected": (PROPOSALS, "proposal", "rejected"),
    "PublicationRetracted": (PROPOSALS, "proposal", "withdrawn"),
}
"""Topic to the kind of its subject (None: the event says), the field that names it, the act."""

ACTS = tuple(sorted({act for _, _, act in _ACTS.values()}))


@dataclass(frozen=True, slots=True)
class AuthoringChange:
    """One change. The fields are the columns; `actor` is None where old events name none."""

    position: int
    kind: str
    subject: str
    act: str
    actor: str | None
    note: str | None
    recorded_at: int


@dataclass(frozen=True, slots=True)
class ChangeFilter:
    """What to find: all that is given must hold."""

    kind: str | None = None
    subject: str | None = None
    act: str | None = None
    actor: str | None = None
    from_at: int | None = None
    to_at: int | None = None


def change_of(site: SiteId, event: RecordedEvent) -> AuthoringChange:
    """The change that an event of these topics is."""
    kind, named_by, act = _ACTS[event.topic]
    data = event.data
    return AuthoringChange(
        event.position,
        kind or data["kind"],
        data[named_by] if named_by else site,
        act,
        data.get("actor"),
        data.get("note"),
        event.recorded_at,
    )


def listed(
    connection: Connection, site: SiteId, wanted: ChangeFilter, before: int | None, limit: int
) -> list[AuthoringChange]:
    """The newest changes that fit, or those before a position."""
    c = authoring_changes.c
    query = select(*_COLUMNS).where(c.site == site)
    for name in ("kind", "subject", "act", "actor"):
        if (value := getattr(wanted, name)) is not None:
            query = query.where(c[name] == value)
    if wanted.from_at is not None:
        query = query.where(c.recorded_at >= wanted.from_at)
    if wanted.to_at is not None:
        query = query.where(c.recorded_at < wanted.to_at)
    if before is not None:
        query = query.where(c.position < before)
    rows = connection.execute(query.order_by(c.position.desc()).limit(limit))
    return [AuthoringChange(*row) for row in rows]


def proposals(
    connection: Connection, site: SiteId, before: int | None, limit: int, *, waiting: bool
) -> list[AuthoringChange]:
    """Proposals as they were made, newest first: those that nobody closed yet, or all."""
    c, closing = authoring_changes.c, authoring_changes.alias().c
    proposed = (c.site == site) & (c.kind == PROPOSALS) & (c.act == PROPOSED)
    query = select(*_COLUMNS).where(proposed)
    if waiting:
        closed = select(closing.subject).where(
            closing.site == site, closing.kind == PROPOSALS, closing.act != PROPOSED
        )
        query = query.where(c.subject.not_in(closed))
    if before is not None:
        query = query.where(c.position < before)
    rows = connection.execute(query.order_by(c.position.desc()).limit(limit))
    return [AuthoringChange(*row) for row in rows]


class AuthoringChanges:
    """The followed projection."""

    name = "authoring_changes"
    version = 1
    topics = frozenset(_ACTS)
    unseals: frozenset[str] = frozenset()
    tables = (authoring_changes,)
    forgets = ()
    zoned = False

    def fold(
        self, connection: Connection, site: SiteId, events: Sequence[RecordedEvent]
    ) -> list[Write]:
        """A row for each event."""
        rows = [{"site": site, **asdict(change_of(site, event))} for event in events]
        return [Write(insert_or_replace(connection.dialect.name, authoring_changes), rows)]


_COLUMNS = tuple(authoring_changes.c[field.name] for field in fields(AuthoringChange))

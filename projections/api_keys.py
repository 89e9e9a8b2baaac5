"""API keys: which secret's digest may do what in which site. Written with the event.

Only the HMAC of a secret is here; a revoked key keeps its row, so that its id is never reused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import Connection
from sqlalchemy import Index
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import Text
from sqlalchemy import bindparam
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update

from aggregates.kernel.canonical import canonical
from aggregates.kernel.ids import SiteId
from aggregates.log import RecordedEvent
from projections.projection import Write
from projections.schema import log_store

api_keys = Table(
    "api_keys",
    log_store,
    Column("key_id", String(64), primary_key=True),
    Column("site", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("issued_position", BigInteger, nullable=False),
    Column("revoked_position", BigInteger),
    Index(None, "site"),
)
_ISSUE = insert(api_keys)
_REVOKE = (
    update(api_keys)
    .where(api_keys.c.site == bindparam("of_site"), api_keys.c.key_id == bindparam("of_key"))
    .values(revoked_position=bindparam("by_position"))
)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One key as the service knows it. The fields are the columns."""

    key_id: str
    site: SiteId
    name: str
    scopes: frozenset[str]
    digest: str
    revoked: bool


class ApiKeys:
    """The immediate projection."""

    name = "api_keys"
    topics = frozenset({"ApiKeyIssued", "ApiKeyRevoked"})
    unseals: frozenset[str] = frozenset()

    def fold(
        self, connection: Connection, site: SiteId, events: Sequence[RecordedEvent]
    ) -> list[Write]:
        """Keys to add and to revoke, in the events' order."""
        return [_issue(site, e) if e.topic == "ApiKeyIssued" else _revoke(site, e) for e in events]


def find(connection: Connection, key_id: str) -> ApiKey | None:
    """A key by its id, which names it in all sites; also a revoked one."""
    row = connection.execute(select(*_COLUMNS).where(api_keys.c.key_id == key_id)).one_or_none()
    return None if row is None else _key(row)


def listed(connection: Connection, site: SiteId) -> list[ApiKey]:
    """The keys of a site in order of issue, also revoked ones."""
    query = select(*_COLUMNS).where(api_keys.c.site == site).order_by(api_keys.c.issued_position)
    return [_key(row) for row in connection.execute(query)]


_COLUMNS = (
    api_keys.c.key_id,
    api_keys.c.site,
    api_keys.c.name,
    api_keys.c.scopes,
    api_keys.c.digest,
    api_keys.c.revoked_position,
)


def _key(row: Any) -> ApiKey:
    granted = frozenset(orjson.loads(row.scopes))
    revoked = row.revoked_position is not None
    return ApiKey(row.key_id, SiteId(row.site), row.name, granted, row.digest, revoked)


def _issue(site: SiteId, event: RecordedEvent) -> Write:
    row = {
        "key_id": event.data["key_id"],
        "site": site,
        "name": event.data["name"],
        "scopes": canonical(sorted(event.data["scopes"])).decode(),
        "digest": event.data["digest"],
        "issued_position": event.position,
        "revoked_position": None,
    }
    return Write(_ISSUE, [row])


def _revoke(site: SiteId, event: RecordedEvent) -> Write:
    row = {"of_site": site, "of_key": event.data["key_id"], "by_position": event.position}
    return Write(_REVOKE, [row])

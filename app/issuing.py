"""API keys and sites: opening a site, issuing a key, revoking one. Each is an event."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Engine

from aggregates.kernel.errors import InvalidValue
from aggregates.kernel.errors import NotFound
from aggregates.kernel.ids import SiteId
from aggregates.kernel.ids import stream_id
from aggregates.kernel.limits import STRING_LENGTH_MAX
from aggregates.log import Append
from aggregates.log import EventLog
from aggregates.log import IdempotencyRow
from aggregates.log import NewEvent
from app.edge.callers import SCOPES
from app.edge.callers import digest_of
from app.edge.callers import new_key
from projections import sites

COMMAND_LINE = "command-line"
"""The actor of what is done on the machine itself."""

_SITE = re.compile(r"[a-z0-9-]{1,64}\Z")


@dataclass(frozen=True, slots=True)
class By:
    """Who changes what keys there are, and why. Without a key it is the command line."""

    actor: str = COMMAND_LINE
    note: str | None = None

    def to_json(self) -> dict[str, str | None]:
        """As it stands in the event."""
        return {"actor": self.actor, "note": self.note}


@dataclass(frozen=True, slots=True)
class Issued:
    """A new key: `token` is the whole of it and is kept nowhere."""

    key_id: str
    token: str


def site_named(name: str) -> SiteId:
    """A site's id, checked."""
    if not _SITE.match(name):
        raise InvalidValue("invalid_site", "a site is 1 to 64 of a-z, 0-9 and -")
    return SiteId(name)


def sites_asked(engine: Engine, log: EventLog, name: str | None) -> list[SiteId]:
    """That one site, which must be there, or without a name all of them: those that were opened
    and those that the log has events of, since a tampered store may hold only one of the two."""
    with engine.connect() as connection:
        found = sorted({*sites.names(connection), *log.sites()})
    if name is None:
        return found
    if name not in found:
        raise NotFound("site_unknown", f"there is no site {name!r}")
    return [SiteId(name)]


def open_site(log: EventLog, site: SiteId) -> int:
    """Opens the site unless it is open; its log position."""
    data = {"name": site, "actor": COMMAND_LINE}
    opened = NewEvent(stream_id(site, "site", site), 1, "SiteOpened", data)
    return log.append(Append(site, (opened,))).log_position


def check_key(name: str, scopes: Collection[str]) -> None:
    """InvalidValue if such a key cannot be issued."""
    unknown = sorted(set(scopes) - SCOPES)
    if unknown or not scopes:
        raise InvalidValue("unknown_scope", f"scopes are {', '.join(sorted(SCOPES))}")
    if not name or len(name) > STRING_LENGTH_MAX:
        raise InvalidValue("invalid_name", f"a name has 1 to {STRING_LENGTH_MAX} characters")


def made(pepper: bytes) -> tuple[Issued, str]:
    """A key that is not issued yet, and its digest."""
    key_id, token = new_key()
    return Issued(key_id, token), digest_of(pepper, token).hex()


def issue(
    log: EventLog,
    site: SiteId,
    key_id: str,
    digest: str,
    *,
    name: str,
    scopes: Collection[str],
    by: By,
    once: IdempotencyRow | None = None,
) -> int:
    """Records that the key may be used; its log position."""
    data = {
        "key_id": key_id,
        "name": name,
        "scopes": sorted(scopes),
        "digest": digest,
        **by.to_json(),
    }
    event = NewEvent(stream_id(site, "key", key_id), 1, "ApiKeyIssued", data)
    return log.append(Append(site, (event,), refuse_duplicates=True, once=once)).log_position


def revoke(
    log: EventLog, site: SiteId, key_id: str, by: By, once: IdempotencyRow | None = None
) -> int:
    """Records that the key may not be used any more; the same again changes nothing."""
    data = {"key_id": key_id, **by.to_json()}
    event = NewEvent(stream_id(site, "key", key_id), 2, "ApiKeyRevoked", data)
    return log.append(Append(site, (event,), once=once)).log_position

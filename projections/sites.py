"""Sites and their settings as they are now. Written with the event.

`position` is the event that set them: a cache keeps what it made of the settings until it moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import orjson
from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import Connection
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import Text
from sqlalchemy import select

from aggregates.kernel.canonical import canonical
from aggregates.kernel.errors import NotFound
from aggregates.kernel.ids import SiteId
from aggregates.log import RecordedEvent
from aggregates.site import SiteSettings
from projections.projection import Write
from projections.schema import log_store
from projections.upserts import insert_or_replace

sites = Table(
    "sites",
    log_store,
    Column("site", String(64), primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("settings", Text, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Site:
    """A site's settings and the position of the event that made them."""

    settings: SiteSettings
    position: int


class Sites:
    """The immediate projection: the last event decides, each holds all settings."""

    name = "sites"
    topics = frozenset({"SiteOpened", "SiteSettingsChanged"})
    unseals: frozenset[str] = frozenset()

    def fold(
        self, connection: Connection, site: SiteId, events: Sequence[RecordedEvent]
    ) -> list[Write]:
        """The one row of the site."""
        last = events[-1]
        row = {
            "site": site,
            "position": last.position,
            "settings": canonical(settings_after(last).to_json()).decode(),
        }
        return [Write(insert_or_replace(connection.dialect.name, sites), [row])]


def settings_after(event: RecordedEvent) -> SiteSettings:
    """The settings that an event of a site's stream leaves."""
    if event.topic == "SiteOpened":
        return SiteSettings(name=event.data["name"])
    return SiteSettings.from_json(event.data["settings"])


def find(connection: Connection, site: SiteId) -> Site | None:
    """A site, if it was opened."""
    row = connection.execute(
        select(sites.c.settings, sites.c.position).where(sites.c.site == site)
    ).one_or_none()
    return None if row is None else Site(SiteSettings.from_json(orjson.loads(row[0])), row[1])


def get(connection: Connection, site: SiteId) -> Site:
    """A site; NotFound if it was never opened."""
    found = find(connection, site)
    if found is None:
        raise NotFound("site_unknown", "no site by that name")
    return found


def names(connection: Connection) -> list[SiteId]:
    """All sites."""
    return [SiteId(name) for name in connection.scalars(select(sites.c.site).order_by("site"))]

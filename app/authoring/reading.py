"""Definitions with their bodies, for answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from aggregates.kernel.ids import SiteId
from app.authoring.views import definition_view
from app.authoring.views import version_view
from projections import definition_reads
from projections import revisions
from projections import sites
from projections.definition_reads import Stored
from projections.definition_reads import Version


def views(
    connection: Connection, site: SiteId, found: Sequence[Stored], now: int
) -> list[dict[str, Any]]:
    """Definitions as they are shown now."""
    zone = ZoneInfo(sites.get(connection, site).settings.time_zone)
    return _views(connection, site, found, now, zone)


def view(
    connection: Connection, site: SiteId, stored: Stored, now: int, zone: ZoneInfo
) -> dict[str, Any]:
    """One definition in a given time zone."""
    return _views(connection, site, [stored], now, zone)[0]


def version_views(
    connection: Connection, site: SiteId, stored: Stored, found: Sequence[Version]
) -> list[dict[str, Any]]:
    """Saved bodies of a definition."""
    bodies = revisions.bodies(connection, site, [one.digest for one in found])
    live = None if stored.archived else stored.live_version
    return [version_view(one, bodies[one.digest], live) for one in found]


def _views(
    connection: Connection, site: SiteId, found: Sequence[Stored], now: int, zone: ZoneInfo
) -> list[dict[str, Any]]:
    live_versions = {
        (one.kind, one.id): one.live_version for one in found if one.live_version is not None
    }
    live = definition_reads.digests(connection, site, live_versions)
    wanted = {one.digest for one in found} | set(live.values())
    bodies = revisions.bodies(connection, site, wanted)
    return [
        definition_view(
            one, bodies[one.digest], bodies.get(live.get((one.kind, one.id), "")), now, zone
        )
        for one in found
    ]

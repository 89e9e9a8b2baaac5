"""Definitions and revisions as the contract shows them."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from aggregates.kernel.clock import format_moment
from aggregates.ruleset import Entry
from app.authoring.bodies import on_the_wire
from projections.definition_reads import Stored
from projections.definition_reads import Version
from projections.revisions import Revision
from rulesets.schedules import window

Json = dict[str, Any]


def definition_view(
    stored: Stored, body: Json, live_body: Json | None, now: int, zone: ZoneInfo
) -> Json:
    """A definition. `live_body`: that of the live version, where it has one."""
    return {
        "id": stored.id,
        "key": stored.key,
        "kind": stored.kind,
        "status": status(stored, live_body, now, zone),
        "version": stored.saved,
        "live_version": None if stored.archived else stored.live_version,
        "has_draft_changes": stored.archived or stored.live_version != stored.saved,
        "starts_at": _moment(stored.starts_at),
        "ends_at": _moment(stored.ends_at),
        "body": on_the_wire(body),
        "created_at": format_moment(stored.created_at),
        "updated_at": format_moment(stored.updated_at),
        "updated_by": stored.updated_by,
    }


def status(stored: Stored, live_body: Json | None, now: int, zone: ZoneInfo) -> str:
    """`draft scheduled live expired paused archived`, of what the newest revision says."""
    if stored.archived:
        return "archived"
    if stored.live_version is None:
        return "draft"
    if stored.paused:
        return "paused"
    days = live_body or {}
    when = window(
        stored.starts_at, stored.ends_at, days.get("from_date"), days.get("to_date"), zone
    )
    if when.holds(now):
        return "live"
    return "scheduled" if when.before(now) else "expired"


def version_view(version: Version, body: Json, live_version: int | None) -> Json:
    """One saved body."""
    return {
        "version": version.version,
        "live": version.version == live_version,
        "body": on_the_wire(body),
        "digest": version.digest,
        "saved_at": format_moment(version.saved_at),
        "saved_by": version.saved_by,
    }


def revision_view(revision: Revision) -> Json:
    """A revision without its entries."""
    return {
        "revision": revision.revision,
        "digest": revision.digest,
        "published_at": format_moment(revision.published_at),
        "published_by": revision.actor,
        "note": revision.note,
    }


def entry_view(entry: Entry) -> Json:
    """One line of a revision."""
    return {
        **entry.to_json(),
        "starts_at": _moment(entry.starts_at),
        "ends_at": _moment(entry.ends_at),
    }


def _moment(moment: int | None) -> str | None:
    return None if moment is None else format_moment(moment)

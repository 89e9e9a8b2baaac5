"""Which rules decided at a position of the log, and under which settings, told by the log alone."""

from __future__ import annotations

from aggregates.kernel.ids import SiteId
from aggregates.kernel.ids import stream_id
from aggregates.log import EventLog
from aggregates.ruleset import stream_of
from aggregates.site import SiteSettings
from decisions.means import Means
from projections.sites import settings_after
from rulesets.compiled import CompiledRevision


def settings_as_of(log: EventLog, site: SiteId, position: int) -> SiteSettings:
    """A site's settings at a position; the defaults before it was opened."""
    events = log.read_stream(site, stream_id(site, "site", site), upto=position, last=True)
    return settings_after(events[-1]) if events else SiteSettings()


def revision_as_of(log: EventLog, site: SiteId, position: int) -> int:
    """The number of the revision that decided at a position; 0 before the first."""
    events = log.read_stream(site, stream_of(site), upto=position, last=True)
    return int(events[-1].data.get("revision", 0)) if events else 0


def compiled_as_of(means: Means, site: SiteId, position: int) -> CompiledRevision:
    """The revision that decided at a position, under the settings of that time."""
    revision = revision_as_of(means.log, site, position)
    return means.revisions.get(site, revision, settings_as_of(means.log, site, position))

"""Changing a site's settings: an event, unless what is live could not be read under them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

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
from aggregates.ruleset import stream_of
from aggregates.site import SiteSettings
from app.authoring.drafts import ATTEMPTS
from app.authoring.preconditions import Condition
from app.authoring.revisions import RevisionCache
from projections import sites
from rulesets.compiled import CompiledRevision
from rulesets.linter import lint


@dataclass(frozen=True, slots=True)
class SettingsChange:
    """The command of one process."""

    log: EventLog
    clock: Clock
    cache: RevisionCache

    def change(
        self,
        site: SiteId,
        wanted: SiteSettings,
        actor: str,
        note: str | None,
        once: Callable[[], IdempotencyRow | None],
        *,
        condition: Condition,
    ) -> tuple[int, int]:
        """The version of the settings, and the log position from which they hold. The same settings
        change nothing. PreconditionFailed if `condition` names other versions."""
        stream = stream_id(site, "site", site)
        for _ in range(ATTEMPTS):
            compiled = self.cache.current(site)
            last = self.log.read_stream(site, stream, last=True)[0]
            condition.check(last.position)
            if sites.settings_after(last) == wanted:
                return last.position, self.log.head(site).position
            _check(compiled, wanted)
            expect = {
                stream: last.version,
                stream_of(site): compiled.revision + 1 if compiled.revision else 0,
            }
            data = {"settings": wanted.to_json(), "actor": actor, "note": note}
            event = NewEvent(
                stream, None, "SiteSettingsChanged", data, occurred_at=self.clock.now()
            )
            try:
                done = self.log.append(Append(site, (event,), expect, (), once()))
            except VersionConflict:
                continue  # somebody published meanwhile, or set other settings
            return done.log_position, done.log_position
        raise Unavailable("busy_authors", "too many authors publish at this moment")


def _check(compiled: CompiledRevision, wanted: SiteSettings) -> None:
    live = compiled.definitions.values()
    if live and wanted.base_currency != compiled.settings.base_currency:
        detail = "amounts of what is live are in the base currency: archive it first"
        raise Conflict("settings_in_use", detail)
    by = [one.id for one in live if lint(one.kind, one.body, settings=wanted)]
    if by:
        detail = "definitions that are live could not be read under these settings"
        raise Conflict("settings_in_use", detail, by=by[:100])

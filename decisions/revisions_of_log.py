"""Whether a compiled revision is the one that the log tells of: its entries and every body."""

from __future__ import annotations

from aggregates.kernel.canonical import digest
from aggregates.kernel.ids import SiteId
from aggregates.log import EventLog
from aggregates.ruleset import Entry
from aggregates.ruleset import Place
from aggregates.ruleset import changed
from aggregates.ruleset import digest_of_entries
from aggregates.ruleset import stream_of
from rulesets.compiled import CompiledRevision

PUBLISHED = "RevisionPublished"
NOT_IN_LOG = "revision_not_in_log"
DIFFERS = "revision_differs"
REVISION_CODES = {
    NOT_IN_LOG: "the log tells of no such revision",
    DIFFERS: "its definitions are not those that the log tells of",
}
"""Each code with what it means."""


class RevisionsOfLog:
    """Reads the events of a site's ruleset once; goes forward from revision to revision."""

    def __init__(self, log: EventLog, site: SiteId) -> None:
        self._log = log
        self._site = site
        self._published: dict[int, tuple[str, list[dict[str, object]]]] = {}
        self._begin()

    def wrong(self, compiled: CompiledRevision) -> str | None:
        """The code of what is wrong with it; None if the log proves it."""
        if compiled.revision == 0:
            return None if not compiled.definitions else DIFFERS
        if compiled.revision not in self._published:
            self._read()
        if compiled.revision not in self._published:
            return NOT_IN_LOG
        entries = self._at(compiled.revision)
        held = {
            place: Entry(
                one.kind,
                one.id,
                one.key,
                one.version,
                one.digest,
                one.paused,
                one.starts_at,
                one.ends_at,
            )
            for place, one in compiled.definitions.items()
        }
        told = self._published[compiled.revision][0]
        whole = compiled.digest == told == digest_of_entries(entries) and held == entries
        bodies = all(digest(one.body) == one.digest for one in compiled.definitions.values())
        return None if whole and bodies else DIFFERS

    def _begin(self) -> None:
        self._revision = 0
        self._entries: dict[Place, Entry] = {}

    def _read(self) -> None:
        for event in self._log.read_stream(self._site, stream_of(self._site)):
            if event.topic == PUBLISHED:
                data = event.data
                self._published[data["revision"]] = (data["digest"], data["changes"])

    def _at(self, revision: int) -> dict[Place, Entry]:
        if revision < self._revision:
            self._begin()
        for number in range(self._revision + 1, revision + 1):
            self._entries = changed(self._entries, self._published[number][1])
        self._revision = revision
        return self._entries

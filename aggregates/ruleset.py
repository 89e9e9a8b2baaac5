"""A site's published revisions: which versions of which definitions decide together.

Each act of an author makes one revision: the entries of the former, changed. A revision is named
by its number and by the digest of its whole list, so that the list can be proven later.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import fields
from typing import Any
from uuid import UUID

from eventsourcing.domain import Aggregate
from eventsourcing.domain import Snapshot
from eventsourcing.domain import event
from eventsourcing.utils import get_topic

from aggregates.kernel.canonical import digest as digest_of
from aggregates.kernel.clock import EPOCH
from aggregates.kernel.ids import SiteId
from aggregates.kernel.ids import stream_id


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a revision."""

    kind: str
    id: str
    key: str | None
    version: int
    digest: str
    paused: bool = False
    starts_at: int | None = None
    ends_at: int | None = None

    def to_json(self) -> dict[str, Any]:
        """As it stands in the event and in what the revision's digest is over."""
        return {name: getattr(self, name) for name in _FIELDS}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Entry:
        """The reverse."""
        return cls(**{name: data[name] for name in _FIELDS})


_FIELDS = tuple(field.name for field in fields(Entry))
Place = tuple[str, str]
"""(kind, id)."""


class Ruleset(Aggregate):
    """All revisions of a site. Its stream's first event opens it, each further is a revision."""

    @event("RulesetOpened")
    def __init__(self) -> None:
        self.revision = 0
        self.revision_digest = digest_of([])
        self.entries: dict[Place, Entry] = {}

    @classmethod
    def opened(cls, site: SiteId) -> Ruleset:
        """The ruleset of a site that never published."""
        return cls._create(cls.RulesetOpened, id=stream_of(site))  # type: ignore[attr-defined]

    @classmethod
    def restored(
        cls, site: SiteId, revision: int, revision_digest: str, entries: Iterable[Entry]
    ) -> Ruleset:
        """The ruleset as the read model knows it, which the log writes with each revision."""
        taken = Snapshot(
            originator_id=stream_of(site),
            originator_version=revision + 1,
            timestamp=EPOCH,
            topic=get_topic(cls),
            state={
                "_created_on": EPOCH,
                "_modified_on": EPOCH,
                "revision": revision,
                "revision_digest": revision_digest,
                "entries": {(entry.kind, entry.id): entry for entry in entries},
            },
        )
        found = taken.mutate(None)
        assert isinstance(found, Ruleset)
        return found

    def publish(
        self, entering: Iterable[Entry], leaving: Iterable[Place], actor: str, note: str | None
    ) -> None:
        """One more revision: these entries take the place of former ones, those places empty."""
        changes: list[dict[str, Any]] = [{"set": entry.to_json()} for entry in entering]
        changes += [{"unset": {"kind": kind, "id": name}} for kind, name in leaving]
        assert changes, "a revision changes something"
        after = digest_of_entries(changed(self.entries, changes))
        self._published(
            revision=self.revision + 1, digest=after, changes=changes, note=note, actor=actor
        )

    @event("RevisionPublished")
    def _published(
        self,
        *,
        revision: int,
        digest: str,
        changes: list[dict[str, Any]],
        note: str | None,
        actor: str,
    ) -> None:
        self.revision = revision
        self.revision_digest = digest
        self.entries = changed(self.entries, changes)


def changed(
    entries: Mapping[Place, Entry], changes: Iterable[Mapping[str, Any]]
) -> dict[Place, Entry]:
    """The entries after the changes of one revision."""
    after = dict(entries)
    for change in changes:
        if "set" in change:
            entry = Entry.from_json(change["set"])
            after[entry.kind, entry.id] = entry
        else:
            del after[change["unset"]["kind"], change["unset"]["id"]]
    return after


def digest_of_entries(entries: Mapping[Place, Entry]) -> str:
    """The digest of a whole revision: over its entries in order of kind and id."""
    return digest_of([entries[place].to_json() for place in sorted(entries)])


def stream_of(site: SiteId) -> UUID:
    """The stream of a site's ruleset."""
    return stream_id(site, "ruleset", "")

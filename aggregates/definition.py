"""The one lifecycle of everything that a merchandiser edits: cart rules, segments, blocks, slots.

`saved` counts saved bodies; `live_version` is the one that decides. An edit never touches the live
one. Which definitions are live together is the ruleset's to say (ruleset.py).
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from eventsourcing.domain import Aggregate
from eventsourcing.domain import Snapshot
from eventsourcing.domain import event
from eventsourcing.utils import get_topic

from aggregates.kernel.clock import EPOCH
from aggregates.kernel.errors import Conflict
from aggregates.kernel.errors import NotFound
from aggregates.kernel.ids import SiteId
from aggregates.kernel.ids import stream_id

PREFIXES = {
    "cart-rules": "rul",
    "segments": "seg",
    "dynamic-blocks": "blk",
    "slots": "slt",
    "category-rankings": "cat",
    "recommendation-units": "unt",
}
"""Kinds that can be authored, with the prefix of their ids."""
_NUMBER_DIGITS = 10


class Definition(Aggregate):
    """One definition. Its stream is named by site and id."""

    @event("DefinitionDrafted")
    def __init__(
        self,
        *,
        definition: str,
        kind: str,
        key: str | None,
        body: dict[str, Any],
        digest: str,
        actor: str,
        note: str | None = None,
    ) -> None:
        self.definition = definition
        self.kind = kind
        self.key = key
        self.digest = digest
        self.saved = 1
        self.live_version: int | None = None
        self.starts_at: int | None = None
        self.ends_at: int | None = None
        self.paused = False
        self.archived = False
        self.deleted = False

    @classmethod
    def drafted(cls, site: SiteId, **fields: Any) -> Definition:
        """A new definition; `fields` are those of DefinitionDrafted."""
        stream = stream_of(site, fields["definition"])
        return cls._create(cls.DefinitionDrafted, id=stream, **fields)  # type: ignore[attr-defined]

    @classmethod
    def restored(cls, stream: UUID, stream_version: int, state: dict[str, Any]) -> Definition:
        """The definition as a read model knows it, which the log writes with each of its events."""
        taken = Snapshot(
            originator_id=stream,
            originator_version=stream_version,
            timestamp=EPOCH,
            topic=get_topic(cls),
            state={"_created_on": EPOCH, "_modified_on": EPOCH, **state},
        )
        found = taken.mutate(None)
        assert isinstance(found, Definition)
        return found

    @property
    def is_live(self) -> bool:
        """Whether the newest revision names it, also when it is paused or out of its time."""
        return self.live_version is not None and not self.archived

    def revise(
        self,
        key: str | None,
        body: dict[str, Any],
        digest: str,
        actor: str,
        note: str | None = None,
    ) -> None:
        """Saves another body. What is live stays as it is."""
        self._refuse_if_deleted()
        if self.key is not None and key != self.key:
            raise Conflict("key_is_fixed", "a key, once given, does not change")
        self._revised(
            definition=self.definition,
            kind=self.kind,
            key=key,
            body=body,
            digest=digest,
            actor=actor,
            note=note,
        )

    @event("DefinitionRevised")
    def _revised(
        self,
        *,
        definition: str,
        kind: str,
        key: str | None,
        body: dict[str, Any],
        digest: str,
        actor: str,
        note: str | None = None,
    ) -> None:
        self.key = key
        self.digest = digest
        self.saved += 1

    def publish(
        self,
        version: int,
        starts_at: int | None,
        ends_at: int | None,
        *,
        revision: int,
        actor: str,
        note: str | None,
    ) -> None:
        """Makes a saved version the one that decides; a paused one goes on with it."""
        self._refuse_if_deleted()
        if not 1 <= version <= self.saved:
            raise NotFound("version_unknown", f"versions are 1 to {self.saved}")
        self._published(
            definition=self.definition,
            kind=self.kind,
            published_version=version,
            starts_at=starts_at,
            ends_at=ends_at,
            revision=revision,
            actor=actor,
            note=note,
        )

    @event("DefinitionPublished")
    def _published(
        self,
        *,
        definition: str,
        kind: str,
        published_version: int,
        starts_at: int | None,
        ends_at: int | None,
        revision: int,
        actor: str,
        note: str | None,
    ) -> None:
        self.live_version = published_version
        self.starts_at = starts_at
        self.ends_at = ends_at
        self.paused = False
        self.archived = False

    def pause(self, revision: int, actor: str, note: str | None) -> None:
        """It stays in the revision and counts for nobody until it is resumed."""
        self._refuse_unless_live()
        self._paused(self.definition, self.kind, revision, actor, note)

    @event("DefinitionPaused")
    def _paused(
        self, definition: str, kind: str, revision: int, actor: str, note: str | None
    ) -> None:
        self.paused = True

    def resume(self, revision: int, actor: str, note: str | None) -> None:
        """It counts again."""
        self._refuse_unless_live()
        self._resumed(self.definition, self.kind, revision, actor, note)

    @event("DefinitionResumed")
    def _resumed(
        self, definition: str, kind: str, revision: int, actor: str, note: str | None
    ) -> None:
        self.paused = False

    def archive(self, revision: int, actor: str, note: str | None) -> None:
        """It leaves the revision; publishing brings it back."""
        self._refuse_unless_live()
        self._archived(self.definition, self.kind, revision, actor, note)

    @event("DefinitionArchived")
    def _archived(
        self, definition: str, kind: str, revision: int, actor: str, note: str | None
    ) -> None:
        self.archived = True
        self.paused = False

    def delete(self, actor: str, note: str | None = None) -> None:
        """Removes what no decision can ever have used."""
        self._refuse_if_deleted()
        if self.live_version is not None:
            raise Conflict("was_published", "what was published is archived, never deleted")
        self._deleted(self.definition, self.kind, actor, note)

    @event("DefinitionDeleted")
    def _deleted(self, definition: str, kind: str, actor: str, note: str | None = None) -> None:
        self.deleted = True
        self.key = None

    def _refuse_if_deleted(self) -> None:
        if self.deleted:
            raise NotFound("definition_unknown", "it was deleted")

    def _refuse_unless_live(self) -> None:
        self._refuse_if_deleted()
        if not self.is_live:
            raise Conflict("not_live", "only what is published can be paused, resumed or archived")


def stream_of(site: SiteId, definition: str) -> UUID:
    """The stream of a definition."""
    return stream_id(site, "definition", definition)


def id_of(kind: str, number: int) -> str:
    """The id with a number, of fixed width, so that ids sort in order of creation."""
    return f"{PREFIXES[kind]}_{number:0{_NUMBER_DIGITS}}"


def number_of(definition: str) -> int:
    """The reverse."""
    return int(definition.partition("_")[2])

"""The event log as the domain sees it: what is appended, what is read, and the protocol of both.

app/eventlog implements it on SQLite and PostgreSQL. Moments are microseconds; see kernel/clock.py.
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import Any
from typing import Protocol
from uuid import UUID

from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.ids import SiteId


@dataclass(frozen=True, slots=True)
class NewEvent:
    """One event to append. Which fields are sealed says aggregates/events.py, not the caller.

    `version` None: the stream's next one, given under the site's lock (only for events without
    sealed fields, since a seal is bound to its version).
    `occurred_at` None: the moment of recording. It is never later than that.
    `sealed_for` None: sealed under the key of `shopper_id`, or the site's own key without one; with
    both, under both.
    """

    stream_id: UUID
    version: int | None
    topic: str
    data: Mapping[str, Any]
    shopper_id: Pseudonym | None = None
    occurred_at: int | None = None
    sealed_for: Pseudonym | None = None


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """One event of the log. `data` has the open fields, and the sealed ones where asked for.

    `erased` is true when the sealed part was asked for and its key is destroyed. `key` is the
    pseudonym under whose key it is sealed, where that is not the shopper's own. `shape_known` is
    false for a topic or a version of it that this program has no vocabulary for.
    """

    site: SiteId
    position: int
    stream_id: UUID
    version: int
    topic: str
    shopper_id: Pseudonym | None
    occurred_at: int
    recorded_at: int
    data: dict[str, Any]
    erased: bool = False
    key: Pseudonym | None = None
    shape_known: bool = True


@dataclass(frozen=True, slots=True)
class Counter:
    """Moves a counter by `by`; LimitReached if it would pass `limit` (None: unlimited)."""

    key: str
    by: int
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class IdempotencyRow:
    """The answer to keep for a repeated Idempotency-Key, written with the events.

    `about`: the pseudonyms and orders that the answer may tell of (app/eventlog/touched.py).
    `scope` is the digest of (key id, method, path, Idempotency-Key); `request` the digest of the
    body. `body` is a JSON object without `log_position`: the log adds the unit's position to the
    row, and whoever answers splices it in, first time and every repeat.
    """

    scope: str
    request: str
    status: int
    body: bytes
    about: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What `AlreadyDone.answer` carries and `EventLog.stored_answer` finds."""

    request: str
    status: int
    body: bytes
    log_position: int


@dataclass(frozen=True, slots=True)
class Append:
    """A unit: all of it becomes durable or nothing does.

    `expect`: the version each named stream must have now (0: it must not exist).
    Events whose (stream, version) exists are left out and reported, unless `refuse_duplicates`.
    """

    site: SiteId
    events: tuple[NewEvent, ...] = ()
    expect: Mapping[UUID, int] = field(default_factory=dict)
    move: tuple[Counter, ...] = ()
    once: IdempotencyRow | None = None
    refuse_duplicates: bool = False


@dataclass(frozen=True, slots=True)
class Appended:
    """What became of a unit. `positions[i]` is None where event i was there already."""

    positions: tuple[int | None, ...]
    log_position: int
    recorded_at: int


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a site's log: position 0 and 32 zero bytes when it is empty."""

    position: int
    hash: bytes
    recorded_at: int


class EventLog(Protocol):
    """One ordered, gapless, hash-chained log per site."""

    def append(self, unit: Append) -> Appended:
        """Durable when it returns. VersionConflict, DuplicateEvent, LimitReached, AlreadyDone,
        Unavailable, Erased (somebody it names was forgotten meanwhile: ask for their names anew):
        then nothing of the unit was written."""

    def head(self, site: SiteId) -> Head:
        """The last committed position."""

    def read(
        self,
        site: SiteId,
        after: int,
        limit: int,
        *,
        upto: int | None = None,
        topics: Collection[str] | None = None,
        unseal: bool | Collection[str] = False,
    ) -> list[RecordedEvent]:
        """Events with position > after (and <= upto), in order; `unseal` all or these topics."""

    def read_shopper(
        self,
        site: SiteId,
        shoppers: Sequence[Pseudonym],
        after: int,
        *,
        upto: int | None = None,
        topics: Collection[str] | None = None,
        unseal: bool | Collection[str] = False,
    ) -> list[RecordedEvent]:
        """All events of these pseudonyms with position > after (and <= upto), in order."""

    def read_stream(
        self,
        site: SiteId,
        stream: UUID,
        *,
        upto: int | None = None,
        unseal: bool = False,
        last: bool = False,
    ) -> list[RecordedEvent]:
        """One stream by version, up to a log position; `last`: only its last event."""

    def read_position(
        self, site: SiteId, position: int, *, unseal: bool = False
    ) -> RecordedEvent | None:
        """The event at a position."""

    def read_at(
        self,
        site: SiteId,
        positions: Sequence[int],
        *,
        topics: Collection[str] | None = None,
        unseal: bool | Collection[str] = False,
    ) -> list[RecordedEvent]:
        """The events at these positions, in order, or those of some topics among them."""

    def positions_of(
        self,
        site: SiteId,
        shoppers: Sequence[Pseudonym],
        after: int,
        limit: int,
        *,
        upto: int | None = None,
    ) -> list[int]:
        """Where the first events of these pseudonyms stand with position > after (and <= upto)."""

    def position_at(self, site: SiteId, moment: int) -> int:
        """The last position that was recorded by a moment; 0 if none was."""

    def stored_answer(self, site: SiteId, scope: str) -> StoredAnswer | None:
        """The answer kept for an idempotency scope, if it is not past its hours."""

    def sites(self) -> list[SiteId]:
        """All sites that have a log."""


class Pseudonyms(Protocol):
    """The key store as the domain sees it: names for client ids, and keys behind the names."""

    def of(self, site: SiteId, kind: str, value: str) -> Pseudonym:
        """The pseudonym of a client id (`kind` is `customer` or `anonymous`), made if new;
        durable when it returns."""

    def digest(self, site: SiteId, kind: str, value: str) -> str:
        """A keyed digest of a name that the log may hold in its place, as of an order's number."""

    def find(self, site: SiteId, kind: str, value: str) -> Pseudonym | None:
        """The pseudonym of a client id, if it has one."""

    def destroyed(self, site: SiteId, names: Sequence[Pseudonym]) -> dict[Pseudonym, int | None]:
        """When the key of each of these pseudonyms was destroyed, None if it was not; what is no
        pseudonym of the site is absent."""

    def nobody(self, site: SiteId) -> Pseudonym:
        """A new name that stands for no id, with a key of its own: what is sealed under it can be
        forgotten alone."""

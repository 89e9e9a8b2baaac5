"""Judging units in memory, in order of arrival: which go in, where, and why the others do not.

Pure. The writer loads what the units of a batch may meet (`Known`) under the site's lock; each
accepted unit changes what the next ones meet. A refused unit changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import Any

import orjson

from aggregates.erasure import ERASED
from aggregates.kernel.clock import SECOND
from aggregates.kernel.errors import AlreadyDone
from aggregates.kernel.errors import DuplicateEvent
from aggregates.kernel.errors import Erased
from aggregates.kernel.errors import LimitReached
from aggregates.kernel.errors import VersionConflict
from aggregates.kernel.ids import SiteId
from aggregates.kernel.limits import IDEMPOTENCY_HOURS
from aggregates.log import Append
from aggregates.log import Appended
from aggregates.log import Counter
from aggregates.log import IdempotencyRow
from aggregates.log import StoredAnswer
from app.eventlog.chain import Row

_KEPT = IDEMPOTENCY_HOURS * 3600 * SECOND
_COUNTS = ("moves", "holds", "spent")
"""Fields that name a counter, maybe that of a customer: it moves back also when nobody knows whose
it was."""
Key = tuple[bytes, int]
"""(stream, version): what is in a log at most once."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """An event ready to be numbered. `data` is what immediate projections see, if one follows."""

    stream: bytes
    version: int | None
    topic: str
    shopper: str | None
    occurred_at: int | None
    state: bytes
    data: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Unit:
    """An Append with its events prepared."""

    asked: Append
    events: tuple[Prepared, ...]

    @property
    def size(self) -> int:
        """Bytes of states, for the batch's limit."""
        return sum(len(event.state) for event in self.events)


@dataclass(slots=True)
class Known:
    """What the log holds of that which a batch asks about.

    `versions`: the last version of each stream in `expect` or with an event to be numbered.
    """

    versions: dict[bytes, int] = field(default_factory=dict)
    taken: set[Key] = field(default_factory=set)
    used: dict[str, int] = field(default_factory=dict)
    answers: dict[str, StoredAnswer] = field(default_factory=dict)
    erased: Collection[str] = ()
    """Pseudonyms that were lately forgotten: whoever looked one up before may bring it still."""


class Judge:
    """One batch of one site: `judge` each unit, then write `rows`, `counters`, `answers`."""

    def __init__(self, site: SiteId, position: int, recorded_at: int, known: Known) -> None:
        self.position = position
        self.rows: list[Row] = []
        self.seen: list[tuple[Row, dict[str, Any]]] = []
        self.counters: dict[str, tuple[int, int | None]] = {}
        self.answers: dict[str, tuple[IdempotencyRow, int, int]] = {}
        self._site = site
        self._recorded_at = recorded_at
        self._known = known
        self._erased = set(known.erased)

    @property
    def has_writes(self) -> bool:
        """Whether any unit left something to write."""
        return bool(self.rows or self.counters or self.answers)

    def judge(self, unit: Unit) -> Appended:
        """Accepts a unit, or raises why not: AlreadyDone, Erased, VersionConflict, DuplicateEvent,
        LimitReached."""
        asked = unit.asked
        if asked.once is not None:
            self._refuse_repeat(asked.once)
        if self._erased:
            self._refuse_forgotten(unit.events, asked.once.about if asked.once else ())
        for stream, version in asked.expect.items():
            self._refuse_version(stream.bytes, version)
        keys = self._keys_of(unit.events, refuse=asked.refuse_duplicates)
        moved = self._moved(asked.move)
        positions = self._accept(unit.events, keys)
        self._known.used.update({key: used for key, (used, _) in moved.items()})
        self.counters.update(moved)
        if asked.once is not None:
            self._keep(asked.once)
        return Appended(positions, self.position, self._recorded_at)

    def _refuse_repeat(self, once: IdempotencyRow) -> None:
        stored = self._known.answers.get(once.scope)
        if stored is not None:
            raise AlreadyDone(stored)

    def _refuse_forgotten(self, events: Iterable[Prepared], about: Iterable[str]) -> None:
        if not self._erased.isdisjoint(about):
            raise Erased("key_destroyed", "the person this answers about was forgotten")
        for event in events:
            if event.topic != ERASED and _names_any(event, self._erased):
                raise Erased("key_destroyed", "the person this is about was forgotten")

    def _refuse_version(self, stream: bytes, expected: int) -> None:
        current = self._known.versions.get(stream, 0)
        if current != expected:
            detail = "it was changed since it was read"
            raise VersionConflict("version_conflict", detail, expected=expected, current=current)

    def _keys_of(self, events: Iterable[Prepared], *, refuse: bool) -> list[Key | None]:
        """The key of each event that goes in, None for one that is there already."""
        keys: list[Key | None] = []
        own: set[Key] = set()
        last: dict[bytes, int] = {}
        for event in events:
            before = last.get(event.stream, self._known.versions.get(event.stream, 0))
            version = before + 1 if event.version is None else event.version
            key = (event.stream, version)
            if key in own or key in self._known.taken:
                if refuse:
                    raise DuplicateEvent("duplicate_event", "an event of that key is in the log")
                keys.append(None)
                continue
            last[event.stream] = max(version, before)
            own.add(key)
            keys.append(key)
        return keys

    def _moved(self, counters: Sequence[Counter]) -> dict[str, tuple[int, int | None]]:
        moved: dict[str, tuple[int, int | None]] = {}
        for counter in counters:
            before = moved.get(counter.key, (self._known.used.get(counter.key, 0), None))[0]
            used = before + counter.by
            if counter.limit is not None and counter.by > 0 and used > counter.limit:
                at = {"counter": counter.key, "used": used, "most": counter.limit}
                raise LimitReached("limit_reached", "a limit is used up", **at)
            moved[counter.key] = (used, counter.limit)
        return moved

    def _accept(
        self, events: Sequence[Prepared], keys: Sequence[Key | None]
    ) -> tuple[int | None, ...]:
        positions: list[int | None] = []
        now = self._recorded_at
        for event, key in zip(events, keys, strict=True):
            if key is None:
                positions.append(None)
                continue
            stream, version = key
            self._known.taken.add(key)
            self._known.versions[stream] = max(version, self._known.versions.get(stream, 0))
            self.position += 1
            positions.append(self.position)
            given = event.occurred_at
            occurred_at = now if given is None or given > now else given
            row = (
                self._site,
                self.position,
                stream,
                version,
                event.topic,
                event.shopper,
                occurred_at,
                now,
                event.state,
            )
            self.rows.append(row)
            if event.data is not None:
                self.seen.append((row, event.data))
                if event.topic == ERASED:
                    self._erased.update(event.data["pseudonyms"])
        return tuple(positions)

    def _keep(self, once: IdempotencyRow) -> None:
        self.answers[once.scope] = (once, self.position, self._recorded_at + _KEPT)
        self._known.answers[once.scope] = StoredAnswer(
            once.request, once.status, once.body, self.position
        )


def _names_any(event: Prepared, names: Collection[str]) -> bool:
    """Whether an event is of, for or about one of these pseudonyms. A state is read only if one of
    them stands in it at all; what is sealed cannot hold one in its letters."""
    if event.shopper in names:
        return True
    if not any(name.encode() in event.state for name in names):
        return False
    state = orjson.loads(event.state)
    told = {name: value for name, value in state["open"].items() if name not in _COUNTS}
    text = orjson.dumps([told, state.get("key")])
    return any(name.encode() in text for name in names)

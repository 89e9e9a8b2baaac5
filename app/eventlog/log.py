"""The event log of a process: appends through its writer, reads on connections of its own."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from aggregates.kernel.clock import Clock
from aggregates.kernel.errors import AlreadyDone
from aggregates.kernel.errors import Erased
from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.ids import SiteId
from aggregates.log import Append
from aggregates.log import Appended
from aggregates.log import Head
from aggregates.log import NewEvent
from aggregates.log import RecordedEvent
from aggregates.log import StoredAnswer
from app.database import Stores
from app.eventlog import touched
from app.eventlog.chain import EMPTY
from app.eventlog.codec import Codec
from app.eventlog.judge import Prepared
from app.eventlog.judge import Unit
from app.eventlog.keys import KeyStore
from app.eventlog.reads import NO_END
from app.eventlog.reads import Reads
from app.eventlog.sealing import AnswerSeals
from app.eventlog.transaction import Transactions
from app.eventlog.writer import Writer
from projections import erased_shoppers
from projections.pinned import Pinned
from projections.projection import Projection


class SqlEventLog:
    """Implements aggregates.log.EventLog. `immediate` projections are written with their events."""

    def __init__(
        self, stores: Stores, keys: KeyStore, clock: Clock, immediate: Sequence[Projection] = ()
    ) -> None:
        self._clock = clock
        self._keys = keys
        self._answers = AnswerSeals(keys)
        self._store = stores.log
        self.codec = Codec(keys)
        self.pinned = Pinned(stores.log)
        """For whoever reads what is beside the log: what one read has seen, the next finds near."""
        self.reads = Reads(self.pinned)
        """Rows as they are stored, for the recorder."""
        self._writer = Writer(Transactions(stores.log, clock, immediate))
        self._followed = frozenset(t for projection in immediate for t in projection.topics)
        self._unsealed = frozenset(t for projection in immediate for t in projection.unseals)

    def append(self, unit: Append) -> Appended:
        """Durable when it returns; see EventLog."""
        site, once = unit.site, unit.once
        try:
            if once is not None:
                unit = replace(unit, once=self._answers.sealed(site, once))
            events = tuple([self._prepared(site, event) for event in unit.events])
            return self._writer.append(Unit(unit, events))
        except AlreadyDone as done:
            assert once is not None
            raise AlreadyDone(self._opened(site, once.scope, done.answer)) from None
        except Erased:
            self._forget(site)
            raise

    def append_stored(
        self, site: SiteId, rows: Sequence[tuple[UUID, int, str, bytes]]
    ) -> list[int]:
        """The library's entrance: (stream, version, topic, state) in, positions out. DuplicateEvent
        if any of them exists: then none of them is written."""
        events = tuple(
            Prepared(stream.bytes, version, topic, None, None, state, self._open(topic, state))
            for stream, version, topic, state in rows
        )
        done = self._writer.append(Unit(Append(site, refuse_duplicates=True), events))
        return [position for position in done.positions if position is not None]

    def close(self) -> None:
        """Writes what is waiting, then closes the connections."""
        self._writer.close()
        self.reads.close()

    def head(self, site: SiteId) -> Head:
        """The last committed position."""
        found = self.reads.head(site)
        return Head(0, EMPTY, 0) if found is None else Head(*found)

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
        """Events after a position, in order."""
        end = NO_END if upto is None else upto
        return self.codec.decode(self.reads.page(site, after, end, limit, topics=topics), unseal)

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
        """All events of these pseudonyms after a position, in order."""
        end = NO_END if upto is None else upto
        rows = self.reads.page(site, after, end, NO_END, topics=topics, shoppers=shoppers)
        return self.codec.decode(rows, unseal)

    def read_stream(
        self,
        site: SiteId,
        stream: UUID,
        *,
        upto: int | None = None,
        unseal: bool = False,
        last: bool = False,
    ) -> list[RecordedEvent]:
        """One stream by version."""
        end = NO_END if upto is None else upto
        return self.codec.decode(self.reads.stream(site, stream.bytes, end, last=last), unseal)

    def read_position(
        self, site: SiteId, position: int, *, unseal: bool = False
    ) -> RecordedEvent | None:
        """The event at a position."""
        found = self.read(site, position - 1, 1, upto=position, unseal=unseal)
        return found[0] if found else None

    def read_at(
        self,
        site: SiteId,
        positions: Sequence[int],
        *,
        topics: Collection[str] | None = None,
        unseal: bool | Collection[str] = False,
    ) -> list[RecordedEvent]:
        """The events at these positions, in order."""
        rows = self.reads.at(site, positions)
        wanted = rows if topics is None else [row for row in rows if row[4] in topics]
        return self.codec.decode(wanted, unseal)

    def positions_of(
        self,
        site: SiteId,
        shoppers: Sequence[Pseudonym],
        after: int,
        limit: int,
        *,
        upto: int | None = None,
    ) -> list[int]:
        """Where events of these pseudonyms stand; of the index alone."""
        end = NO_END if upto is None else upto
        return self.reads.positions_of(site, shoppers, after, end, limit)

    def position_at(self, site: SiteId, moment: int) -> int:
        """The last position that was recorded by a moment. Moments never go back along a log, so
        it is found by halving: twenty reads in a log of a million events."""
        low, high = 0, self.head(site).position
        while low < high:
            middle = (low + high + 1) // 2
            if self.reads.recorded_at(site, middle) <= moment:
                low = middle
            else:
                high = middle - 1
        return low

    def stored_answer(self, site: SiteId, scope: str) -> StoredAnswer | None:
        """The answer kept for an idempotency scope, if it is not past its hours."""
        found = self.reads.answer(site, scope, self._clock.now())
        return None if found is None else self._opened(site, scope, StoredAnswer(*found))

    def sites(self) -> list[SiteId]:
        """All sites that have a log."""
        return [SiteId(site) for site in self.reads.sites()]

    def _opened(self, site: SiteId, scope: str, stored: StoredAnswer) -> StoredAnswer:
        answer = self._answers.opened(site, scope, stored)
        if answer is None:
            raise Erased("answer_erased", "somebody whom this answered about was forgotten")
        return answer

    def _forget(self, site: SiteId) -> None:
        """Whoever is told of an erasure whose keys are still there destroys them: the process that
        erased may have died between the two."""
        with self._store.connect() as connection:
            begun = erased_shoppers.unfinished(connection, site)
        for erasure in begun:
            self._keys.destroy(site, erasure.pseudonyms, erasure.erased_at)
        self._keys.forget()
        touched.begin_again()

    def _open(self, topic: str, state: bytes) -> dict[str, Any] | None:
        return self.codec.open_fields(state) if topic in self._followed else None

    def _prepared(self, site: SiteId, event: NewEvent) -> Prepared:
        state = self.codec.encode(site, event)
        if event.topic in self._unsealed:
            data: dict[str, Any] | None = self.codec.all_fields(event, state)
        else:
            data = self._open(event.topic, state)
        return Prepared(
            event.stream_id.bytes,
            event.version,
            event.topic,
            event.shopper_id,
            event.occurred_at,
            state,
            data,
        )

"""Group commit: requests queue their units, one of them writes what waits, in one transaction.

Whoever finds nobody writing takes the turn and writes in its own thread: no other thread has to
wake up for a unit that came alone. It gives the turn away once its own unit is written.

A batch closes at 256 units, at 1 MB, or when the queue is empty: it never waits for company. A unit
that breaks a constraint, or whose projection fails, must not fail its neighbours: then the batch is
written again unit by unit. Whoever queued is woken after the commit, never before.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress

from aggregates.kernel.errors import LimitReached
from aggregates.kernel.errors import Unavailable
from aggregates.kernel.ids import SiteId
from aggregates.kernel.limits import WRITER_BATCH_BYTES_MAX
from aggregates.kernel.limits import WRITER_BATCH_UNITS_MAX
from aggregates.kernel.limits import WRITER_QUEUE_MAX
from aggregates.log import Appended
from app.eventlog.judge import Unit
from app.eventlog.transaction import Transactions
from app.outage import outage

_WAIT_S = 20.0  # in the queue; a commit that has begun is always waited for


class _Slot:
    """A unit and its one-shot future: a lock that is taken at birth. Without an outcome when it is
    released, the turn to write is its own."""

    __slots__ = ("done", "outcome", "unit")

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.outcome: Appended | BaseException | None = None
        self.done = threading.Lock()
        self.done.acquire()

    def finish(self, outcome: Appended | BaseException) -> None:
        self.outcome = outcome
        self.done.release()


class Writer:
    """The queue, and the turn to write from it."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions
        self._queue: deque[_Slot] = deque()
        self._turn = threading.Lock()
        self._closing = False

    def append(self, unit: Unit) -> Appended:
        """Waits until the unit is durable, or raises why it is not."""
        if self._closing or len(self._queue) >= WRITER_QUEUE_MAX:
            raise Unavailable("overloaded", "too much is waiting to be written")
        slot = _Slot(unit)
        self._queue.append(slot)
        if self._turn.acquire(blocking=False):
            self._lead(slot)
        else:
            self._wait(slot)
        outcome = slot.outcome
        if isinstance(outcome, Appended):
            return outcome
        assert outcome is not None
        raise outcome

    def close(self) -> None:
        """Lets what is queued be written, takes the turn for good, and closes the connection."""
        if not self._closing:
            self._closing = True
            self._turn.acquire()
            self._transactions.drop()

    def _lead(self, slot: _Slot) -> None:
        """Writes batches until this unit was in one; under the turn, which is given away after."""
        try:
            while slot.outcome is None:
                self._write(self._batch())
        finally:
            self._give_turn()

    def _wait(self, slot: _Slot) -> None:
        """Takes the unit back when nobody begins to write it in time; otherwise its end is near."""
        if not slot.done.acquire(timeout=_WAIT_S):
            try:
                self._queue.remove(slot)
            except ValueError:
                slot.done.acquire()
            else:
                raise Unavailable("overloaded", "it waited too long to be written")
        if slot.outcome is None:
            self._queue.appendleft(slot)
            self._lead(slot)

    def _give_turn(self) -> None:
        """To the first who waits. Whoever queues while nobody does finds the turn free, or is seen
        by the second look."""
        while True:
            with suppress(IndexError):
                self._queue.popleft().done.release()
                return
            self._turn.release()
            if not self._queue or not self._turn.acquire(blocking=False):
                return

    def _batch(self) -> list[_Slot]:
        batch: list[_Slot] = []
        room = WRITER_BATCH_BYTES_MAX
        while room > 0 and len(batch) < WRITER_BATCH_UNITS_MAX:
            try:
                slot = self._queue.popleft()
            except IndexError:
                break
            batch.append(slot)
            room -= slot.unit.size
        return batch

    def _write(self, batch: Sequence[_Slot]) -> None:
        """Each site's units in a transaction of their own, in order of arrival."""
        by_site: dict[SiteId, list[_Slot]] = {}
        for slot in batch:
            by_site.setdefault(slot.unit.asked.site, []).append(slot)
        try:
            for site, slots in by_site.items():
                self._commit(site, slots)
        finally:
            self._leave_nobody(batch)

    def _leave_nobody(self, batch: Sequence[_Slot]) -> None:
        """Ends the wait for a thread that was interrupted in the middle, as by Ctrl-C."""
        left = [slot for slot in batch if slot.outcome is None]
        if left:
            self._transactions.drop()
        for slot in left:
            slot.finish(Unavailable("commit_unknown", "the writer was interrupted"))

    def _commit(self, site: SiteId, slots: Sequence[_Slot]) -> None:
        units = [slot.unit for slot in slots]
        try:
            outcomes = self._transactions.commit(site, units)
        except Exception as error:
            self._transactions.drop()
            if len(slots) > 1 and outage(error) is None:
                for slot in slots:
                    self._commit(site, [slot])
            else:
                for slot in slots:
                    slot.finish(_failure(error, slot.unit))
        else:
            for slot, outcome in zip(slots, outcomes, strict=True):
                slot.finish(outcome)


def _failure(error: Exception, unit: Unit) -> Exception:
    """What the one who waits is told; each gets an error of their own."""
    away = outage(error)
    if away is not None:
        return away
    if "within_limit" in str(error):  # the last guard: the CHECK of the table
        keys = [counter.key for counter in unit.asked.move]
        return LimitReached("limit_reached", "a limit is used up", counter=keys[0])
    return error

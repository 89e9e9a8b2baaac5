"""Group commit: requests queue their units, one thread writes them, many in one transaction.

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
    """A unit and its one-shot future: a lock that is taken at birth."""

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
    """The queue and its thread, which begins with the first unit."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions
        self._queue: deque[_Slot] = deque()
        self._wake = threading.Lock()  # released: there is work
        self._wake.acquire()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closing = False

    def append(self, unit: Unit) -> Appended:
        """Waits until the unit is durable, or raises why it is not."""
        if self._closing or len(self._queue) >= WRITER_QUEUE_MAX:
            raise Unavailable("overloaded", "too much is waiting to be written")
        if self._thread is None:
            self._start()
        slot = _Slot(unit)
        self._queue.append(slot)
        self._rouse()
        if not slot.done.acquire(timeout=_WAIT_S):
            self._withdraw(slot)
        outcome = slot.outcome
        if isinstance(outcome, Appended):
            return outcome
        assert outcome is not None
        raise outcome

    def close(self) -> None:
        """Writes what is queued, then ends the thread and its connection."""
        with self._starting:
            self._closing = True
            thread = self._thread
        if thread is not None:
            self._rouse()
            thread.join()
        self._transactions.drop()

    def _start(self) -> None:
        with self._starting:
            if self._thread is None and not self._closing:
                self._thread = threading.Thread(target=self._run, name="log-writer", daemon=True)
                self._thread.start()

    def _rouse(self) -> None:
        with suppress(RuntimeError):  # it is awake already
            self._wake.release()

    def _withdraw(self, slot: _Slot) -> None:
        """Takes a unit back that nobody began to write; otherwise its end is near."""
        try:
            self._queue.remove(slot)
        except ValueError:
            slot.done.acquire()
        else:
            raise Unavailable("overloaded", "it waited too long to be written")

    def _run(self) -> None:
        while True:
            self._wake.acquire()
            while self._queue:
                self._write(self._batch())
            if self._closing:
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
        for site, slots in by_site.items():
            self._commit(site, slots)

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

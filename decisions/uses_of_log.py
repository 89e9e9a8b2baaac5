"""How far the counters of limits had moved at a position, told by the events alone."""

from __future__ import annotations

from collections import defaultdict
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from aggregates.kernel.ids import SiteId
from aggregates.log import EventLog
from aggregates.log import RecordedEvent
from aggregates.redemption import RESERVED
from aggregates.redemption import TOPICS

_PAGE = 5_000
_UNDONE_MAX = 1_000
"""Moves that are taken back one by one; a position before more of them begins anew."""
_Held = tuple[int, dict[str, int]]


@dataclass(frozen=True, slots=True)
class _Step:
    """One event and what it did to the reservation of its decision."""

    position: int
    moves: dict[str, int]
    decision: str
    before: _Held | None


class UsesOfLog:
    """The sum of all moves at a position. Going forward it reads on; decisions that were made at
    once stand in another order, for which the latest moves are taken back."""

    def __init__(self, log: EventLog, site: SiteId) -> None:
        self._log = log
        self._site = site
        self._begin()

    def at(self, position: int, now: int) -> dict[str, int]:
        """Every counter that had moved, without what reservations held whose time was over."""
        self._go_to(position)
        return self._moved(self._used, now)

    def of(self, keys: Iterable[str], position: int, now: int) -> dict[str, int]:
        """The same of these counters alone."""
        self._go_to(position)
        return self._moved([key for key in keys if key in self._used], now)

    def _moved(self, keys: Iterable[str], now: int) -> dict[str, int]:
        used = {key: self._used[key] for key in keys}
        for expires_at, moves in self._open.values() if used else ():
            if expires_at <= now:
                for key in moves.keys() & used.keys():
                    used[key] -= moves[key]
        return {key: by for key, by in used.items() if by}

    def _begin(self) -> None:
        self._used: defaultdict[str, int] = defaultdict(int)
        self._open: dict[str, _Held] = {}
        self._read_upto = 0
        self._latest: deque[_Step] = deque(maxlen=_UNDONE_MAX)
        self._forgotten = 0

    def _go_to(self, position: int) -> None:
        if position < self._forgotten:
            self._begin()
        while self._latest and self._latest[-1].position > position:
            self._take_back(self._latest.pop())
            self._read_upto = position
        while self._read_upto < position:
            self._read_page(position)

    def _read_page(self, upto: int) -> None:
        page = self._log.read(self._site, self._read_upto, _PAGE, upto=upto, topics=TOPICS)
        for event in page:
            self._move(event)
        self._read_upto = page[-1].position if len(page) == _PAGE else upto

    def _move(self, event: RecordedEvent) -> None:
        moves: dict[str, int] = event.data["moves"]
        decision: str = event.data.get("decision_id", "")
        if len(self._latest) == _UNDONE_MAX:
            self._forgotten = self._latest[0].position
        self._latest.append(_Step(event.position, moves, decision, self._open.get(decision)))
        for key, by in moves.items():
            self._used[key] += by
        if event.topic == RESERVED:
            self._open[decision] = (event.data["expires_at"], moves)
        elif "reservation_id" in event.data:
            self._open.pop(decision, None)

    def _take_back(self, step: _Step) -> None:
        for key, by in step.moves.items():
            self._used[key] -= by
        if step.before is None:
            self._open.pop(step.decision, None)
        else:
            self._open[step.decision] = step.before

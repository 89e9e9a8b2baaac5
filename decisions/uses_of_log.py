"""How far the counters of limits had moved at a position, told by the events alone."""

from __future__ import annotations

from collections import defaultdict

from aggregates.kernel.ids import SiteId
from aggregates.log import EventLog
from aggregates.redemption import RESERVED
from aggregates.redemption import TOPICS

_PAGE = 5_000


class UsesOfLog:
    """The sum of all moves at a position. Going forward it reads on; for an earlier position than
    the last that moved something it begins anew, as decisions/past.py does with the catalogue."""

    def __init__(self, log: EventLog, site: SiteId) -> None:
        self._log = log
        self._site = site
        self._begin()

    def at(self, position: int, now: int) -> dict[str, int]:
        """Every counter that had moved, without what reservations held whose time was over."""
        if position < self._last:
            self._begin()
        while self._read_upto < position:
            self._read_page(position)
        used = dict(self._used)
        for expires_at, moves in self._open.values():
            if expires_at <= now:
                for key, by in moves.items():
                    used[key] -= by
        return {key: by for key, by in used.items() if by}

    def _begin(self) -> None:
        self._used: defaultdict[str, int] = defaultdict(int)
        self._open: dict[str, tuple[int, dict[str, int]]] = {}
        self._read_upto = 0
        self._last = 0

    def _read_page(self, upto: int) -> None:
        page = self._log.read(self._site, self._read_upto, _PAGE, upto=upto, topics=TOPICS)
        for event in page:
            self._last = event.position
            for key, by in event.data["moves"].items():
                self._used[key] += by
            decision: str = event.data.get("decision_id", "")
            if event.topic == RESERVED:
                self._open[decision] = (event.data["expires_at"], event.data["moves"])
            elif "reservation_id" in event.data:
                self._open.pop(decision, None)
        self._read_upto = page[-1].position if len(page) == _PAGE else upto

"""Generated codes as they were at a position, told by the events that added and deleted them."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from aggregates.coupon import ADDED
from aggregates.coupon import DELETED
from aggregates.kernel.ids import SiteId
from aggregates.log import EventLog
from aggregates.log import RecordedEvent
from projections.coupons import Coupon
from projections.coupons import rows_of
from rulesets.cart_rules import coupon_key

_PAGE = 100  # events of a thousand codes


class CodesOfLog:
    """Codes of a site. What was deleted is remembered, as far as it was read; of what was added,
    only the event that a code stands in is read."""

    def __init__(self, log: EventLog, site: SiteId) -> None:
        self._log = log
        self._site = site
        self._read_upto = 0
        self._deleted: defaultdict[tuple[str, str], list[int]] = defaultdict(list)

    def at(
        self, position: int, keys: Sequence[str], now: Mapping[str, Coupon]
    ) -> dict[str, Coupon]:
        """The codes with these keys. `now`: those that there are today, which say where to look and
        are believed in nothing; for the others the log is searched."""
        found: dict[str, Coupon] = {}
        lost = []
        for key in keys:
            known = now.get(key)
            told = self._told(key, known.position, position) if known is not None else None
            if told is None:
                lost.append(key)
            else:
                found[key] = told
        return found | self._searched(set(lost), position) if lost else found

    def _told(self, key: str, at: int, position: int) -> Coupon | None:
        """The code that was added at `at`, if it was, and was still there at the position."""
        event = self._log.read_position(self._site, at) if 0 < at <= position else None
        if event is None or event.topic != ADDED:
            return None
        coupon = _added(event, {key}).get(key)
        if coupon is None or self._is_deleted(coupon.rule_id, key, at, position):
            return None
        return coupon

    def _is_deleted(self, rule_id: str, key: str, after: int, upto: int) -> bool:
        while self._read_upto < upto:
            page = self._read(self._read_upto, upto, DELETED)
            for event in page:
                for code in event.data["codes"]:
                    place = (event.data["rule_id"], coupon_key(code))
                    self._deleted[place].append(event.position)
            self._read_upto = page[-1].position if len(page) == _PAGE else upto
        moments = self._deleted.get((rule_id, key), ())
        return bisect_right(moments, after) < bisect_right(moments, upto)

    def _searched(self, keys: set[str], position: int) -> dict[str, Coupon]:
        found: dict[str, Coupon] = {}
        after = 0
        while True:
            page = self._read(after, position, ADDED, DELETED)
            for event in page:
                if event.topic == ADDED:
                    found |= _added(event, keys)
                else:
                    for code in event.data["codes"]:
                        _forget(found, coupon_key(code), event.data["rule_id"])
            if len(page) < _PAGE:
                return found
            after = page[-1].position

    def _read(self, after: int, upto: int, *topics: str) -> list[RecordedEvent]:
        return self._log.read(self._site, after, _PAGE, upto=upto, topics=frozenset(topics))


def _added(event: RecordedEvent, keys: set[str]) -> dict[str, Coupon]:
    found: dict[str, Coupon] = {}
    for row in rows_of(event):
        if row["code_key"] in keys:
            values: list[Any] = [row.get(name) for name in Coupon.__slots__]
            found[row["code_key"]] = Coupon(*values)
    return found


def _forget(found: dict[str, Coupon], key: str, rule_id: str) -> None:
    if key in found and found[key].rule_id == rule_id:
        del found[key]

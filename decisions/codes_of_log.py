"""Generated codes as they were at a position, told by the events that added and deleted them."""

from __future__ import annotations

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


def codes_as_of(
    log: EventLog, site: SiteId, keys: Sequence[str], position: int, now: Mapping[str, Coupon]
) -> dict[str, Coupon]:
    """The codes with these keys. `now`: those that there are today, which say where to look; only
    for a code that was deleted or added anew since then is the log searched."""
    found: dict[str, Coupon] = {}
    lost = []
    for key in keys:
        known = now.get(key)
        if known is not None and known.position <= position:
            event = log.read_position(site, known.position)
            assert event is not None
            found |= _added(event, {key})
        else:
            lost.append(key)
    return found | _searched(log, site, set(lost), position) if lost else found


def _searched(log: EventLog, site: SiteId, keys: set[str], position: int) -> dict[str, Coupon]:
    found: dict[str, Coupon] = {}
    after = 0
    while True:
        page = log.read(site, after, _PAGE, upto=position, topics=frozenset({ADDED, DELETED}))
        for event in page:
            if event.topic == ADDED:
                found |= _added(event, keys)
            else:
                for code in event.data["codes"]:
                    _forget(found, coupon_key(code), event.data["rule_id"])
        if len(page) < _PAGE:
            return found
        after = page[-1].position


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

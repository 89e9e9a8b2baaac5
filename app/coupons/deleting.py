"""Deleting codes. How often a code was used stays counted: one that comes again goes on with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from typing import Any

from aggregates.coupon import DELETED
from aggregates.coupon import deletions_stream
from aggregates.kernel.errors import Unavailable
from aggregates.kernel.errors import VersionConflict
from aggregates.kernel.ids import SiteId
from aggregates.log import Append
from aggregates.log import NewEvent
from app.coupons.asking import Author
from projections import coupons
from projections.coupons import Coupon
from rulesets.cart_rules import coupon_key

if TYPE_CHECKING:
    from app.wiring import Services

_ATTEMPTS = 100


def delete_codes(
    services: Services, site: SiteId, rule_id: str, codes: Sequence[str], author: Author
) -> tuple[dict[str, Any], int]:
    """The codes of a rule, as far as it has them; the answer, and the log position."""
    written = {coupon_key(code): code for code in reversed(codes)}
    stream = deletions_stream(site, rule_id)
    for _ in range(_ATTEMPTS):
        last = services.log.read_stream(site, stream, last=True)
        version = last[0].version if last else 0
        found = coupons.find(services.log.pinned, site, written)
        own = [coupon.code for coupon in found.values() if coupon.rule_id == rule_id]
        gone = {coupon_key(code) for code in own}
        missing = [code for key, code in reversed(written.items()) if key not in gone]
        answer = {"deleted": len(own), "missing": missing}
        data = {"rule_id": rule_id, "codes": sorted(own), **_by(author)}
        events = (NewEvent(stream, version + 1, DELETED, data),) if own else ()
        unit = Append(site, events, {stream: version}, once=author.once(200, answer))
        try:
            return answer, services.log.append(unit).log_position
        except VersionConflict:
            continue  # another author deleted codes of this rule
    raise Unavailable("busy_authors", "too many authors delete codes at this moment")


def delete_code(services: Services, site: SiteId, coupon: Coupon, author: Author) -> int:
    """One code that is there; the log position."""
    answer = {"code": coupon.code, "deleted": True}
    data = {"rule_id": coupon.rule_id, "codes": [coupon.code], **_by(author)}
    event = NewEvent(deletions_stream(site, coupon.rule_id), None, DELETED, data)
    return services.log.append(Append(site, (event,), once=author.once(200, answer))).log_position


def _by(author: Author) -> dict[str, str | None]:
    return {"actor": author.key_id, "note": author.note}

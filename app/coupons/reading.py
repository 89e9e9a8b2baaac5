"""Reading codes with their uses: one, a page, or all of a rule as CSV in constant memory."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from collections.abc import Sequence
from typing import TYPE_CHECKING
from typing import Any

from aggregates.kernel.clock import format_moment
from aggregates.kernel.errors import NotFound
from aggregates.kernel.ids import SiteId
from app.coupons.views import coupon_view
from app.coupons.views import specific_view
from decisions.as_of import AsOf
from decisions.rules_as_of import compiled_as_of
from decisions.usage_as_of import coupon_as_of
from projections import coupons
from projections.coupons import Coupon
from projections.coupons import uses_counter
from rulesets.cart_rules import coupon_key
from rulesets.coupon_codes import malformed
from rulesets.usage import COUPON_USES
from rulesets.usage import counter_key

if TYPE_CHECKING:
    from app.wiring import Services

CSV_COLUMNS = ("code", "created_at", "expires_at", "used", "times_used")
_AT_ONCE = 1_000


def coupon_named(services: Services, site: SiteId, code: str) -> Coupon:
    """The coupon of a code; NotFound `coupon_unknown`, also for one that was deleted."""
    if not malformed(code):
        for found in coupons.find(services.log.pinned, site, [coupon_key(code)]).values():
            return found
    raise NotFound("coupon_unknown", "no coupon of this site has this code")


def shown(services: Services, site: SiteId, some: Sequence[Coupon]) -> list[dict[str, Any]]:
    """Coupons as answers show them."""
    compiled = services.revisions.current(site)
    now = services.clock.now()
    uses = _uses(services, site, some)
    return [
        coupon_view(coupon, used, compiled, now) for coupon, used in zip(some, uses, strict=True)
    ]


def one_shown(
    services: Services, site: SiteId, code: str, then: AsOf | None = None
) -> dict[str, Any]:
    """A code by its name: that of a live rule itself, else a generated one; NotFound. Now, or as
    the log tells of a position."""
    if then is not None:
        compiled = compiled_as_of(services.means, site, then.position)
        was, times = coupon_as_of(services.means, site, compiled, code, then)
        if isinstance(was, Coupon):
            return coupon_view(was, times, compiled, then.at)
        return specific_view(was, times, then.at)
    rules = services.revisions.now(site).rules_by_coupon.get(coupon_key(code))
    if not rules:
        return shown(services, site, [coupon_named(services, site, code)])[0]
    now, key = services.clock.now(), counter_key(rules[0].id, COUPON_USES, "", None)
    assert key is not None
    used = services.means.reads.usage(site, (), [key], now).used
    return specific_view(rules[0], used.get(key, 0), now)


def csv_of_rule(services: Services, site: SiteId, rule_id: str) -> Iterator[str]:
    """All codes of a rule, line by line, by code. What is added or deleted meanwhile may be in it
    or not; every other code is in it once."""
    yield _lines([CSV_COLUMNS])
    after = ""
    while True:
        with services.stores.log.connect() as connection:
            page = coupons.of_rule(connection, site, rule_id, after, _AT_ONCE)
        if not page:
            return
        uses = _uses(services, site, page)
        yield _lines([_row(coupon, used) for coupon, used in zip(page, uses, strict=True)])
        after = page[-1].code_key


def _uses(services: Services, site: SiteId, some: Sequence[Coupon]) -> list[int]:
    names = [uses_counter(coupon.code_key) for coupon in some]
    if not names:
        return []
    now = services.clock.now()
    used = services.means.reads.usage(site, (), names, now).used
    return [used.get(name, 0) for name in names]


def _row(coupon: Coupon, used: int) -> Sequence[Any]:
    expires = "" if coupon.expires_at is None else format_moment(coupon.expires_at)
    created = format_moment(coupon.created_at)
    return (coupon.code, created, expires, "yes" if used else "no", used)


def _lines(rows: Sequence[Sequence[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()

"""The report of coupons: what each code of each rule was used for, by interval and currency."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING
from typing import Any

from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import Problem
from aggregates.kernel.ids import SiteId
from aggregates.kernel.limits import REPORT_ROWS_MAX
from aggregates.kernel.money import format_money
from app.reports.calendar import Interval
from app.reports.calendar import intervals
from decisions.claims import deciding
from projections import coupon_uses
from projections import definition_reads
from projections import revisions
from projections import sites
from projections.coupon_uses import UsesOf
from projections.coupon_uses import Wanted
from projections.days import zone_named

if TYPE_CHECKING:
    from app.wiring import Services

Json = dict[str, Any]
COLUMNS = (
    "interval",
    "coupon",
    "rule_id",
    "rule_name",
    "currency",
    "uses",
    "uses_settled",
    "uses_over_limit",
    "uses_given_back",
    "orders_subtotal",
    "orders_discount",
    "orders_total",
    "coupon_discount",
    "orders_refunded",
)
_EMPTY: Json = {name: 0 if name.startswith("uses") else None for name in COLUMNS}
_LINES = 500  # of one piece of the stream


@dataclass(frozen=True, slots=True)
class Asked:
    """Which uses, by which intervals. `updated`: by when an order's uses last changed, not by when
    it used them. `empty_rows`: an interval without uses has a row too."""

    first: date
    last: date
    period: str
    rule_id: str | None = None
    coupon: str | None = None
    statuses: frozenset[str] = frozenset()
    updated: bool = False
    empty_rows: bool = False


def as_json(services: Services, site: SiteId, asked: Asked) -> Json:
    """All rows; InvalidInput `report_too_long` if there are more than an answer holds."""
    items = list(islice(rows(services, site, asked), REPORT_ROWS_MAX + 1))
    if len(items) > REPORT_ROWS_MAX:
        detail = f"more than {REPORT_ROWS_MAX} rows: ask for CSV, or for less"
        raise InvalidInput([Problem("/format", "report_too_long", detail)])
    return {
        "from": asked.first.isoformat(),
        "to": asked.last.isoformat(),
        "period": asked.period,
        "date": "updated" if asked.updated else "created",
        "status": sorted(asked.statuses),
        "time_zone": _zone(services, site),
        "items": items,
    }


def as_csv(services: Services, site: SiteId, asked: Asked) -> Iterator[str]:
    """The same rows, piece by piece, with the names of the columns before them."""
    found = rows(services, site, asked)
    lines: list[Any] = [COLUMNS]
    while lines:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(lines)
        yield text.getvalue()
        lines = [[row[name] for name in COLUMNS] for row in islice(found, _LINES)]


def rows(services: Services, site: SiteId, asked: Asked) -> Iterator[Json]:
    """By interval, then by code, rule and currency."""
    names = _Names(services, site)
    zone = zone_named(_zone(services, site))
    rule_id = names.id_of(asked.rule_id) if asked.rule_id is not None else None
    for interval in intervals(asked.first, asked.last, asked.period, zone):
        is_empty = True
        with services.stores.read.connect() as connection:
            wanted = Wanted(
                (interval.start, interval.end),
                asked.updated,
                rule_id,
                asked.coupon,
                asked.statuses,
            )
            for uses in coupon_uses.summed(connection, site, wanted):
                is_empty = False
                yield _row(interval, uses, names)
        if is_empty and asked.empty_rows:
            yield {**_EMPTY, "interval": interval.name}


class _Names:
    """Names of rules: of the live one, else as it was saved last; None if it was deleted."""

    def __init__(self, services: Services, site: SiteId) -> None:
        self._services = services
        self._site = site
        self._live = deciding(services.means, site).rules
        self._known: dict[str, str | None] = {}

    def id_of(self, name: str) -> str:
        """Of a rule by its id or key; a rule that nobody knows has no rows."""
        with self._services.stores.log.connect() as connection:
            stored = definition_reads.find(connection, self._site, "cart-rules", name)
        return name if stored is None else stored.id

    def of(self, rule_id: str) -> str | None:
        if rule_id not in self._known:
            live = self._live.get(rule_id)
            self._known[rule_id] = live.name if live is not None else self._saved(rule_id)
        return self._known[rule_id]

    def _saved(self, rule_id: str) -> str | None:
        with self._services.stores.log.connect() as connection:
            stored = definition_reads.find(connection, self._site, "cart-rules", rule_id)
            if stored is None:
                return None
            bodies = revisions.bodies(connection, self._site, [stored.digest])
        name: str = bodies[stored.digest]["name"]
        return name


def _zone(services: Services, site: SiteId) -> str:
    with services.stores.log.connect() as connection:
        return sites.get(connection, site).settings.time_zone


def _row(interval: Interval, uses: UsesOf, names: _Names) -> Json:
    money = {
        "orders_subtotal": uses.subtotal_minor,
        "orders_discount": uses.discount_minor,
        "orders_total": uses.total_minor,
        "coupon_discount": uses.amount_minor,
        "orders_refunded": uses.refunded_minor,
    }
    return {
        "interval": interval.name,
        "coupon": uses.coupon,
        "rule_id": uses.rule_id,
        "rule_name": names.of(uses.rule_id),
        "currency": uses.currency,
        "uses": uses.uses,
        "uses_settled": uses.settled,
        "uses_over_limit": uses.over_limit,
        "uses_given_back": uses.given_back,
        **{name: format_money(minor, uses.currency) for name, minor in money.items()},
    }

"""GET /v1/reports/coupons: what coupons were used for, as JSON or CSV."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Response
from flask import request

from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import Problem
from aggregates.kernel.limits import REPORT_DAYS_MAX
from app.edge.answers import respond
from app.edge.auth import caller
from app.edge.auth import require
from app.edge.blueprint import Blueprint
from app.edge.min_position import from_query
from app.edge.min_position import wait_for
from app.edge.queries import only
from app.reports.calendar import PERIODS
from app.reports.coupons import Asked
from app.reports.coupons import as_csv
from app.reports.coupons import as_json
from app.schemas.report import CouponReportSchema
from app.wiring import Services
from projections.coupon_uses import STATUSES

_NAMED = {
    "period": PERIODS,
    "date": ("created", "updated"),
    "format": ("json", "csv"),
    "empty_rows": ("false", "true"),
}
"""Parameters with a few values; the first is the default."""
_FILTERS = ("from", "to", *_NAMED, "status", "rule_id", "coupon")


def blueprint(services: Services) -> Blueprint:
    """Reports for auditors."""
    routes = Blueprint("reports", __name__, description="Sums over what was recorded.")

    @routes.route("/v1/reports/coupons", parameters=_parameters())
    @require("audit")
    @routes.answers(200, CouponReportSchema)
    def of_coupons() -> Response:
        """Uses of coupons by day, month or year of the site's time zone. An order with two codes
        stands in two rows, each with the amounts of the order; what was settled from the order's
        own events knows its total alone. `date`: by when orders used them, or by when that last
        changed. `status`: of the orders, one or several with commas."""
        only(_FILTERS)
        site, asked = caller().site, _asked()
        head = services.log.head
        wait_for(from_query(), lambda: head(site).position - services.follower.lag(site))
        if _one_of("format") == "json":
            return respond(200, as_json(services, site, asked))
        name = f"coupons-{asked.first}-{asked.last}.csv"
        headers = {
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="{name}"',
        }
        lines = as_csv(services, site, asked)
        return Response(lines, 200, headers, content_type="text/csv; charset=utf-8")

    return routes


def _asked() -> Asked:
    first, last = _day("from"), _day("to")
    if first > last:
        raise _wrong("to", "from_after_to", "`from` is the first day and `to` the last")
    if (last - first).days >= REPORT_DAYS_MAX:
        raise _wrong("to", "too_many_days", f"at most {REPORT_DAYS_MAX} days")
    return Asked(
        first,
        last,
        _one_of("period"),
        request.args.get("rule_id"),
        request.args.get("coupon"),
        _statuses(),
        _one_of("date") == "updated",
        _one_of("empty_rows") == "true",
    )


def _day(name: str) -> date:
    text = request.args.get(name)
    if text is None:
        raise _wrong(name, "required", "a day such as 2026-11-23")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if day.isoformat() != text or not 1970 <= day.year <= 9998:
        raise _wrong(name, "not_a_date", "write a day as 2026-11-23")
    return day


def _one_of(name: str) -> str:
    known = _NAMED[name]
    text = request.args.get(name, known[0])
    if text not in known:
        raise _wrong(name, "not_one_of", f"one of {', '.join(known)}")
    return text


def _statuses() -> frozenset[str]:
    """None are all of them."""
    text = request.args.get("status")
    named = frozenset() if text is None else frozenset(text.split(","))
    if not named <= set(STATUSES):
        raise _wrong("status", "not_one_of", f"{', '.join(STATUSES)}, or several with commas")
    return named


def _wrong(name: str, code: str, detail: str) -> InvalidInput:
    return InvalidInput([Problem(f"/{name}", code, detail)])


def _parameters() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for name in _FILTERS:
        schema: dict[str, Any] = {"type": "string"}
        if name in _NAMED:
            schema |= {"enum": [*_NAMED[name]], "default": _NAMED[name][0]}
        if name in {"from", "to"}:
            schema["format"] = "date"
        needed = name in {"from", "to"}
        found.append({"in": "query", "name": name, "schema": schema, "required": needed})
    return found

"""Coupon codes: batches of them for a rule, lists and CSV, and each code by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Any

from flask import Response
from flask import request

from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import NotFound
from aggregates.kernel.errors import Problem
from app.authoring.noting import noted
from app.coupons.asking import Author
from app.coupons.asking import ask_generated
from app.coupons.asking import ask_imported
from app.coupons.asking import rule_with_codes
from app.coupons.deleting import delete_code
from app.coupons.deleting import delete_codes
from app.coupons.reading import coupon_named
from app.coupons.reading import csv_of_rule
from app.coupons.reading import one_shown
from app.coupons.reading import shown
from app.coupons.uploading import upload
from app.coupons.views import batch_view
from app.edge.answers import respond
from app.edge.auth import caller
from app.edge.auth import require
from app.edge.blueprint import Blueprint
from app.edge.body import read_json
from app.edge.idempotency import once
from app.edge.min_position import from_query
from app.edge.min_position import wait_for
from app.edge.notes import NOTE
from app.edge.notes import note_asked
from app.edge.pagination import PARAMETERS
from app.edge.pagination import page
from app.edge.queries import only
from app.edge.streams import whole_stream
from app.edge.validation import load
from app.http.past import AS_OF
from app.http.past import asked_past
from app.schemas.coupon import AskedCouponBatchSchema
from app.schemas.coupon import CouponBatchSchema
from app.schemas.coupon import CouponGoneSchema
from app.schemas.coupon import CouponPageSchema
from app.schemas.coupon import CouponsDeletedSchema
from app.schemas.coupon import CouponsDeleteSchema
from app.schemas.coupon import CouponsGenerateSchema
from app.schemas.coupon import StoredCouponSchema
from projections import coupon_batches
from projections import coupons
from projections import definition_reads

if TYPE_CHECKING:
    from app.wiring import Services

_CSV = {
    "type": "string",
    "description": "CSV: a header with `code` and any of `expires_at`, `uses_per_coupon`,"
    " `uses_per_customer`, then one code a line. Plain with a Content-Length, or gzip.",
}
_FORMAT: dict[str, Any] = {
    "in": "query",
    "name": "format",
    "schema": {"type": "string", "enum": ["json", "csv"]},
    "description": "`csv` streams all codes at once.",
}


def blueprint(services: Services) -> Blueprint:
    """All of them under `author`."""
    routes = Blueprint("coupons", __name__, description="Codes of rules with generated coupons.")
    _add_batches(routes, services)
    _add_codes(routes, services)
    return routes


def _add_batches(routes: Blueprint, services: Services) -> None:
    @routes.route("/v1/cart-rules/<name>/coupons/generate", methods=["POST"], parameters=[NOTE])
    @require("author")
    @routes.takes(CouponsGenerateSchema)
    @routes.answers(202, AskedCouponBatchSchema)
    def generate(name: str) -> Response:
        """Asks for a batch of random codes."""
        asked = load(CouponsGenerateSchema(), read_json())
        return respond(202, *ask_generated(services, caller().site, name, asked, _author(services)))

    @routes.route("/v1/cart-rules/<name>/coupons/import", methods=["POST"], parameters=[NOTE])
    @require("author", streamed=True)
    @routes.takes(_CSV)
    @routes.answers(202, AskedCouponBatchSchema)
    def import_codes(name: str) -> Response:
        """Asks for a batch of the codes of a CSV file."""
        site, who = caller().site, _author(services)
        with services.stores.log.connect() as connection:
            rule_id = rule_with_codes(connection, site, name)
        uploaded = upload(services, site, rule_id, whole_stream())
        return respond(202, *ask_imported(services, site, rule_id, uploaded, who))

    @routes.route("/v1/coupon-batches/<batch>")
    @require("author")
    @routes.answers(200, CouponBatchSchema)
    def one_batch(batch: str) -> Response:
        """A batch: what was asked for, how far it is, what was refused."""
        site = caller().site
        _wait(services)
        with services.stores.log.connect() as connection:
            found = coupon_batches.find(connection, site, batch)
        if found is None:
            raise NotFound("batch_unknown", "no batch of coupons by that id")
        return respond(200, batch_view(found))


def _add_codes(routes: Blueprint, services: Services) -> None:
    @routes.route("/v1/cart-rules/<name>/coupons", parameters=[*PARAMETERS, _FORMAT])
    @require("author")
    @routes.answers(200, CouponPageSchema)
    def listing(name: str) -> Response:
        """The codes of a rule by code: a page of them, or all as CSV."""
        only({"format"})
        site, asked, as_csv = caller().site, page(), _as_csv()
        _wait(services)
        rule_id = _rule(services, name)
        if as_csv:
            lines = csv_of_rule(services, site, rule_id)
            headers = {
                "Cache-Control": "no-store",
                "Content-Disposition": f'attachment; filename="coupons-{rule_id}.csv"',
            }
            return Response(lines, 200, headers, content_type="text/csv; charset=utf-8")
        with services.stores.log.connect() as connection:
            found = coupons.of_rule(connection, site, rule_id, _key(asked.after), asked.limit + 1)
        items, cursor = asked.of(found, lambda coupon: coupon.code_key)
        return respond(200, {"items": shown(services, site, items), "next_cursor": cursor})

    @routes.route("/v1/cart-rules/<name>/coupons/delete", methods=["POST"], parameters=[NOTE])
    @require("author")
    @routes.takes(CouponsDeleteSchema)
    @routes.answers(200, CouponsDeletedSchema)
    def delete_many(name: str) -> Response:
        """Deletes codes of a rule; those that it does not have are named."""
        asked = load(CouponsDeleteSchema(), read_json())
        site, rule_id = caller().site, _rule(services, name)
        return respond(
            200, *delete_codes(services, site, rule_id, asked["codes"], _author(services))
        )

    @routes.route("/v1/coupons/<anything:code>")
    @require("author", "audit")
    @routes.queries([AS_OF])
    @routes.answers(200, StoredCouponSchema)
    def one(code: str) -> Response:
        """A coupon: its state, its rule and its uses, now or as of a moment."""
        only({"as_of"})
        site = caller().site
        then = asked_past(services.means, site)
        return respond(200, one_shown(services, site, code, then))

    @routes.route("/v1/coupons/<anything:code>", methods=["DELETE"], parameters=[NOTE])
    @require("author")
    @routes.answers(200, CouponGoneSchema)
    def delete_one(code: str) -> Response:
        """Deletes a code."""
        site = caller().site
        coupon = coupon_named(services, site, code)
        position = delete_code(services, site, coupon, _author(services))
        return respond(200, {"code": coupon.code, "deleted": True}, position)


def _author(services: Services) -> Author:
    who = caller()
    return Author(who.key_id, once, noted(services.stores.log, who.site, note_asked()))


def _rule(services: Services, name: str) -> str:
    with services.stores.log.connect() as connection:
        return definition_reads.get(connection, caller().site, "cart-rules", name).id


def _wait(services: Services) -> None:
    site = caller().site
    wait_for(from_query(), lambda: services.log.head(site).position)


def _as_csv() -> bool:
    asked = request.args.get("format", "json")
    if asked not in ("json", "csv"):
        raise InvalidInput([Problem("/format", "not_one_of", "one of json, csv")])
    return asked == "csv"


def _key(after: Any) -> str:
    if after is None:
        return ""
    if not isinstance(after, str) or "\0" in after:
        raise InvalidInput([Problem("/cursor", "invalid_cursor", "not a cursor of this list")])
    return after

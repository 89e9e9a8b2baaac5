"""What a product costs and cost: its prices, and the lowest of the 30 days before a reduction."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Any

from flask import Response
from flask import request

from aggregates.kernel.clock import format_moment
from aggregates.kernel.errors import NotFound
from aggregates.kernel.money import format_money
from app.edge.answers import respond
from app.edge.auth import caller
from app.edge.auth import require
from app.edge.blueprint import Blueprint
from app.edge.min_position import from_query
from app.edge.min_position import wait_for
from app.edge.queries import only
from app.schemas.prices import PricesSchema
from decisions.prior_prices import prices_upto
from projections.price_history import PRIOR_DAYS
from projections.price_history import Price
from projections.price_history import lowest
from projections.price_history import reduction_of
from projections.price_history import since_window

if TYPE_CHECKING:
    from app.wiring import Services

_STORE_VIEW = {"in": "query", "name": "store_view", "schema": {"type": "string"}}


def blueprint(services: Services) -> Blueprint:
    """For whoever prices, shows or audits."""
    routes = Blueprint("prices", __name__, description="What products cost, and cost before.")

    @routes.route("/v1/catalog/products/<anything:sku>/prices", parameters=[_STORE_VIEW])
    @require("ingest", "decide", "audit")
    @routes.answers(200, PricesSchema)
    def prices(sku: str) -> Response:
        """The price in a store view, its reduction, and the lowest price of the 30 days before."""
        only({"store_view"})
        site, view = caller().site, request.args.get("store_view")
        wait_for(from_query(), lambda: services.log.head(site).position)
        head = services.log.head(site).position
        found = prices_upto(services.log, site, sku, view, head)
        if not found:
            raise NotFound("product_unknown", "no product with this SKU was ever listed")
        return respond(200, {"sku": sku, "store_view": view, **_told(found, services.clock.now())})

    return routes


def _told(prices: list[Price], now: int) -> dict[str, Any]:
    last, reduction = prices[-1], reduction_of(prices)
    known = since_window(prices, reduction.first_since if reduction else now)
    ends = [*(price.since for price in known[1:]), None]
    return {
        "currency": last.currency,
        "price": _money(last.amount_minor, last.currency),
        "list_price": _money(last.list_minor, last.currency),
        "lowest": _money(lowest(prices, now, last.currency), last.currency),
        "days": PRIOR_DAYS,
        "reduction": None
        if reduction is None
        else {
            "since": format_moment(reduction.since),
            "prior_price": _money(reduction.prior_minor, last.currency),
            "first_since": format_moment(reduction.first_since),
            "first_prior_price": _money(reduction.first_prior_minor, last.currency),
        },
        "history": [
            {
                "from": format_moment(price.since),
                "to": None if end is None else format_moment(end),
                "currency": price.currency,
                "price": _money(price.amount_minor, price.currency),
                "list_price": _money(price.list_minor, price.currency),
                "log_position": price.position,
            }
            for price, end in zip(known, ends, strict=True)
        ],
    }


def _money(minor: int | None, currency: str | None) -> str | None:
    return None if minor is None or currency is None else format_money(minor, currency)

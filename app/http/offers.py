"""GET /v1/offers: the rules that may be shown to everybody, as a feed or a page of offers has them.

What Adobe Commerce publishes as an RSS feed of cart price rules (FEATURES R9).
"""

from __future__ import annotations

from typing import Any

from flask import Response
from flask import request

from aggregates.kernel.clock import format_moment
from app.edge.answers import respond
from app.edge.auth import caller
from app.edge.auth import require
from app.edge.blueprint import Blueprint
from app.edge.queries import only
from app.schemas.offer import OffersSchema
from app.wiring import Services
from rulesets.cart_rules import CartRule
from rulesets.operators import fold

_STORE_VIEW = {
    "in": "query",
    "name": "store_view",
    "schema": {"type": "string"},
    "description": "Labels of this store view, and rules that are for it; without, for all views.",
}


def blueprint(services: Services) -> Blueprint:
    """The one route."""
    routes = Blueprint("offers", __name__, description="Rules that may be shown to everybody.")

    @routes.route("/v1/offers")
    @require("decide")
    @routes.queries([_STORE_VIEW])
    @routes.answers(200, OffersSchema)
    def offers() -> Response:
        """The public cart rules that are live now, by priority."""
        only(("store_view",))
        view = request.args.get("store_view")
        compiled, now = services.revisions.now(caller().site), services.clock.now()
        items = [
            _shown(rule, view)
            for rule in compiled.rules.values()
            if compiled.definitions["cart-rules", rule.id].body.get("public")
            and not rule.paused
            and rule.window.holds(now)
            and (rule.store_views is None or (view is not None and fold(view) in rule.store_views))
        ]
        found = {"revision": compiled.revision, "items": items, "next_cursor": None}
        return respond(200, found)

    return routes


def _shown(rule: CartRule, view: str | None) -> dict[str, Any]:
    opens, closes = rule.window.opens, rule.window.closes
    return {
        "rule_id": rule.id,
        "label": rule.label(view) or rule.description,
        "description": rule.description,
        "coupon": rule.coupon,
        "customer_groups": None if rule.groups is None else sorted(rule.groups),
        "starts_at": None if opens is None else format_moment(opens),
        "ends_at": None if closes is None else format_moment(closes),
    }

"""GET /v1/budgets: what rules and campaigns have given away, and what they may yet."""

from __future__ import annotations

from flask import Response

from app.edge.answers import respond
from app.edge.auth import caller
from app.edge.auth import require
from app.edge.blueprint import Blueprint
from app.edge.queries import only
from app.http.past import AS_OF
from app.http.past import asked_past
from app.schemas.budget import BudgetsSchema
from app.wiring import Services
from decisions.budgets import budgets
from decisions.budgets import told


def blueprint(services: Services) -> Blueprint:
    """The one route."""
    routes = Blueprint("budgets", __name__, description="Budgets of rules and campaigns.")
    means = services.means

    @routes.route("/v1/budgets", parameters=[AS_OF])
    @require("author", "audit")
    @routes.answers(200, BudgetsSchema)
    def listed() -> Response:
        """Every live rule and campaign with a budget or a number of uses, or as of a moment."""
        only({"as_of"})
        site = caller().site
        then = asked_past(means, site)
        items = [told(means, site, budget, then) for budget in budgets(means, site, None, then)]
        return respond(200, {"items": items, "next_cursor": None})

    return routes

"""GET /v1/budgets: what rules and campaigns have given away, and what they may yet."""

from __future__ import annotations

from flask import Response

from app.edge.answers import respond
from app.edge.auth import caller
from app.edge.auth import require
from app.edge.blueprint import Blueprint
from app.schemas.budget import BudgetsSchema
from app.wiring import Services
from decisions.budgets import budgets
from decisions.budgets import told


def blueprint(services: Services) -> Blueprint:
    """The one route."""
    routes = Blueprint("budgets", __name__, description="Budgets of rules and campaigns.")
    means = services.means

    @routes.route("/v1/budgets")
    @require("author")
    @routes.answers(200, BudgetsSchema)
    def listed() -> Response:
        """Every live rule and campaign with a budget or a number of uses."""
        site = caller().site
        items = [told(means, site, budget) for budget in budgets(means, site)]
        return respond(200, {"items": items, "next_cursor": None})

    return routes

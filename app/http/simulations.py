"""Simulations: what would have been decided by other rules."""

from __future__ import annotations

from typing import Any

from flask import Response

from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import Problem
from app.authoring.soundness import Trial
from app.edge.answers import respond
from app.edge.auth import caller
from app.edge.auth import require
from app.edge.blueprint import Blueprint
from app.edge.idempotency import once
from app.edge.min_position import checked
from app.edge.min_position import from_query
from app.edge.min_position import wait_for
from app.edge.pagination import PARAMETERS
from app.edge.pagination import page
from app.edge.queries import only
from app.schemas.simulation import AskedSimulationSchema
from app.schemas.simulation import SimulationPageSchema
from app.schemas.simulation import SimulationQuestionSchema
from app.schemas.simulation import WholeSimulationSchema
from app.simulation import asking
from app.simulation.views import progress_of
from app.simulation.views import simulation_view
from app.wiring import Services
from projections import simulations


def blueprint(services: Services) -> Blueprint:
    """All of them under `author`."""
    routes = Blueprint("simulations", __name__, description="What other rules would have done.")
    trial = Trial()

    def waited() -> None:
        wait_for(from_query(), lambda: services.log.head(caller().site).position)

    @routes.route("/v1/simulations", methods=["POST"])
    @require("author")
    @routes.arguments(SimulationQuestionSchema)
    @routes.answers(202, AskedSimulationSchema)
    def ask(asked: dict[str, Any]) -> Response:
        """Asks for a simulation, once its candidate could be published."""
        who = caller()
        question = asking.resolved(services, who.site, asked, trial)
        view, position = asking.ask(services, who.site, question, who.key_id, once)
        return respond(202, view, position, {"Location": f"/v1/simulations/{view['id']}"})

    @routes.route("/v1/simulations", parameters=PARAMETERS)
    @require("author")
    @routes.answers(200, SimulationPageSchema)
    def listing() -> Response:
        """Simulations without their results, newest first."""
        only(())
        waited()
        site, asked = caller().site, page()
        with services.stores.log.connect() as connection:
            found = simulations.listed(connection, site, asked.limit + 1, _before(asked.after))
            items, cursor = asked.of(found, lambda row: row.number)
            views = [simulation_view(row, progress_of(connection, site, row)) for row in items]
        return respond(200, {"items": views, "next_cursor": cursor})

    @routes.route("/v1/simulations/<simulation>")
    @require("author")
    @routes.answers(200, WholeSimulationSchema)
    def one(simulation: str) -> Response:
        """A simulation: how far it is, and its result."""
        waited()
        site = caller().site
        row = asking.found(services, site, simulation)
        with services.stores.log.connect() as connection:
            view = simulation_view(row, progress_of(connection, site, row))
            result = simulations.result_of(connection, site, row.number)
        return respond(200, {**view, "result": result})

    @routes.route("/v1/simulations/<simulation>", methods=["DELETE"])
    @require("author")
    @routes.answers(200, AskedSimulationSchema)
    def cancel(simulation: str) -> Response:
        """Cancels a simulation that waits or runs."""
        who = caller()
        return respond(200, *asking.cancel(services, who.site, simulation, who.key_id, once))

    return routes


def _before(after: Any) -> int | None:
    if after is None:
        return None
    if not isinstance(after, int):
        raise InvalidInput([Problem("/cursor", "invalid_cursor", "not a cursor of this list")])
    return checked(after)

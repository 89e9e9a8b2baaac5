"""Redemptions and reservations: an order uses what its decision promised, or gives it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response

from app.edge.answers import respond
from app.edge.auth import caller
from app.edge.auth import require
from app.edge.blueprint import Blueprint
from app.edge.body import read_json
from app.edge.idempotency import once
from app.edge.min_position import from_query
from app.edge.min_position import wait_for
from app.edge.queries import only
from app.edge.validation import load
from app.schemas.redemption import EditedSchema
from app.schemas.redemption import GivenBackSchema
from app.schemas.redemption import HeldSchema
from app.schemas.redemption import LetGoSchema
from app.schemas.redemption import RedeemedSchema
from app.schemas.redemption import RedemptionSchema
from app.schemas.redemption import ReducedSchema
from app.schemas.redemption import RefundSchema
from app.schemas.redemption import ReservationSchema
from app.schemas.redemption import ReservedSchema
from decisions.acts import Answered
from decisions.redeemed import redeemed as redeemed_now
from decisions.redemptions import redeem
from decisions.redemptions import reduce
from decisions.redemptions import release
from decisions.reserving import let_go
from decisions.reserving import reserve

if TYPE_CHECKING:
    from app.wiring import Services


def blueprint(services: Services) -> Blueprint:
    """All of them under `decide`; an auditor may look."""
    routes = Blueprint("redemptions", __name__, description="Uses of rules and coupons by orders.")
    means = services.means

    @routes.route("/v1/redemptions", methods=["POST"])
    @require("decide")
    @routes.takes(RedemptionSchema)
    @routes.answers(200, RedeemedSchema, "The first answer again.")
    @routes.answers(201, RedeemedSchema)
    def redeemed() -> Response:
        """Uses every applied rule that has a limit or a coupon once, for one order."""
        asked = load(RedemptionSchema(), read_json())
        return _answer(redeem(means, caller().site, asked, once))

    @routes.route("/v1/redemptions/<anything:order_id>")
    @require("decide", "audit")
    @routes.answers(200, HeldSchema)
    def held(order_id: str) -> Response:
        """What an order holds: redeemed by the shop, or settled from its own events."""
        only(())
        wait_for(from_query(), lambda: means.log.head(caller().site).position)
        return respond(200, redeemed_now(means, caller().site, order_id))

    @routes.route("/v1/redemptions/<anything:order_id>", methods=["PUT"])
    @require("decide")
    @routes.takes(EditedSchema)
    @routes.answers(200, RedeemedSchema, "Exchanged; the same again after.")
    @routes.answers(201, RedeemedSchema, "Redeemed: the order held nothing.")
    def edited(order_id: str) -> Response:
        """Exchanges what an order holds for what it uses now that it was edited: all or nothing."""
        said = load(EditedSchema(), read_json())
        asked = load(RedemptionSchema(), {**said, "order_id": order_id})
        return _answer(redeem(means, caller().site, asked, once, edited=True))

    @routes.route("/v1/redemptions/<anything:order_id>", methods=["DELETE"])
    @require("decide")
    @routes.answers(200, GivenBackSchema)
    def released(order_id: str) -> Response:
        """Gives back what an order used, as when it is cancelled; the same again after."""
        return _answer(release(means, caller().site, order_id, once))

    @routes.route("/v1/redemptions/<anything:order_id>/partial", methods=["POST"])
    @require("decide")
    @routes.takes(RefundSchema)
    @routes.answers(200, ReducedSchema)
    def reduced(order_id: str) -> Response:
        """A refund of a part: budgets of money get their share back."""
        asked = load(RefundSchema(), read_json())
        return _answer(reduce(means, caller().site, order_id, asked["amount"], once))

    @routes.route("/v1/reservations", methods=["POST"])
    @require("decide")
    @routes.takes(ReservationSchema)
    @routes.answers(200, ReservedSchema, "What is reserved already.")
    @routes.answers(201, ReservedSchema)
    def reserved() -> Response:
        """Holds what a decision uses for a checkout that goes on."""
        asked = load(ReservationSchema(), read_json())
        return _answer(reserve(means, caller().site, asked["decision_id"], asked["ttl_s"], once))

    @routes.route("/v1/reservations/<reservation_id>", methods=["DELETE"])
    @require("decide")
    @routes.answers(200, LetGoSchema)
    def let_gone(reservation_id: str) -> Response:
        """Lets a reservation go; the same again after."""
        return _answer(let_go(means, caller().site, reservation_id, once))

    return routes


def _answer(found: Answered) -> Response:
    return respond(found.status, found.body, found.log_position)

"""POST /v1/decisions/<kind>: ask, and get an answer with its reasons."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import structlog
from flask import Response
from flask.globals import app_ctx

from aggregates.kernel.ids import SiteId
from aggregates.log import IdempotencyRow
from aggregates.log import StoredAnswer
from app.edge.answers import respond
from app.edge.auth import caller
from app.edge.auth import require
from app.edge.blueprint import Blueprint
from app.edge.body import read_json
from app.edge.edge import current_edge
from app.edge.idempotency import once
from app.edge.min_position import wait_for
from app.http.coupon_guesses import check_guesses
from app.http.coupon_guesses import note_guesses
from app.http.decision_links import link_header
from app.schemas.acceptor import compiled
from app.schemas.cart import CartQuestionSchema
from app.schemas.category import CategoryAnswerSchema
from app.schemas.category import CategoryQuestionSchema
from app.schemas.content import ContentQuestionSchema
from app.schemas.decision import CartAnswerSchema
from app.schemas.decision import ContentAnswerSchema
from app.schemas.recommendations import RecommendationsAnswerSchema
from app.schemas.recommendations import RecommendationsQuestionSchema
from app.wiring import Services
from decisions.answer import answer_bytes
from decisions.cart import decide_cart
from decisions.category import decide_category
from decisions.content import decide_content
from decisions.made import Made
from decisions.made import Once
from decisions.means import Means
from decisions.recommend import decide_recommendations
from decisions.replay import find
from decisions.replay import remade

Decide = Callable[[Means, SiteId, dict[str, Any], Once], Made]
ACCEPT_CART = compiled(CartQuestionSchema())
ACCEPT_CONTENT = compiled(ContentQuestionSchema())
ACCEPT_CATEGORY = compiled(CategoryQuestionSchema())
ACCEPT_RECOMMENDATIONS = compiled(RecommendationsQuestionSchema())
_logger = structlog.get_logger()


def blueprint(services: Services) -> Blueprint:
    """The questions that are answered so far."""
    routes = Blueprint("decisions", __name__, description="Questions, answered with reasons.")
    means = services.means

    def again(stored: StoredAnswer) -> Response:
        """The answer of a repeated key: made again of the recorded decision."""
        decision_id = orjson.loads(stored.body)["decision_id"]
        site = caller().site
        made = remade(means, site, find(means, site, decision_id), stored.log_position)
        return _told(made, audit=_audits())

    @routes.route("/v1/decisions/cart", methods=["POST"])
    @require("decide", again=again)
    @routes.takes(CartQuestionSchema)
    @routes.answers(200, CartAnswerSchema)
    def cart() -> Response:
        """Which discounts does this cart get?"""
        return _decide(services, decide_cart, ACCEPT_CART(read_json()))

    @routes.route("/v1/decisions/content", methods=["POST"])
    @require("decide", again=again)
    @routes.takes(ContentQuestionSchema)
    @routes.answers(200, ContentAnswerSchema)
    def content() -> Response:
        """What does this slot show to this shopper?"""
        return _decide(services, decide_content, ACCEPT_CONTENT(read_json()))

    @routes.route("/v1/decisions/category", methods=["POST"])
    @require("decide", again=again)
    @routes.takes(CategoryQuestionSchema)
    @routes.answers(200, CategoryAnswerSchema)
    def category() -> Response:
        """Which products does a page of this category show, in which order?"""
        return _decide(services, decide_category, ACCEPT_CATEGORY(read_json()))

    @routes.route("/v1/decisions/recommendations", methods=["POST"])
    @require("decide", again=again)
    @routes.takes(RecommendationsQuestionSchema)
    @routes.answers(200, RecommendationsAnswerSchema)
    def recommendations() -> Response:
        """Which products do the units of this page show?"""
        return _decide(services, decide_recommendations, ACCEPT_RECOMMENDATIONS(read_json()))

    return routes


def wait_for_position(services: Services, site: SiteId, position: int | None) -> None:
    """Waits until all up to a position counts, what was published there too."""
    log, revisions = services.log, services.revisions
    wait_for(position, lambda: min(log.head(site).position, revisions.known_to(site)))


def note(made: Made) -> None:
    """Names a decision in the request's log line, and counts it."""
    app_ctx.g.decision_id = made.record.decision_id
    decided = made.decided
    current_edge().metrics.decided(made.record.kind, decided.engine, len(decided.disagreed))
    if decided.engine == "fallback":
        _logger.error("engine_fallback", decision_id=made.record.decision_id)
    for rule, error in decided.faults:
        _logger.error("rule_failed", decision_id=made.record.decision_id, rule=rule, error=error)
    if decided.disagreed:
        rules = list(decided.disagreed)
        _logger.error("engine_disagreed", decision_id=made.record.decision_id, rules=rules)


def _decide(services: Services, decide: Decide, request: dict[str, Any]) -> Response:
    site = caller().site
    if "min_position" in request or "min_revision" in request:
        wait_for_position(services, site, request.get("min_position"))
        wait_for(request.get("min_revision"), lambda: services.revisions.reached(site))
    check_guesses(request)
    made = decide(services.means, site, request, _kept)
    note(made)
    note_guesses(made)
    return _told(made, audit=_audits())


def _told(made: Made, *, audit: bool) -> Response:
    """The answer, with the links to its decision unless nothing was recorded."""
    is_dry = made.record.sources.request.get("dry_run")
    headers = None if is_dry else link_header(made.record.decision_id)
    return respond(200, answer_bytes(made, audit=audit), made.log_position, headers)


def _kept(made: Made) -> IdempotencyRow | None:
    """What is kept for a repeated key: not the answer, which may be large, but whose it is."""
    return once(200, {"decision_id": made.record.decision_id})


def _audits() -> bool:
    return "audit" in caller().scopes

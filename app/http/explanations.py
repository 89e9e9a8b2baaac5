"""The audit of decisions: the index, the record, the reasons, the replay."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask import request

from aggregates.kernel.clock import format_moment
from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import Problem
from aggregates.kernel.ids import SiteId
from app.edge.answers import respond
from app.edge.auth import caller
from app.edge.auth import require
from app.edge.blueprint import Blueprint
from app.edge.min_position import from_query
from app.edge.min_position import wait_for
from app.edge.pagination import PARAMETERS
from app.edge.pagination import page
from app.edge.queries import moment_asked
from app.edge.queries import only
from app.http.decision_links import link_header
from app.http.decision_links import links
from app.schemas.decision import DecisionPageSchema
from app.schemas.decision import ReplayAnswerSchema
from app.schemas.decision import ReplayQuestionSchema
from app.schemas.explanation import ExplanationSchema
from app.wiring import Services
from decisions.answer import answer
from decisions.explain import explained_for_audit
from decisions.explain import readable
from decisions.messages.catalogue import ENGLISH
from decisions.messages.catalogue import known_locale
from decisions.redeemed import decisions_of
from decisions.replay import find
from decisions.replay import remade
from decisions.replay import replay
from projections import decisions_index
from projections import identities
from projections.decisions_index import DecisionFilter
from projections.decisions_index import IndexedDecision

KINDS = ("cart", "content", "category", "recommendations")
"""What decisions are about, as their index calls it."""
_FILTERS = ("kind", "rule_id", "coupon", "order_id", "person", "from", "to")

_LOCALE = {
    "in": "query",
    "name": "locale",
    "schema": {"type": "string"},
    "description": "The language of the sentences; goes before Accept-Language.",
}


def blueprint(services: Services) -> Blueprint:
    """What an auditor asks."""
    routes = Blueprint("explanations", __name__, description="Why an answer came out as it did.")
    means = services.means

    @routes.route("/v1/decisions", parameters=[*PARAMETERS, *_parameters()])
    @require("audit")
    @routes.answers(200, DecisionPageSchema)
    def listing() -> Response:
        """The newest decisions that fit."""
        only(_FILTERS)
        site, asked, wanted = caller().site, page(), _filter(services, caller().site)
        wait_for(from_query(), lambda: means.log.head(site).position - services.follower.lag(site))
        before = asked.after if isinstance(asked.after, int) else None
        with services.stores.read.connect() as connection:
            found = decisions_index.listed(connection, site, wanted, asked.limit + 1, before)
        items, cursor = asked.of(found, lambda item: item.position)
        return respond(200, {"items": [_shown(item) for item in items], "next_cursor": cursor})

    @routes.route("/v1/decisions/<decision_id>")
    @require("audit")
    @routes.answers(200, {"type": "object"})
    def one(decision_id: str) -> Response:
        """A recorded decision: its answer, and all that it followed from."""
        site = caller().site
        record = find(means, site, decision_id)
        made = remade(means, site, record, record.positions["head"])
        body = {
            "decision_id": record.decision_id,
            "kind": record.kind,
            "semantics": record.semantics,
            "revision": record.revision,
            "revision_digest": record.revision_digest,
            "positions": record.positions,
            "models": [model.to_json() for model in record.models],
            "decided_at": format_moment(record.decided_at),
            "seed": str(record.seed),
            "engine": record.engine,
            "disagreed": list(record.disagreed),
            "outcome_digest": record.outcome_digest,
            "trace_digest": record.trace_digest,
            "request": readable(record.sources.request),
            "answer": answer(made, audit=True),
            "links": links(record.decision_id),
        }
        return respond(200, body, headers=link_header(record.decision_id))

    @routes.route("/v1/decisions/<decision_id>/explanation", parameters=[_LOCALE])
    @require("audit")
    @routes.answers(200, ExplanationSchema)
    def why(decision_id: str) -> Response:
        """Why it came out as it did, rule by rule, in sentences and as trees. Sentences are in the
        language of `locale`, else of Accept-Language; in English where there is none."""
        only(("locale",))
        site, locale = caller().site, _locale()
        record = find(means, site, decision_id)
        made = remade(means, site, record, record.positions["head"])
        told = explained_for_audit(means, site, made, locale)
        headers = {"Content-Language": locale, "Vary": "Accept-Language"}
        return respond(200, told, headers=link_header(decision_id) | headers)

    @routes.route("/v1/decisions/<decision_id>/replay", methods=["POST"])
    @require("audit")
    @routes.arguments(ReplayQuestionSchema)
    @routes.answers(200, ReplayAnswerSchema)
    def again(asked: dict[str, Any], decision_id: str) -> Response:
        """Decides it again, from the recorded facts or from the log alone, and compares."""
        site = caller().site
        mode = asked["mode"]
        if mode not in {"recorded", "from_log"}:
            raise InvalidInput([Problem("/mode", "not_one_of", "recorded or from_log")])
        return respond(200, replay(means, site, find(means, site, decision_id), mode).to_json())

    return routes


def _locale() -> str:
    """The language that is asked for, if its messages are there; else English."""
    named = request.args.get("locale")
    if named is not None:
        return known_locale(named) or ENGLISH
    found = (known_locale(tag) for tag, quality in request.accept_languages if quality)
    return next((locale for locale in found if locale is not None), ENGLISH)


def _filter(services: Services, site: SiteId) -> DecisionFilter:
    given, means = request.args, services.means
    kind = given.get("kind")
    if kind is not None and kind not in KINDS:
        raise InvalidInput([Problem("/kind", "not_one_of", f"one of {', '.join(KINDS)}")])
    person, order = given.get("person"), given.get("order_id")
    return DecisionFilter(
        kind=kind,
        rule_id=given.get("rule_id"),
        coupon=given.get("coupon"),
        person=_joined(services, site, person) if person is not None else None,
        decision_ids=decisions_of(means, site, order) if order is not None else None,
        from_at=moment_asked("from"),
        to_at=moment_asked("to"),
    )


def _joined(services: Services, site: SiteId, person: str) -> frozenset[str]:
    """A pseudonym with all that is linked to it now."""
    with services.stores.log.connect() as connection:
        return identities.person(connection, site, [person])


def _shown(found: IndexedDecision) -> dict[str, Any]:
    return {
        "decision_id": found.decision_id,
        "kind": found.kind,
        "revision": found.revision,
        "decided_at": format_moment(found.decided_at),
        "engine": found.engine,
        "log_position": found.position,
        "links": links(found.decision_id),
    }


def _parameters() -> list[dict[str, Any]]:
    return [{"in": "query", "name": name, "schema": {"type": "string"}} for name in _FILTERS]

"""GET /v1/content/{slot}: a slot's content for storefronts and the caches before them.

A slot that looks at nothing of the shopper is decided once for everybody: that answer is kept here
for at most 30 seconds, never past the next edge of a schedule or of an hour that a condition reads,
and every cache on the way repeats it under the same decision id. Everything else is private and
never stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import Any

from flask import Response
from flask import request

from aggregates.kernel.clock import SECOND
from aggregates.log import IdempotencyRow
from app.edge.answers import respond
from app.edge.answers import with_position
from app.edge.auth import caller
from app.edge.auth import require
from app.edge.blueprint import Blueprint
from app.edge.min_position import from_query
from app.http.decision_links import link_header
from app.http.decisions import ACCEPT_CONTENT
from app.http.decisions import note
from app.http.decisions import wait_for_position
from app.schemas.decision import ContentAnswerSchema
from app.wiring import Services
from decisions.answer import answer_bytes
from decisions.content import decide_content
from decisions.made import Made
from decisions.record import digest_of
from rulesets.compiled import CompiledRevision
from rulesets.outcome import ContentOutcome
from rulesets.outcome import content_answer
from rulesets.question import ContentQuestion

MAX_AGE_S = 30
FILLS_MAX = 10_000
PRIVATE = {"Cache-Control": "private, no-store"}
VARY = "Accept-Language, aep-segments-membership"
_PARAMETERS = [
    {"in": "query", "name": name, "schema": {"type": "string"}} for name in ("store_view", "locale")
] + [
    {"in": "header", "name": name, "schema": {"type": "string"}}
    for name in ("Rationale-Customer-Id", "Rationale-Anonymous-Id", "aep-segments-membership")
]


@dataclass(frozen=True, slots=True)
class Fill:
    """One public answer, good until a moment, for the revision that it was decided by."""

    compiled: CompiledRevision
    body: bytes
    decision_id: str
    etag: str
    until: int


class Fills:
    """The public answers of this process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._fills: dict[tuple[str, ...], Fill] = {}

    def find(self, key: tuple[str, ...], compiled: CompiledRevision, now: int) -> Fill | None:
        """A kept answer that still holds."""
        fill = self._fills.get(key)
        if fill is None or fill.compiled is not compiled or fill.until - now < SECOND:
            return None
        return fill

    def keep(self, key: tuple[str, ...], fill: Fill) -> None:
        """Keeps an answer; past the limit all are forgotten, since most are stale by then."""
        with self._lock:
            if len(self._fills) >= FILLS_MAX:
                self._fills.clear()
            self._fills[key] = fill


def blueprint(services: Services) -> Blueprint:
    """The one route."""
    routes = Blueprint("content", __name__, description="Slots for storefronts and caches.")
    means, fills = services.means, Fills()

    @routes.route("/v1/content/<slot>", parameters=_PARAMETERS)
    @require("decide")
    @routes.answers(200, ContentAnswerSchema)
    @routes.answers(304, description="The content is what the client has.")
    def content(slot: str) -> Response:
        """What this slot shows."""
        site = caller().site
        wait_for_position(services, site, from_query())
        compiled = services.revisions.now(site)
        context = _context()
        if not compiled.slot_needs(slot).public:
            asked = ACCEPT_CONTENT({"slot": slot, "context": context, "shopper": _shopper()})
            made = decide_content(means, site, asked, _unkept)
            note(made)
            headers = PRIVATE | link_header(made.record.decision_id)
            return respond(200, answer_bytes(made, audit=False), made.log_position, headers)
        key = (site, slot, *map(repr, sorted(context.items())))
        now = means.clock.now()
        fill = fills.find(key, compiled, now)
        if fill is None:
            made = decide_content(
                means, site, ACCEPT_CONTENT({"slot": slot, "context": context}), _unkept
            )
            note(made)
            now = made.record.decided_at
            fill = _fill(made)
            fills.keep(key, fill)
        return _public(fill, now)

    return routes


def _fill(made: Made) -> Fill:
    """The tag is the digest of the outcome with its contents: the outcome alone names blocks, and
    a block's content changes with a revision."""
    at = made.record.decided_at
    until = at + MAX_AGE_S * SECOND
    question, outcome = made.question, made.decided.outcome
    assert isinstance(question, ContentQuestion)
    assert isinstance(outcome, ContentOutcome)
    edge = made.compiled.next_change(question.slot, at)
    shown = content_answer(made.compiled, question, made.record.sources.facts, outcome)
    return Fill(
        made.compiled,
        with_position(answer_bytes(made, audit=False), made.log_position),
        made.record.decision_id,
        f'"{digest_of(shown)[1]}"',
        until if edge is None else min(until, edge),
    )


def _public(fill: Fill, now: int) -> Response:
    seconds = max(0, min(MAX_AGE_S, (fill.until - now) // SECOND))
    headers = {
        "Cache-Control": f"public, max-age={seconds}",
        "ETag": fill.etag,
        "Vary": VARY,
        **link_header(fill.decision_id),
    }
    if request.if_none_match.contains_weak(fill.etag.strip('"')):  # proxies that pack weaken it
        return Response(status=304, headers=headers)
    return respond(200, fill.body, headers=headers)


def _context() -> dict[str, Any]:
    locale = request.args.get("locale") or request.accept_languages.best
    audiences = request.headers.get("aep-segments-membership", "")
    named = sorted({name.strip() for name in audiences.split(",") if name.strip()})
    given = {
        "store_view": request.args.get("store_view"),
        "locale": locale,
        "audiences": named,
    }
    return {name: value for name, value in given.items() if value}


def _shopper() -> dict[str, str]:
    given = {
        "customer_id": request.headers.get("Rationale-Customer-Id"),
        "anonymous_id": request.headers.get("Rationale-Anonymous-Id"),
    }
    return {name: value for name, value in given.items() if value}


def _unkept(made: Made) -> IdempotencyRow | None:
    """A GET has no Idempotency-Key."""
    return None

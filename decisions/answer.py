"""The answer to a question: a function of what was decided, in the words of the API."""

from __future__ import annotations

from typing import Any

import orjson

from aggregates.kernel.clock import format_moment
from decisions.explain import explanation
from decisions.explain import rejected
from decisions.made import Made
from rulesets.outcome import CartOutcome
from rulesets.outcome import ContentOutcome
from rulesets.outcome import cart_answer
from rulesets.outcome import content_answer
from rulesets.question import CartQuestion
from rulesets.question import ContentQuestion


def answer_bytes(made: Made, *, audit: bool) -> bytes:
    """The answer without its log position, as JSON. Without `audit` the explanation hides what the
    profile says."""
    return orjson.dumps(answer(made, audit=audit))


def answer(made: Made, *, audit: bool) -> dict[str, Any]:
    """The same as a dict."""
    record = made.record
    request = record.sources.request
    body: dict[str, Any] = {
        "decision_id": None if request.get("dry_run") else record.decision_id,
        "revision": record.revision,
        "decided_at": format_moment(record.decided_at),
        **_decided(made),
    }
    if request.get("explain"):
        if isinstance(made.question, CartQuestion):
            body["rejected_rules"] = rejected(made)
        body["explanation"] = explanation(made, audit=audit)
    return body


def _decided(made: Made) -> dict[str, Any]:
    outcome, question = made.decided.outcome, made.question
    if isinstance(outcome, CartOutcome):
        assert isinstance(question, CartQuestion)
        return cart_answer(made.compiled, question, made.record.sources.facts, outcome)
    assert isinstance(outcome, ContentOutcome)
    assert isinstance(question, ContentQuestion)
    return content_answer(made.compiled, question, made.record.sources.facts, outcome)

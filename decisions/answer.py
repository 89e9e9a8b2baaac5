"""The answer to a question: a function of what was decided, in the words of the API."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson

from aggregates.kernel.clock import format_moment
from decisions.explain import explanation
from decisions.explain import failed
from decisions.explain import rejected
from decisions.made import Made
from decisions.prior_prices import Reduced
from decisions.prior_prices import told
from decisions.units_answer import units_answer
from rulesets.category_outcome import CategoryOutcome
from rulesets.category_outcome import category_answer
from rulesets.coupons import as_told
from rulesets.outcome import CartOutcome
from rulesets.outcome import cart_answer_bytes
from rulesets.outcome import content_answer
from rulesets.question import CartQuestion
from rulesets.question import ContentQuestion
from rulesets.units_outcome import UnitsOutcome


def answer_bytes(made: Made, *, audit: bool) -> bytes:
    """The answer as one JSON object, without its log position. Without `audit` it does not
    tell codes of others from those that do not exist, and an explanation hides what the profile
    says. A dry run has no id: nothing by it can be found."""
    record = made.record
    request = record.sources.request
    head = {
        "decision_id": None if request.get("dry_run") else record.decision_id,
        "revision": record.revision,
        "decided_at": format_moment(record.decided_at),
    }
    parts = [orjson.dumps(head), _decided(made, audit=audit)]
    if request.get("explain"):
        parts.append(orjson.dumps(_explained(made, audit=audit)))
    elif made.decided.faults:
        parts.append(orjson.dumps({"rejected_rules": failed(made)}))
    return b"{%b}" % b",".join([part[1:-1] for part in parts])


def answer(made: Made, *, audit: bool) -> dict[str, Any]:
    """The same, parsed."""
    body: dict[str, Any] = orjson.loads(answer_bytes(made, audit=audit))
    return body


def _with_prior_prices(answered: bytes, reductions: dict[str, Reduced]) -> bytes:
    body = orjson.loads(answered)
    for line in body["lines"]:
        line["prior_price"] = told(reductions.get(line["line_id"]))
    return orjson.dumps(body)


def _explained(made: Made, *, audit: bool) -> dict[str, Any]:
    told: dict[str, Any] = {"explanation": explanation(made, audit=audit)}
    if isinstance(made.question, CartQuestion):
        told["rejected_rules"] = rejected(told["explanation"])
    return told


def _decided(made: Made, *, audit: bool) -> bytes:
    outcome, question, facts = made.decided.outcome, made.question, made.record.sources.facts
    if isinstance(outcome, CartOutcome):
        assert isinstance(question, CartQuestion)
        told = replace(outcome, coupons=as_told(outcome.coupons, audit=audit))
        answered = cart_answer_bytes(made.compiled, question, facts, told)
        reductions = made.record.sources.reductions
        return answered if reductions is None else _with_prior_prices(answered, reductions)
    if isinstance(outcome, UnitsOutcome):
        return orjson.dumps(units_answer(made, audit=audit))
    if isinstance(outcome, CategoryOutcome):
        return orjson.dumps(category_answer(outcome))
    assert isinstance(question, ContentQuestion)
    content = content_answer(made.compiled, question, facts, outcome)
    return orjson.dumps(content, default=float)  # decimals, in what an author wrote as JSON

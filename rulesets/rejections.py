"""Why not: a code for each rule that did not apply, and its conditions with what was found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rulesets.cart_rules import CartRule
from rulesets.compiled import CompiledRevision
from rulesets.coupons import read_coupons
from rulesets.evaluator import evaluate
from rulesets.evaluator import explain
from rulesets.facts import Facts
from rulesets.headers import Header
from rulesets.headers import header
from rulesets.judge import Judge
from rulesets.outcome import Decided
from rulesets.question import CartQuestion
from rulesets.question import ContentQuestion
from rulesets.question import Question
from rulesets.question import RecommendationsQuestion
from rulesets.strata import SEGMENTS
from rulesets.trace import APPLIED
from rulesets.walk import CartWalk


def because(
    compiled: CompiledRevision, facts: Facts, question: Question, decided: Decided, at: int
) -> list[dict[str, Any]]:
    """Every rule with its tree, each leaf with its actual value and its truth.

    A rule that reads running totals is shown with those at its turn.
    """
    return [
        {
            "rule_id": found.rule.id,
            "fired": evaluate(found.rule.node, found.facts),
            "because": explain(found.rule.node, found.facts),
            **({} if found.code == APPLIED else _told(found)),
        }
        for found in _findings(compiled, facts, question, decided, at)
    ]


@dataclass(frozen=True, slots=True)
class _Finding:
    """One rule, what became of it, and the facts as they were at its turn."""

    rule: CartRule
    code: str
    by: str | None
    facts: Facts


def _findings(
    compiled: CompiledRevision, facts: Facts, question: Question, decided: Decided, at: int
) -> Iterator[_Finding]:
    """Goes through the walk once more: the rules that had their turn have it again."""
    cart = _priced(compiled, question)
    if cart is None:
        return
    coupons = read_coupons(
        cart.coupons, compiled.rules_by_coupon, compiled.settings.max_coupons, at
    )
    asked = header(facts, at, compiled.blocked_segments(at, facts.currency), coupons.valid)
    known = _known(facts, decided)
    walk = CartWalk(compiled, cart, known, asked, Judge(0, 0))
    turns = {step.rule_id for step in decided.trace.steps}
    for rule in compiled.rules.values():
        now = known
        if rule.running:
            walk.keep_totals()
            now = _snapshot(known)
        if rule.id in turns:
            walk.turn(rule)
            step = walk.steps[-1]
            yield _Finding(rule, step.code, step.by, now)
        else:
            yield _Finding(rule, *_code(rule, asked, now), now)


def _code(rule: CartRule, asked: Header, facts: Facts) -> tuple[str, str | None]:
    """Of a rule that did not fire."""
    refusal = asked.refusal(rule)
    if refusal is not None:
        return refusal
    if evaluate(rule.node, facts):
        return "engine_disagreed", None
    if rule.audiences and "shopper.audiences" not in facts.values:
        return "audience_unknown", None
    return "conditions_not_met", None


def _told(found: _Finding) -> dict[str, Any]:
    return {"code": found.code, **({"by": found.by} if found.by is not None else {})}


def _priced(compiled: CompiledRevision, question: Question) -> CartQuestion | None:
    """The cart that the rules were asked about, if they were."""
    if isinstance(question, RecommendationsQuestion):
        return None
    if isinstance(question, CartQuestion):
        return question
    if isinstance(question, ContentQuestion) and not compiled.slot(question.slot).asks_rules:
        return None
    return question.cart


def _known(facts: Facts, decided: Decided) -> Facts:
    """A copy with the segments of the decision; running totals are added as rules go by."""
    known = _snapshot(facts)
    if decided.outcome.segments:
        known.values[SEGMENTS] = frozenset(decided.outcome.segments)
    return known


def _snapshot(facts: Facts) -> Facts:
    lines = [dict(line) for line in facts.lines]
    return Facts(facts.currency, dict(facts.values), lines, facts.counts)

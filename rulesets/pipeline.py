"""The pipeline: facts and a question in, a decision out. Pure; the same in replay.

    segments, by level -> cart rules that fired, one by one by (priority, id) over running totals
    -> blocks of the slot
"""

from __future__ import annotations

from collections.abc import Mapping

from rulesets.compiled import CompiledRevision
from rulesets.content import fill
from rulesets.content import rotated
from rulesets.coupons import Coupons
from rulesets.coupons import read_coupons
from rulesets.facts import Facts
from rulesets.headers import Header
from rulesets.headers import header
from rulesets.judge import Judge
from rulesets.membership import assign_segments
from rulesets.outcome import CartOutcome
from rulesets.outcome import ContentOutcome
from rulesets.outcome import CouponOutcome
from rulesets.outcome import Decided
from rulesets.outcome import Outcome
from rulesets.question import CartQuestion
from rulesets.question import ContentQuestion
from rulesets.trace import Trace
from rulesets.walk import CartWalk

SHADOW_PERCENT = 5
"""Share of the rules that did not fire which the evaluator checks; what fired it always checks."""


def decide(
    compiled: CompiledRevision,
    facts: Facts,
    question: CartQuestion | ContentQuestion,
    at: int,
    seed: int,
    *,
    shadow_percent: int = SHADOW_PERCENT,
) -> Decided:
    """One decision. `facts` are left as they were: what is derived goes to a copy."""
    judge = Judge(seed, shadow_percent)
    known = _copied(facts, compiled.reads_running)
    blocked = compiled.blocked_segments(at, facts.currency)
    trace = Trace(segments=assign_segments(compiled, known, blocked, judge))
    outcome: Outcome
    if isinstance(question, CartQuestion):
        outcome = _cart(compiled, known, question, at, blocked, judge, trace)
    else:
        outcome = _content(compiled, known, question, at, seed, blocked, judge, trace)
    return Decided(outcome, trace, judge.engine, judge.disagreed)


def _cart(
    compiled: CompiledRevision,
    facts: Facts,
    question: CartQuestion,
    at: int,
    blocked: Mapping[str, str],
    judge: Judge,
    trace: Trace,
) -> CartOutcome:
    coupons = read_coupons(
        question.coupons, compiled.rules_by_coupon, compiled.settings.max_coupons, at
    )
    asked = header(facts, at, blocked, coupons.valid)
    walk = CartWalk(question, facts, asked, judge, compiled.reads_running)
    rules = compiled.rules
    candidates = [rules[name] for name in judge.fired(compiled.first_stratum, facts)]
    candidates += [rules[name] for name in judge.fired(compiled.running_stratum, facts)]
    candidates.sort(key=lambda rule: rule.order)
    walk.go(candidates)
    trace.steps = walk.steps
    return CartOutcome(
        tuple(sorted(trace.segments)),
        question.subtotal_minor,
        question.shipping_minor,
        tuple(walk.applied),
        _coupon_outcomes(compiled, coupons, asked, trace),
    )


def _coupon_outcomes(
    compiled: CompiledRevision, coupons: Coupons, asked: Header, trace: Trace
) -> tuple[CouponOutcome, ...]:
    if not coupons.asked:
        return ()
    steps = {step.rule_id: step.code for step in trace.steps}
    return coupons.outcomes(
        compiled.rules_by_coupon,
        lambda rule: steps.get(rule.id) or (asked.refusal(rule) or ("conditions_not_met",))[0],
    )


def _content(
    compiled: CompiledRevision,
    facts: Facts,
    question: ContentQuestion,
    at: int,
    seed: int,
    blocked: Mapping[str, str],
    judge: Judge,
    trace: Trace,
) -> ContentOutcome:
    slot = compiled.slot(question.slot)
    applied: tuple[str, ...] = ()
    if question.cart is not None and any(block.rules for block in slot.blocks):
        priced = _cart(compiled, facts, question.cart, at, blocked, judge, trace)
        applied = tuple(rule.rule_id for rule in priced.applied)
    shown, trace.blocks = fill(slot, facts, header(facts, at, blocked), trace.segments, applied)
    shown = rotated(slot, shown, seed, question.turn)
    return ContentOutcome(
        slot.id,
        tuple(sorted(trace.segments)),
        applied,
        tuple(shown),
        fallback=not shown and bool(slot.fallback),
    )


def _copied(facts: Facts, reads_running: bool) -> Facts:
    lines = [dict(line) for line in facts.lines] if reads_running else facts.lines
    return Facts(facts.currency, dict(facts.values), lines, facts.counts)

"""Why not: a code for each rule that did not apply, and its conditions with what was found."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rulesets.belonging import coupons_of
from rulesets.cart_rules import CartRule
from rulesets.compiled import CompiledRevision
from rulesets.evaluator import Tell
from rulesets.evaluator import evaluate
from rulesets.evaluator import explain
from rulesets.facts import Facts
from rulesets.headers import Header
from rulesets.headers import header
from rulesets.outcome import Applied
from rulesets.outcome import CartOutcome
from rulesets.outcome import Decided
from rulesets.question import CartQuestion
from rulesets.question import ContentQuestion
from rulesets.question import Question
from rulesets.question import RecommendationsQuestion
from rulesets.running import RunningCart
from rulesets.strata import SEGMENTS
from rulesets.totals import Totals
from rulesets.trace import APPLIED
from rulesets.trace import FAILED


def because(
    compiled: CompiledRevision,
    facts: Facts,
    question: Question,
    decided: Decided,
    at: int,
    *,
    tell: Tell = lambda _, __: {},
    hides: bool = True,
) -> list[dict[str, Any]]:
    """Every rule with its tree, each leaf with its actual value and its truth, and what `tell` has
    to say of it.

    A rule that reads running totals is shown with those at its turn. `hides`: as it was decided.
    """
    cart = priced(compiled, question)
    if cart is None:
        return []
    known = _known(facts, decided)
    blocked = compiled.blocked_segments(at, facts.currency)
    coupons = coupons_of(compiled, known, cart, at, blocked, hides=hides)
    asked = header(facts, at, blocked, coupons)
    return [_shown(found, tell) for found in _findings(compiled, cart, known, decided, asked)]


def _shown(found: _Finding, tell: Tell) -> dict[str, Any]:
    shown: dict[str, Any] = {"rule_id": found.rule.id}
    if found.code == FAILED:  # what failed once may fail again: it is not evaluated
        shown |= {"fired": False, "because": {"truth": False}}
    else:
        tree = explain(found.rule.node, found.facts, tell)
        shown |= {"fired": tree["truth"], "because": tree}
    return shown if found.code == APPLIED else {**shown, **_told(found)}


@dataclass(frozen=True, slots=True)
class _Finding:
    """One rule, what became of it, and the facts as they were at its turn."""

    rule: CartRule
    code: str
    by: str | None
    facts: Facts


def _findings(
    compiled: CompiledRevision, cart: CartQuestion, known: Facts, decided: Decided, asked: Header
) -> Iterator[_Finding]:
    """What the trace says of each rule; of those that did not fire, why not."""
    steps = {step.rule_id: step for step in decided.trace.steps}
    then = _turns(compiled, cart, known, decided)
    for rule in compiled.rules.values():
        now = then[rule.id] if rule.running else known
        step = steps.get(rule.id)
        if step is not None:
            yield _Finding(rule, step.code, step.by, now)
        else:
            yield _Finding(rule, *_code(rule, asked, now), now)


def _turns(
    compiled: CompiledRevision, cart: CartQuestion, known: Facts, decided: Decided
) -> dict[str, Facts]:
    """The facts of each rule that reads running totals, as they were at its turn: all that applied
    before it had been taken off, the others of its group had not."""
    if not any(rule.running for rule in compiled.rules.values()):
        return {}
    running, facts = RunningCart(cart), known.copied()
    totals = Totals(facts, running, compiled.running_read)
    applied = {rule.rule_id: rule for rule in _applied(decided)}
    steps = [step.rule_id for step in decided.trace.steps if step.rule_id in compiled.rules]
    place = _places(compiled, steps)
    waiting = sorted(
        (rule for rule in compiled.rules.values() if rule.running and rule.id not in steps),
        key=lambda rule: place[rule.id],
    )
    then: dict[str, Facts] = {}

    def now() -> Facts:
        totals.keep()
        return facts.copied()

    lane: object = None
    for rule_id in steps:
        while waiting and place[waiting[0].id] <= place[rule_id]:
            then[waiting.pop(0).id] = now()
        group = compiled.lanes.get(rule_id)
        if group is None or group is not lane:
            before, lane = now(), group
        then[rule_id] = before
        if rule_id in applied:
            running.take(range(len(cart.lines)), applied[rule_id].parts)
            totals.changed(rule_id)
    return {**then, **{rule.id: now() for rule in waiting}}


def _places(compiled: CompiledRevision, steps: Sequence[str]) -> dict[str, int]:
    """When each rule was asked: at its own place, or with its group, at that of the first of it."""
    of_group: dict[str, int] = {}
    for rule_id in steps:
        lane = compiled.lanes.get(rule_id)
        if lane is not None:
            order = compiled.rules[rule_id].order
            of_group[lane.name] = min(order, of_group.get(lane.name, order))
    return {
        rule.id: of_group.get(lane.name, rule.order) if lane is not None else rule.order
        for rule in compiled.rules.values()
        for lane in (compiled.lanes.get(rule.id),)
    }


def _applied(decided: Decided) -> Sequence[Applied]:
    return decided.outcome.applied if isinstance(decided.outcome, CartOutcome) else ()


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


def priced(compiled: CompiledRevision, question: Question) -> CartQuestion | None:
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
    known = facts.copied()
    if decided.outcome.segments:
        known.values[SEGMENTS] = frozenset(decided.outcome.segments)
    return known

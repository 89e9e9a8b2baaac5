"""The pipeline: facts and a question in, a decision out. Pure; the same in replay.

segments, by level -> cart rules that fire, one by one by (priority, id) over running totals
-> blocks of the slot, or the order of a category
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

from rulesets.belonging import coupons_of
from rulesets.category import rank_category
from rulesets.category_outcome import CategoryOutcome
from rulesets.compiled import CompiledRevision
from rulesets.content import fill
from rulesets.content import rotated
from rulesets.coupons import Coupons
from rulesets.coupons import Known
from rulesets.facts import Facts
from rulesets.headers import Header
from rulesets.headers import header
from rulesets.judge import Judge
from rulesets.membership import NOTHING_TOLD
from rulesets.membership import ToldMembers
from rulesets.membership import assign_segments
from rulesets.outcome import Applied
from rulesets.outcome import CartOutcome
from rulesets.outcome import ContentOutcome
from rulesets.outcome import CouponOutcome
from rulesets.outcome import Decided
from rulesets.outcome import Outcome
from rulesets.question import CartQuestion
from rulesets.question import CategoryQuestion
from rulesets.question import ContentQuestion
from rulesets.question import Question
from rulesets.question import RecommendationsQuestion
from rulesets.recommendations import fill_units
from rulesets.refiring import Refiring
from rulesets.targeting import Shopper
from rulesets.totals import LINE_AFTER_DISCOUNT
from rulesets.trace import Trace
from rulesets.walk import CartWalk
from rulesets.watch import Watch

SHADOW_PERCENT = 5
"""Share of the rules that did not fire which the evaluator checks; what fired it always checks."""


def decide(
    compiled: CompiledRevision,
    facts: Facts,
    question: Question,
    at: int,
    seed: int,
    *,
    shadow_percent: int = SHADOW_PERCENT,
    composite: bool = True,
    hides: bool = True,
    told: ToldMembers = NOTHING_TOLD,
    watch: Watch | None = None,
) -> Decided:
    """One decision. `facts` are left as they were: what is derived goes to a copy.

    `composite`: discounts of composite products stand on their children (semantics 2). `hides`:
    codes that are for others alone count for nothing (semantics 3). `told`: segments whose members
    are known already. `watch` is told what each cart rule does at its turn.
    """
    judge = Judge(seed, shadow_percent)
    if isinstance(question, RecommendationsQuestion):  # a unit reads no segment and no rule
        units, drops = fill_units(compiled.units, question, header(facts, at, {}))
        return Decided(units, Trace(drops=[*drops]), judge.engine)
    changing = LINE_AFTER_DISCOUNT in compiled.running_read
    known = facts.copied(lines=changing)
    blocked = compiled.blocked_segments(at, facts.currency)
    trace = Trace(segments=assign_segments(compiled, known, blocked, judge, told))
    run = _Run(compiled, known, at, blocked, judge, trace, composite, hides, watch)
    if isinstance(question, CartQuestion):
        outcome: Outcome = run.cart(question)
    elif isinstance(question, ContentQuestion):
        outcome = run.content(question, seed)
    else:
        outcome = run.category(question)
    return Decided(outcome, trace, judge.engine, judge.disagreed, judge.faults)


@dataclass(frozen=True, slots=True)
class _Run:
    """One decision after its segments are known."""

    compiled: CompiledRevision
    facts: Facts
    at: int
    blocked: Mapping[str, str]
    judge: Judge
    trace: Trace
    composite: bool
    hides: bool
    watch: Watch | None

    def cart(self, question: CartQuestion) -> CartOutcome:
        """Prices a cart."""
        compiled = self.compiled
        known = Known(compiled.rules_by_coupon, compiled.rules, self.facts.coupons)
        coupons = coupons_of(
            compiled, self.facts, question, self.at, self.blocked, hides=self.hides
        )
        asked = header(self.facts, self.at, self.blocked, coupons)
        walk = CartWalk(
            compiled,
            question,
            self.facts,
            asked,
            self.judge,
            composite=self.composite,
            watch=self.watch,
        )
        self._take_turns(walk)
        walk.finish()
        self.trace.steps = walk.steps
        return CartOutcome(
            tuple(sorted(self.trace.segments)),
            question.subtotal_minor,
            question.shipping_minor,
            tuple(walk.applied),
            self._coupon_outcomes(coupons, known, asked),
            tuple(walk.messages),
            _codes_used(walk.applied, coupons),
        )

    def content(self, question: ContentQuestion, seed: int) -> ContentOutcome:
        """Fills a slot; its cart is priced first when a block belongs to a rule."""
        slot = self.compiled.slot(question.slot)
        applied: tuple[str, ...] = ()
        if question.cart is not None and slot.asks_rules:
            applied = tuple(rule.rule_id for rule in self.cart(question.cart).applied)
        asked = header(self.facts, self.at, self.blocked)
        shown, self.trace.blocks = fill(slot, self.facts, asked, self.trace.segments, applied)
        shown = rotated(slot, shown, seed, question.turn)
        return ContentOutcome(
            slot.id,
            tuple(sorted(self.trace.segments)),
            applied,
            tuple(shown),
            fallback=not shown and bool(slot.fallback),
        )

    def category(self, question: CategoryQuestion) -> CategoryOutcome:
        """Ranks a page; a cart beside it is priced first, since events may belong to a rule."""
        applied: tuple[str, ...] = ()
        if question.cart is not None:
            applied = tuple(rule.rule_id for rule in self.cart(question.cart).applied)
        asked = header(self.facts, self.at, self.blocked)
        shopper = Shopper.of(self.facts, self.trace.segments, applied)
        outcome, self.trace.events = rank_category(self.compiled.rankings, question, asked, shopper)
        return outcome

    def _take_turns(self, walk: CartWalk) -> None:
        """Every rule that fires; stratum 2 is asked again when a total has changed."""
        compiled, facts, judge = self.compiled, self.facts, self.judge
        first, running, rules = compiled.first_stratum, compiled.running_stratum, compiled.rules
        true = judge.literals(first, facts)
        candidates = [rules[name] for name in judge.fired(first, facts, true, walk.truths)]
        if not running.rules and not compiled.lanes:
            for rule in candidates:
                walk.turn(rule)
            return
        refiring = Refiring(running, facts, judge, true, walk.truths)
        candidates += [rules[name] for name, _ in running.rules]
        candidates.sort(key=lambda rule: rule.order)
        settled: set[str] = set()
        for rule in candidates:
            if rule.running:
                walk.totals.keep()
                if not refiring.has_fired(rule.id):
                    walk.near(rule)
                    continue
            if rule.id not in compiled.lanes:
                changed = walk.turn(rule)
            elif (lane := compiled.lanes[rule.id]).name not in settled:
                settled.add(lane.name)
                walk.totals.keep()
                changed = walk.turn_of_group(
                    lane,
                    [
                        one
                        for one in candidates
                        if compiled.lanes.get(one.id) is lane
                        and (not one.running or refiring.has_fired(one.id))
                    ],
                )
            else:
                continue
            if changed:
                refiring.total_changed()

    def _coupon_outcomes(
        self, coupons: Coupons, known: Known, asked: Header
    ) -> tuple[CouponOutcome, ...]:
        if not coupons.asked:
            return ()
        steps = {step.rule_id: step.code for step in self.trace.steps}
        return coupons.outcomes(
            known,
            lambda rule: (
                steps.get(rule.id) or (asked.refusal(rule) or ("conditions_not_met", None))[0]
            ),
        )


def _codes_used(applied: Sequence[Applied], coupons: Coupons) -> dict[str, str]:
    """The generated code of each rule that applied by one."""
    codes = coupons.codes
    return {one.rule_id: codes[one.rule_id] for one in applied if one.rule_id in codes}

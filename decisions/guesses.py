"""How many of the codes that a decision was asked with were guesses that failed."""

from __future__ import annotations

from decisions.made import Made
from rulesets.belonging import coupons_of
from rulesets.coupons import failed_guesses
from rulesets.outcome import CartOutcome
from rulesets.question import CartQuestion
from rulesets.question import CategoryQuestion
from rulesets.question import ContentQuestion
from rulesets.strata import SEGMENTS


def guesses_of(made: Made) -> int:
    """Codes that do not exist, for this shopper. A cart beside another question is judged here: its
    answer tells no codes, and blocks that belong to rules do."""
    question, outcome = made.question, made.decided.outcome
    if isinstance(outcome, CartOutcome):
        return failed_guesses(one.reason for one in outcome.coupons)
    cart = question.cart if isinstance(question, ContentQuestion | CategoryQuestion) else None
    if not isinstance(cart, CartQuestion) or not cart.coupons:
        return 0
    facts, at = made.record.sources.facts.copied(), made.record.decided_at
    if outcome.segments:
        facts.values[SEGMENTS] = frozenset(outcome.segments)
    blocked = made.compiled.blocked_segments(at, facts.currency)
    judged = coupons_of(made.compiled, facts, cart, at, blocked)
    return failed_guesses(reason for _, _, reason in judged.asked)

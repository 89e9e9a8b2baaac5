"""What holds for every cart and every set of rules: money is neither made nor lost."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from aggregates.kernel.money import digits_of
from aggregates.kernel.money import parse_money
from rulesets.allocation import spread
from rulesets.compiled import compile_revision
from rulesets.engine import EngineFailed
from rulesets.outcome import CartOutcome
from rulesets.outcome import cart_answer
from rulesets.pipeline import decide
from rulesets.question import CartLine
from rulesets.question import rounded
from tests.actions_given import prices
from tests.given import AT
from tests.pricing_given import CURRENCIES
from tests.pricing_given import Body
from tests.pricing_given import Priced
from tests.pricing_given import lines
from tests.pricing_given import rule_sets


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_parts_sum_to_wholes_and_nothing_goes_below_zero(data: st.DataObject) -> None:
    currency = data.draw(st.sampled_from(CURRENCIES))
    drawn = data.draw(lines(currency, composite=True))
    bodies, shipping = data.draw(rule_sets(currency)), data.draw(prices(currency))
    spent = {key: data.draw(st.integers(0, 20_000)) for key in bodies if "budget" in bodies[key]}
    priced = Priced(drawn, bodies, currency=currency, shipping=shipping, spent=spent)
    decided = priced.decided()
    outcome = decided.outcome
    assert isinstance(outcome, CartOutcome)
    assert decided.disagreed == ()
    assert decided.faults == ()
    assert 0 <= outcome.shipping_discount_minor <= outcome.shipping_minor
    each_keeps_its_own(priced, outcome)
    no_rule_gives_more_than_it_may(priced, bodies, outcome, spent)
    answer = cart_answer(priced.revision, priced.cart, priced.facts, outcome)
    every_sum_is_exact(answer, currency)


def each_keeps_its_own(priced: Priced, outcome: CartOutcome) -> None:
    """Floors hold for each line, those of a composite product for it and its parts together."""
    cart = priced.cart
    wholes = {line.line_id: line for line in cart.top_level}
    by_whole = priced.by_whole()
    for place, line in enumerate(cart.lines):
        parts = [rule.parts[place] for rule in outcome.applied]
        assert all(part >= 0 for part in parts)
        above = wholes[line.parent_line_id] if line.parent_line_id else line
        assert not sum(parts) or not (line.no_discount or above.no_discount)
        keeps_its_floor(line, sum(parts))
        if above is line:
            keeps_its_floor(line, by_whole[place])


def keeps_its_floor(line: CartLine, taken: int) -> None:
    kept = line.subtotal_minor - taken
    assert kept >= 0
    if taken:
        assert kept >= Fraction(line.quantity) * (line.minimum_price_minor or 0)


def no_rule_gives_more_than_it_may(
    priced: Priced, bodies: dict[str, Body], outcome: CartOutcome, spent: dict[str, int]
) -> None:
    """Caps and budgets are never passed; free shipping is under no cap."""
    for rule in outcome.applied:
        key = priced.keys[rule.rule_id]
        cap = bodies[key]["action"].get("max_discount")
        under_cap = sum(rule.parts) + (0 if rule.free_shipment else rule.shipping_minor)
        if cap is not None:
            assert under_cap <= parse_money(cap["amount"], priced.cart.currency)
        if "budget" in bodies[key]:
            budget = parse_money(bodies[key]["budget"]["amount"], priced.cart.currency)
            assert spent[key] + rule.amount_minor <= budget


def every_sum_is_exact(answer: Body, currency: str) -> None:
    """By the texts of the answer alone, which have the digits of the currency."""

    def minor(text: str) -> int:
        digits = digits_of(currency)
        assert len(text.partition(".")[2]) == digits
        assert ("." in text) is (digits > 0)
        return int(text.replace(".", ""))

    totals = {name: minor(text) for name, text in answer["totals"].items()}
    for entry in (*answer["lines"], answer["shipping"]):
        own = sum(minor(one["amount"]) for one in entry["discounts"])
        assert minor(entry["discount"]) == own
        costs = minor(entry["subtotal" if "line_id" in entry else "amount"])
        assert minor(entry["total"]) == costs - own
    assert totals["line_discount"] == sum(minor(line["discount"]) for line in answer["lines"])
    assert totals["shipping_discount"] == minor(answer["shipping"]["discount"])
    assert totals["discount"] == totals["line_discount"] + totals["shipping_discount"]
    assert totals["total"] == totals["subtotal"] + totals["shipping"] - totals["discount"] >= 0
    applied = sum(minor(one["amount"]) for one in answer["applied_rules"])
    assert applied == totals["discount"]


@settings(max_examples=50, deadline=None)
@given(lines(composite=True), rule_sets(), st.sampled_from(["paused", "early", "used up"]))
def test_a_rule_that_is_not_active_changes_nothing(
    drawn: list[Body], bodies: dict[str, Body], how: str
) -> None:
    off: Body = {
        "paused": {"paused": True},
        "early": {"from_date": "2030-01-01"},
        "used up": {"budget": {"amount": "1.00"}},
    }[how]
    before = Priced(drawn, bodies).outcome()
    more = {**bodies, "zz": {"priority": 0, "stop_further": True, **off}}
    assert Priced(drawn, more, spent={"zz": 1_00}).outcome() == before


@settings(max_examples=50, deadline=None)
@given(lines(composite=True), rule_sets(), st.randoms())
def test_only_priority_and_id_order_the_rules(
    drawn: list[Body], bodies: dict[str, Body], random: Any
) -> None:
    priced = Priced(drawn, bodies)
    shuffled = list(priced.revision.definitions.values())
    random.shuffle(shuffled)
    again = compile_revision("shop", 1, "digest", shuffled, priced.revision.settings)
    decided = decide(again, priced.facts, priced.cart, AT, 3, shadow_percent=100)
    assert decided == priced.decided()


@settings(max_examples=50, deadline=None)
@given(lines(composite=True), rule_sets())
def test_the_evaluator_alone_decides_the_same(drawn: list[Body], bodies: dict[str, Body]) -> None:
    priced = Priced(drawn, bodies)
    by_engine = priced.decided()

    def fail(*_: object) -> None:
        raise EngineFailed("for this test")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rulesets.engine.Program.fire", fail)
        alone = priced.decided()
    assert alone.outcome == by_engine.outcome
    assert alone.trace == by_engine.trace


@given(
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**4)), max_size=12),
    st.sampled_from([1, 3, 7, 100, 10**4, 10**6, 10**8]),
)
def test_a_part_is_the_difference_of_rounded_sums(
    shares: list[tuple[int, int]], denominator: int
) -> None:
    parts = spread([share for share, _ in shares], denominator, [left for _, left in shares])
    exact = Fraction(0)
    given_so_far = 0
    for (share, left), part in zip(shares, parts, strict=True):
        exact += min(Fraction(share, denominator), Fraction(left))
        whole = rounded(exact.numerator, exact.denominator)
        assert part == whole - given_so_far
        assert 0 <= part <= left
        given_so_far = whole

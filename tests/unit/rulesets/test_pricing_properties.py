"""What holds for every cart and every set of rules: money is neither made nor lost."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from rulesets.allocation import spread
from rulesets.benefits.registry import BENEFITS
from rulesets.compiled import compile_revision
from rulesets.engine import EngineFailed
from rulesets.outcome import CartOutcome
from rulesets.outcome import Decided
from rulesets.outcome import cart_answer
from rulesets.pipeline import decide
from rulesets.question import CartQuestion
from rulesets.question import rounded
from tests.actions_given import SKUS
from tests.actions_given import actions
from tests.actions_given import of_sku
from tests.actions_given import prices
from tests.given import AT
from tests.given import a_cart
from tests.given import compiled
from tests.given import facts_of

Body = dict[str, Any]
OUTER = {"name": "outer", "mode": "best", "per": "cart"}
GROUPS: list[Body | None] = [
    None,
    None,
    {"name": "line", "mode": "best", "per": "line"},
    {"name": "first", "mode": "first", "per": "line"},
    OUTER,
    {"name": "inner", "mode": "stack", "per": "cart", "within": OUTER},
]
QUANTITIES = st.one_of(st.integers(1, 40), st.sampled_from(["0.5", "2.3333", "0.0001"]))
PRICES = prices()
LINES = st.lists(
    st.fixed_dictionaries(
        {"quantity": QUANTITIES, "price": PRICES, "sku": st.sampled_from("abc")},
        optional={"minimum_price": PRICES, "no_discount": st.booleans()},
    ),
    max_size=6,
)
SHIPS = {"percent", "fixed", "cart_fixed", "buy_x_get_y", "to_percent", "to_fixed"}


@st.composite
def rules(draw: st.DrawFn) -> Body:
    kind = draw(st.sampled_from(sorted(BENEFITS)))
    action = draw(actions(kind))
    if kind in SHIPS and draw(st.booleans()):
        action["apply_to_shipping"] = True
    if draw(st.booleans()):
        action["items"] = of_sku(draw(st.sampled_from(SKUS)))
    attribute = draw(st.sampled_from(["cart.subtotal", "cart.subtotal_after_discount"]))
    operator = draw(st.sampled_from([">=", "<"]))
    body = {
        "priority": draw(st.integers(0, 3)),
        "stop_further": draw(st.booleans()),
        "free_shipping": draw(st.sampled_from(["no", "no", "items", "shipment"])),
        "conditions": {"attribute": attribute, "operator": operator, "value": draw(PRICES)},
        "action": action,
    }
    group = draw(st.sampled_from(GROUPS))
    if group is not None:
        body["group"] = group
    if "items" in action and draw(st.booleans()):
        body["totals_over"] = "eligible_lines"
    return body


RULES = st.lists(rules(), max_size=6).map(lambda found: dict(zip("pqrstu", found, strict=False)))


def priced(cart: CartQuestion, lines: list[Body], bodies: dict[str, Body]) -> Decided:
    return decide(compiled(bodies), facts_of(cart, lines), cart, AT, 3, shadow_percent=100)


@settings(max_examples=120, deadline=None)
@given(LINES, RULES, PRICES)
def test_parts_sum_to_wholes_and_nothing_goes_below_zero(
    lines: list[Body], bodies: dict[str, Body], shipping: str
) -> None:
    cart = a_cart(lines, shipping=shipping)
    decided = priced(cart, lines, bodies)
    outcome = decided.outcome
    assert isinstance(outcome, CartOutcome)
    assert decided.disagreed == ()
    assert 0 <= outcome.shipping_discount_minor <= cart.shipping_minor
    for index, line in enumerate(cart.lines):
        parts = [rule.parts[index] for rule in outcome.applied]
        assert all(part >= 0 for part in parts)
        kept = line.subtotal_minor - sum(parts)
        assert kept >= 0
        assert not line.no_discount or not sum(parts)
        if sum(parts):
            assert kept >= Fraction(line.quantity) * (line.minimum_price_minor or 0)
    answer = cart_answer(compiled(bodies), cart, facts_of(cart, lines), outcome)
    total = sum(round(float(one["amount"]) * 100) for one in answer["applied_rules"])
    assert total == outcome.line_discount_minor + outcome.shipping_discount_minor
    assert round(float(answer["totals"]["total"]) * 100) == outcome.total_minor


@settings(max_examples=60, deadline=None)
@given(LINES, RULES, st.sampled_from(["paused", "early"]))
def test_a_rule_that_is_not_active_changes_nothing(
    lines: list[Body], bodies: dict[str, Body], how: str
) -> None:
    cart = a_cart(lines, shipping="5.00")
    off: Body = {"paused": True} if how == "paused" else {"from_date": "2030-01-01"}
    before = priced(cart, lines, bodies).outcome
    assert priced(cart, lines, {**bodies, "zz": {"priority": 0, **off}}).outcome == before


@settings(max_examples=60, deadline=None)
@given(LINES, RULES, st.randoms())
def test_only_priority_and_id_order_the_rules(
    lines: list[Body], bodies: dict[str, Body], random: Any
) -> None:
    cart = a_cart(lines, shipping="5.00")
    revision = compiled(bodies)
    shuffled = list(revision.definitions.values())
    random.shuffle(shuffled)
    again = compile_revision("shop", 1, "digest", shuffled, revision.settings)
    facts = facts_of(cart, lines)
    assert decide(again, facts, cart, AT, 3) == decide(revision, facts, cart, AT, 3)


@settings(max_examples=60, deadline=None)
@given(LINES, RULES)
def test_the_evaluator_alone_decides_the_same(lines: list[Body], bodies: dict[str, Body]) -> None:
    cart = a_cart(lines, shipping="5.00")
    by_engine = priced(cart, lines, bodies)

    def fail(*_: object) -> None:
        raise EngineFailed("for this test")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rulesets.engine.Program.fire", fail)
        alone = priced(cart, lines, bodies)
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

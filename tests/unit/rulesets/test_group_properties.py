"""What holds for every group of rules: the best is the best, for each line or the whole cart."""

from __future__ import annotations

from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from tests.pricing_given import Body
from tests.pricing_given import Priced
from tests.pricing_given import lines
from tests.pricing_given import offers

MEMBERS = st.lists(offers(), min_size=1, max_size=4)
BEFORE = {"priority": 0, "action": {"type": "percent", "amount": "33.3333"}}


def together(members: list[Body], group: Body) -> dict[str, Body]:
    """The members as a group, behind a rule that is in none."""
    grouped = {
        f"m{place}": {**body, "priority": 1, "group": group} for place, body in enumerate(members)
    }
    return {"before": BEFORE, **grouped}


def alone(member: Body) -> dict[str, Body]:
    """One of them, behind the same rule."""
    return {"before": BEFORE, "m": {**member, "priority": 1}}


@settings(max_examples=60, deadline=None)
@given(lines(composite=True), MEMBERS)
def test_the_best_of_a_cart_gives_what_the_best_alone_would(
    drawn: list[Body], members: list[Body]
) -> None:
    best = Priced(drawn, together(members, {"name": "g", "mode": "best", "per": "cart"}))
    by_itself = [sum(Priced(drawn, alone(member)).by_whole()) for member in members]
    assert sum(best.by_whole()) == max(by_itself)
    applied = [best.keys[rule.rule_id] for rule in best.outcome().applied]
    assert len([key for key in applied if key != "before"]) <= 1


@settings(max_examples=60, deadline=None)
@given(lines(composite=True), MEMBERS)
def test_the_best_of_each_line_gives_each_line_the_most(
    drawn: list[Body], members: list[Body]
) -> None:
    group = {"name": "g", "mode": "best", "per": "line"}
    by_itself = [Priced(drawn, alone(member)).by_whole() for member in members]
    assert Priced(drawn, together(members, group)).by_whole() == [
        max(amounts) for amounts in zip(*by_itself, strict=True)
    ]


@settings(max_examples=60, deadline=None)
@given(lines(composite=True), MEMBERS)
def test_the_first_is_the_first_that_would_apply_alone(
    drawn: list[Body], members: list[Body]
) -> None:
    first = Priced(drawn, together(members, {"name": "g", "mode": "first", "per": "cart"}))
    for member in members:
        single = Priced(drawn, alone(member))
        if any(single.keys[rule.rule_id] == "m" for rule in single.outcome().applied):
            assert first.by_whole() == single.by_whole()
            return
    assert [first.keys[rule.rule_id] for rule in first.outcome().applied] in ([], ["before"])


@settings(max_examples=40, deadline=None)
@given(lines(composite=True), MEMBERS, st.sampled_from(["line", "cart"]))
def test_a_group_that_stacks_alone_changes_nothing(
    drawn: list[Body], members: list[Body], per: str
) -> None:
    grouped = together(members, {"name": "g", "mode": "stack", "per": per})
    without = {
        key: {name: value for name, value in body.items() if name != "group"}
        for key, body in grouped.items()
    }
    assert Priced(drawn, grouped).decided() == Priced(drawn, without).decided()


@settings(max_examples=40, deadline=None)
@given(lines(composite=True), MEMBERS)
def test_stacking_within_a_best_is_the_same_as_stacking(
    drawn: list[Body], members: list[Body]
) -> None:
    outer = {"name": "o", "mode": "best", "per": "cart"}
    inner = {"name": "g", "mode": "stack", "per": "cart", "within": outer}
    stacked = {f"m{place}": {**body, "priority": 1} for place, body in enumerate(members)}
    nested = Priced(drawn, together(members, inner))
    assert nested.by_whole() == Priced(drawn, {"before": BEFORE, **stacked}).by_whole()

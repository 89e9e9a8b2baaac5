"""The shape of a cart rule's body."""

from __future__ import annotations

from typing import Any

import pytest

from aggregates.kernel.errors import InvalidInput
from app.edge.validation import load
from app.schemas.cart_rule import CartRuleSchema

GROUP = {"name": "a", "mode": "best", "per": "line"}
PLAIN: dict[str, Any] = {
    "name": "Ten",
    "priority": 1,
    "stop_further": False,
    "coupon": {"type": "none"},
    "conditions": {"all": []},
    "action": {"type": "percent", "amount": "10"},
}
MONEY = {"amount": "10.00", "amounts": {"EUR": "9.00"}}
TIER = {"from": "10", "from_amounts": {"EUR": "9"}, "fixed": "1.00", "amounts": {"EUR": "0.90"}}


@pytest.mark.parametrize(
    "more",
    [
        {"group": {**GROUP, "within": {**GROUP, "name": "b", "within": {**GROUP, "name": "c"}}}},
        {"action": {"type": "percent", "amount": "10", "max_discount": MONEY}},
        {"action": {"type": "tiered", "by": "amount", "tiers": [TIER]}},
        {"budget": MONEY},
        {"nearly": {"distance": "20.00", "amounts": {"EUR": "18.00"}, "message": "{missing}"}},
        {"public": True},
    ],
)
def test_a_body_is_kept_as_it_was_written(more: dict[str, Any]) -> None:
    body = {**PLAIN, **more}
    assert load(CartRuleSchema(), body) == body


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"group": {**GROUP, "within": {"name": "b"}}}, ("/group/within/mode", "required")),
        ({"group": {**GROUP, "within": []}}, ("/group/within", "wrong_type")),
        ({"public": 1}, ("/public", "wrong_type")),
        (
            {"action": {"type": "percent", "max_discount": {}}},
            ("/action/max_discount/amount", "required"),
        ),
        ({"action": {"type": "tiered", "tiers": [{}]}}, ("/action/tiers/0/from", "required")),
    ],
)
def test_a_wrong_shape_is_told_with_its_place(
    more: dict[str, Any], problem: tuple[str, str]
) -> None:
    with pytest.raises(InvalidInput) as refused:
        load(CartRuleSchema(), {**PLAIN, **more})
    assert problem in {(one.pointer, one.code) for one in refused.value.problems}

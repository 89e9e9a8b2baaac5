"""What holds for every action type: one contract, run on each of them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from rulesets.benefits.benefit import Benefit
from rulesets.benefits.bundle_price import BundlePrice
from rulesets.benefits.capped import Capped
from rulesets.benefits.registry import BENEFITS
from rulesets.benefits.registry import benefit_of
from rulesets.question import SCALE
from rulesets.running import RunningCart
from tests.actions_given import SKUS
from tests.actions_given import actions
from tests.actions_given import prices
from tests.given import a_cart

Body = dict[str, Any]
CURRENCIES = ("USD", "JPY", "KWD")
KINDS = pytest.mark.parametrize("kind", sorted(BENEFITS))
SHIPS = {"percent", "fixed", "cart_fixed", "buy_x_get_y", "to_percent", "to_fixed"}


@st.composite
def carts(draw: st.DrawFn, currency: str) -> RunningCart:
    lines = draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    "quantity": st.one_of(st.integers(1, 40), st.sampled_from(["0.5", "2.3333"])),
                    "price": prices(currency),
                    "sku": st.sampled_from(SKUS),
                },
                optional={"minimum_price": prices(currency), "no_discount": st.booleans()},
            ),
            max_size=6,
        )
    )
    cart = RunningCart(a_cart(lines, currency=currency, shipping=draw(prices(currency))))
    taken = [draw(st.integers(0, left)) for left in cart.left]
    cart.take(range(len(taken)), taken)
    return cart


def on(benefit: Benefit, action: Body, cart: RunningCart) -> Benefit:
    """A bundle is told which lines its parts may be; other actions need not be."""
    if action["type"] != "bundle_price":
        return benefit
    wanted = [part["where"]["value"] for part in action["bundle"]]
    lines = [[i for i, sku in enumerate(cart.skus) if sku == one] for one in wanted]
    if isinstance(benefit, Capped):
        return Capped(on(benefit.benefit, action, cart), benefit.most_minor)
    assert isinstance(benefit, BundlePrice)
    return benefit.picking(lines)


@KINDS
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_it_takes_at_most_what_is_left_and_changes_nothing_itself(
    kind: str, data: st.DataObject
) -> None:
    currency = data.draw(st.sampled_from(CURRENCIES))
    cart, action = data.draw(carts(currency)), data.draw(actions(kind, currency))
    benefit = benefit_of(action, currency, currency)
    assert benefit is not None
    benefit = on(benefit, action, cart)
    lines = (
        data.draw(st.lists(st.sampled_from(range(len(cart.left))), unique=True))
        if (cart.left)
        else []
    )
    units = data.draw(st.none() | st.just([cart.units[i] // SCALE * SCALE for i in lines]))
    before = (list(cart.left), list(cart.discount), cart.shipping_left)
    parts, shipping = benefit.take(cart, lines, units, cart.shipping_left)
    assert (list(cart.left), list(cart.discount), cart.shipping_left) == before
    assert len(parts) == len(lines)
    assert all(0 <= part <= cart.left[i] for i, part in zip(lines, parts, strict=True))
    assert 0 <= shipping <= cart.shipping_left
    assert shipping == 0 or kind in SHIPS
    assert benefit.take(cart, lines, units, cart.shipping_left) == (parts, shipping)
    if benefit.gives_nothing:
        assert not any(parts)
        assert not shipping
    if "max_discount" in action:
        most = benefit_of(action, currency, currency)
        assert isinstance(most, Capped)
        assert sum(parts) + shipping <= most.most_minor


@KINDS
@settings(max_examples=30, deadline=None)
@given(st.data())
def test_it_takes_nothing_off_shipping_that_is_not_its(kind: str, data: st.DataObject) -> None:
    cart, action = data.draw(carts("USD")), data.draw(actions(kind))
    benefit = benefit_of(action, "USD", "USD")
    assert benefit is not None
    assert on(benefit, action, cart).take(cart, range(len(cart.left)), None, None)[1] == 0


@KINDS
@settings(max_examples=30, deadline=None)
@given(st.data())
def test_it_takes_nothing_off_no_lines(kind: str, data: st.DataObject) -> None:
    cart, action = data.draw(carts("USD")), data.draw(actions(kind))
    benefit = benefit_of(action, "USD", "USD")
    assert benefit is not None
    assert on(benefit, action, cart).take(cart, [], None, None) == ([], 0)


@KINDS
def test_it_knows_when_its_author_gave_no_amount_in_a_currency(kind: str) -> None:
    bodies: dict[str, Body] = {
        "bundle_price": {"amount": "1.00", "bundle": []},
        "buy_x_get_y": {"step": 1, "amount": "1"},
        "cheapest_free": {"step": 2, "amount": "1"},
        "free_gift": {"gift": {"skus": ["a"], "quantity": 1, "choose": 1}},
        "tiered": {"by": "quantity", "tiers": [{"from": "2", "fixed": "1.00"}]},
    }
    action = {"type": kind, "amount": "1.00", **bodies.get(kind, {})}
    needs_money = kind in {"fixed", "cart_fixed", "to_fixed", "bundle_price", "tiered"}
    assert (benefit_of(action, "EUR", "USD") is None) is needs_money
    capped = {**action, "max_discount": {"amount": "1.00"}}
    assert benefit_of(capped, "EUR", "USD") is None

"""A simulation says what publishing the candidate would have: each cart is decided afresh under it.

Afresh: the candidate is a revision of its own, every fact that it reads is found in the log as of
the decision, and nothing of what was recorded is used but the request and the moment.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from aggregates.kernel.clock import DAY
from app.database import Stores
from decisions.again import question_of
from decisions.cart import decide_cart
from decisions.from_log import gather_as_of
from decisions.past import Past
from decisions.record import TOPIC
from decisions.record import Record
from decisions.record import plain
from decisions.simulation.simulator import CHECK_EVERY
from decisions.simulation.simulator import Simulator
from decisions.simulation.tally import NAMED_MAX
from decisions.simulation.tally import Tally
from rulesets.compiled import CompiledRevision
from rulesets.pipeline import decide
from tests.decisions_given import SITE
from tests.decisions_given import Given
from tests.decisions_given import given_site
from tests.fakes import SettableClock

Body = dict[str, Any]
SHOPPERS = ("ada", "bob", "eve")
AMOUNTS = st.sampled_from(["5.00", "20.00", "60.00", "90.00"])


def leaf(attribute: str, operator: str, value: Any) -> Body:
    return {"attribute": attribute, "operator": operator, "value": value}


OWN = [
    leaf("shopper.traits.vip", "==", True),
    leaf("shopper.group", "==", "gold"),
    leaf("context.country", "==", "US"),
    leaf("context.customer_group", "!=", "gold"),
    leaf("time.hour", ">=", 12),
    leaf("shopper.is_registered", "==", True),
    {"history": "Product Viewed", "within_days": 3, "operator": ">=", "value": 2},
    {"history": "Product Viewed", "within_days": 30, "operator": ">=", "value": 3},
    {"orders": "sum", "operator": ">=", "value": "50.00"},
    {"lines": "found", "where": leaf("line.categories", "contains", "men")},
    {"lines": "quantity", "operator": ">=", "value": 2, "where": leaf("line.sku", "==", "a")},
]
SETS = st.sampled_from(["contains", "not_contains"])
NAMING = st.builds(leaf, st.just("shopper.segments"), SETS, st.just("s"))
SEGMENTS = st.fixed_dictionaries(
    {"s": st.sampled_from(OWN), "t": st.one_of(NAMING, st.sampled_from(OWN))}
)
LEAVES = st.one_of(
    st.sampled_from(OWN),
    st.builds(leaf, st.just("cart.subtotal"), st.sampled_from([">=", "<"]), AMOUNTS),
    st.builds(leaf, st.just("cart.subtotal_after_discount"), st.just("<"), AMOUNTS),
    st.builds(leaf, st.just("shopper.segments"), SETS, st.sampled_from(["s", "t"])),
    st.builds(leaf, st.just("cart.applied_rules"), SETS, st.sampled_from(["p", "q"])),
)
RULES = st.fixed_dictionaries(
    {
        "priority": st.integers(0, 2),
        "conditions": st.builds(
            lambda how, leaves: {how: leaves},
            st.sampled_from(["all", "any", "none"]),
            st.lists(LEAVES, max_size=2),
        ),
        "action": st.sampled_from(
            [
                {"type": "percent", "amount": "10"},
                {"type": "fixed", "amount": "3.33"},
                {"type": "cart_fixed", "amount": "7.00"},
                {"type": "percent", "amount": "50", "items": leaf("line.sku", "==", "a")},
                {"type": "free_gift", "gift": {"skus": ["toy"], "quantity": 1, "choose": 1}},
            ]
        ),
    },
    optional={
        "stop_further": st.booleans(),
        "free_shipping": st.sampled_from(["no", "items", "shipment"]),
        "coupon": st.sampled_from([{"type": "none"}, {"type": "specific", "code": "SAVE"}]),
        "group": st.just({"name": "g", "mode": "best", "per": "cart"}),
        "nearly": st.just({"distance": "100.00", "message": "{missing}"}),
    },
)
REVISIONS = st.tuples(
    SEGMENTS, st.fixed_dictionaries({"p": RULES, "q": RULES}, optional={"r": RULES})
)
LINES = st.lists(
    st.fixed_dictionaries({"sku": st.sampled_from(["a", "b"]), "quantity": st.integers(1, 3)}),
    min_size=1,
    max_size=2,
)
CARTS = st.fixed_dictionaries(
    {"lines": LINES},
    optional={
        "shopper": st.sampled_from([{"customer_id": name} for name in SHOPPERS]),
        "context": st.sampled_from(
            [{"country": "US"}, {"country": "DE", "customer_group": "gold"}]
        ),
        "coupons": st.just(["save"]),
        "shipping": st.just({"method": "post", "amount": "4.00"}),
    },
)


@pytest.fixture
def shop(sqlite_stores: Stores, clock: SettableClock) -> Iterator[Given]:
    """Shoppers with a past, and products that the carts do not describe."""
    made = given_site(sqlite_stores, clock)
    made.list_product("a", categories=["men/shoes"], price_minor=2_000, currency="USD")
    for number, name in enumerate(SHOPPERS):
        shopper = made.shopper("customer", name)
        traits = {"vip": name == "ada", "customer_group": "gold" if name == "bob" else "blue"}
        made.tell("ShopperIdentified", shopper, traits=traits)
        for _ in range(number + 1):
            viewed = {"kind": "track", "event": "Product Viewed", "products": [{"sku": "a"}]}
            made.tell("InteractionRecorded", shopper, number * 5 * DAY, **viewed)
    yield made
    made.close()


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_simulated_is_as_published(shop: Given, data: st.DataObject) -> None:
    publish(shop, *data.draw(REVISIONS, "recorded"))
    records = [
        decide_cart(shop.means, SITE, cart(drawn), lambda made: None).record
        for drawn in data.draw(st.lists(CARTS, min_size=1, max_size=3), "carts")
    ]
    publish(shop, *data.draw(REVISIONS, "candidate"))
    candidate = shop.revisions.get(SITE, len(shop.revisions.published) - 1)
    simulator = Simulator(shop.means, SITE, candidate, "reevaluated", lambda decision: False)
    for record in records:
        tally = Tally(1)
        assert simulator.decided(record, tally) == afresh(shop, record, candidate)
        assert not tally.unknown


def test_decisions_that_do_not_come_out_as_recorded_are_told(shop: Given) -> None:
    rule = {"priority": 1, "conditions": {"all": []}, "action": {"type": "percent", "amount": "10"}}
    publish(shop, {}, {"p": rule})
    one = cart({"lines": [{"sku": "a", "quantity": 1}]})
    for _ in range(2 * CHECK_EVERY):
        decide_cart(shop.means, SITE, one, lambda made: None)
    recorded = shop.revisions.get(SITE, 1)
    simulator = Simulator(shop.means, SITE, recorded, "recorded", lambda decision: False)
    decisions = shop.log.read(SITE, 0, 1_000, topics={TOPIC}, unseal=True)
    tally = Tally(1)
    simulator.add(decisions, tally)
    assert tally.counts.checked > 0
    assert (tally.counts.check_failed, tally.counts.changed) == (0, 0)
    shop.revisions.published[1][0].body["action"] = {"type": "percent", "amount": "11"}
    shop.revisions.compiled.clear()
    simulator.add(decisions, tally)
    assert tally.counts.check_failed == tally.counts.checked // 2
    assert 0 < len(tally.check_failed) <= NAMED_MAX


def afresh(shop: Given, record: Record, candidate: CompiledRevision) -> Body:
    """The decision as the candidate would have made it then."""
    past = Past.of(shop.log, SITE)
    sources = gather_as_of(shop.means, record, candidate, past).sources
    question = question_of(record, sources, candidate)
    made = decide(candidate, sources.facts, question, record.decided_at, record.seed)
    assert not made.disagreed
    told: Body = plain(made.outcome.to_json())
    return told


def publish(shop: Given, segments: Body, rules: Body) -> None:
    """A revision of these bodies."""
    base = {"name": "R", "stop_further": False, "coupon": {"type": "none"}}
    shop.publish(
        segments={
            key: {"name": key, "apply_to": "all", "conditions": tree}
            for key, tree in segments.items()
        },
        cart_rules={key: {**base, **body} for key, body in rules.items()},
    )


def cart(drawn: Body) -> Body:
    lines = [
        {"line_id": str(place), "unit_price": "19.90", **line}
        for place, line in enumerate(drawn["lines"])
    ]
    return {
        "cart_id": "c",
        "currency": "USD",
        "shopper": {},
        "context": {},
        **drawn,
        "lines": lines,
    }

"""An order is what its events say, in whatever sequence they are told."""

from __future__ import annotations

from decimal import Decimal
from itertools import permutations

import pytest

from aggregates.kernel.clock import DAY
from aggregates.log import RecordedEvent
from projections.orders import CANCELLED
from projections.orders import COMPLETED
from projections.orders import Order
from projections.orders import fold
from projections.orders import of_person
from projections.orders import scopes
from tests.projection_events import ANNA
from tests.projection_events import BEN
from tests.projection_events import NOON
from tests.projection_events import cancelled
from tests.projection_events import ordered
from tests.projection_events import refunded


def _order(*events: RecordedEvent) -> Order:
    order: Order | None = None
    for event in events:
        order = fold(order, event)
    assert order is not None
    return order


def test_a_completed_order_has_its_total_lines_and_date() -> None:
    order = _order(ordered(1, "o", 3_000, coupons=["TEN"], country="DE"))

    assert (order.status, order.completed_at) == (COMPLETED, NOON)
    assert (order.currency, order.net_minor, order.net_quantity) == ("USD", 3_000, 1)
    assert (order.coupons, order.country) == (("TEN",), "DE")


def test_refunds_together_are_at_most_the_order() -> None:
    order = _order(
        ordered(1, "o", 3_000),
        refunded(2, "o", total_minor=1_200),
        refunded(3, "o", total_minor=2_500),
    )

    assert (order.refunded_minor, order.net_minor) == (3_000, 0)


def test_a_refund_before_its_order_waits_for_it() -> None:
    waiting = _order(refunded(1, "o", total_minor=500))
    assert of_person([waiting]) == []
    assert waiting.net_minor == 0

    order = fold(waiting, ordered(2, "o", 2_000))
    assert order is not None
    assert of_person([order]) == [order]
    assert order.net_minor == 1_500


def test_a_cancellation_before_its_order_holds() -> None:
    order = _order(cancelled(1, "o"), ordered(2, "o", 2_000))

    assert (order.status, order.completed_at) == (CANCELLED, NOON)


def test_a_further_completion_replaces_the_contents_and_keeps_the_date() -> None:
    order = _order(
        ordered(1, "o", 2_000, coupons=["TEN"]),
        ordered(2, "o", 1_000, at=NOON + DAY),
    )

    assert (order.total_minor, order.coupons, order.completed_at) == (1_000, (), NOON)


def test_contents_that_arrive_late_do_not_replace_newer_ones() -> None:
    newer = ordered(1, "o", 1_000, at=NOON + DAY)
    older = ordered(2, "o", 2_000, at=NOON)

    assert _order(newer, older).total_minor == 1_000
    assert _order(newer, older).completed_at == NOON


def test_an_update_alone_is_no_order_yet() -> None:
    update = ordered(1, "o", 1_000, topic="OrderUpdated")

    assert of_person([_order(update)]) == []


def test_a_refund_by_products_is_worth_their_price_in_the_order() -> None:
    products = [
        {"sku": "x", "quantity": 3, "price_minor": 700},
        {"sku": "y", "quantity": Decimal("1.5"), "price_minor": 333},
    ]
    order = _order(
        ordered(1, "o", 2_600, products=products),
        refunded(2, "o", products=[{"sku": "x", "quantity": 2}]),
        refunded(3, "o", products=[{"sku": "y", "quantity": Decimal("1.5")}]),
    )

    assert order.refunded_minor == 1_400 + 500  # 499.5 is rounded half up
    assert order.net_quantity == 1


def test_a_refund_that_names_nothing_is_of_everything() -> None:
    order = _order(ordered(1, "o", 2_600), refunded(2, "o"))

    assert (order.net_minor, order.net_quantity) == (0, 0)


def test_a_refund_in_another_currency_is_not_subtracted() -> None:
    order = _order(ordered(1, "o", 2_600), refunded(2, "o", total_minor=100, currency="EUR"))

    assert order.net_minor == 2_600


@pytest.mark.parametrize("topic", ["OrderCompleted", "OrderUpdated"])
def test_what_only_a_client_claims_is_no_order(topic: str) -> None:
    assert fold(None, ordered(1, "o", 1, topic=topic, trust="client")) is None


def test_a_client_cannot_change_an_order_of_the_server() -> None:
    order = _order(ordered(1, "o", 2_000))

    assert fold(order, cancelled(2, "o", trust="client")) is order
    assert fold(order, refunded(2, "o", trust="client")) is order


def test_any_sequence_of_the_same_events_gives_the_same_worth() -> None:
    told = (
        ordered(1, "o", 3_000, at=NOON),
        ordered(2, "o", 2_500, at=NOON + DAY, topic="OrderUpdated"),
        refunded(3, "o", total_minor=400),
        cancelled(4, "o"),
    )

    worths = set()
    for sequence in permutations(told):
        order = _order(*sequence)
        worths.add((order.status, order.completed_at, order.total_minor, order.net_minor))
    assert worths == {(CANCELLED, NOON, 2_500, 2_100)}


def test_an_order_told_under_two_pseudonyms_of_a_person_counts_once() -> None:
    told = [_order(ordered(1, "o", 100)), _order(ordered(2, "o", 100, shopper=BEN, at=NOON + 1))]

    assert [order.shopper_id for order in of_person(told)] == [ANNA]


def test_where_sees_one_scope_for_each_coupon() -> None:
    products = [{"sku": "x", "quantity": 1, "price_minor": 1, "categories": ["men/shoes"]}]
    order = _order(ordered(1, "o", 100, coupons=["A", "B"], products=products, country="DE"))

    first, second = scopes(order, "USD")
    assert (first["order.coupon"], second["order.coupon"]) == ("A", "B")
    assert first["order.total"] == 100
    assert first["order.categories"] == frozenset({"men", "men/shoes"})
    assert first["order.skus"] == frozenset({"x"})
    assert first["order.status"] == "completed"


def test_where_sees_no_total_in_another_currency() -> None:
    (scope,) = scopes(_order(ordered(1, "o", 100)), "EUR")

    assert "order.total" not in scope
    assert scope["order.currency"] == "USD"

"""Rankings: what small histories make of the most viewed, most purchased and trending."""

from __future__ import annotations

from random import Random

import pytest

from aggregates.kernel.clock import DAY
from projections.recommendations.most_purchased import MostPurchased
from projections.recommendations.most_viewed import MostViewed
from projections.recommendations.trending import Trending
from tests.histories import HOUR
from tests.histories import NOW
from tests.histories import bought
from tests.histories import learned
from tests.histories import seen


def test_sessions_count_not_views() -> None:
    views = seen(["cup", "cup", "cup"], ["plate"], ["plate", "cup"], ["plate"])
    assert learned(MostViewed(), views) == [("plate", 3), ("cup", 2)]


def test_orders_count_not_units_or_lines() -> None:
    orders = bought(["cup", "cup", "plate"], ["plate"], ["bowl"])
    assert learned(MostPurchased(), orders=orders) == [("plate", 2), ("bowl", 1), ("cup", 1)]


@pytest.mark.parametrize("recommender", [MostViewed(), MostPurchased()], ids=lambda one: one.type)
def test_a_ranking_counts_the_last_seven_days(recommender: MostViewed | MostPurchased) -> None:
    views, orders = [], []
    for sku, at in (
        ("too old", NOW - 7 * DAY),
        ("old", NOW - 7 * DAY + 1),
        ("new", NOW),
        ("to come", NOW + 1),
    ):
        views += seen([sku], at=at)
        orders += bought([sku], at=at)
    assert learned(recommender, views, orders) == [("new", 1), ("old", 1)]


@pytest.mark.parametrize("recommender", [MostViewed(), MostPurchased(), Trending()], ids=type)
def test_a_ranking_does_not_depend_on_the_order_of_events(
    recommender: MostViewed | MostPurchased | Trending,
) -> None:
    chance = Random(5)
    skus = [f"sku-{number}" for number in range(12)]
    views, orders = [], []
    for hours in range(0, 160, 4):
        chosen = chance.sample(skus, 4)
        views += seen(chosen, at=NOW - hours * HOUR)
        orders += bought(chosen, at=NOW - hours * HOUR)
    before = learned(recommender, views, orders)
    chance.shuffle(views)
    chance.shuffle(orders)
    assert before == learned(recommender, views, orders)
    assert before == sorted(before, key=lambda row: (-row[1], row[0]))


def usual(sku: str, sessions: int) -> list[tuple[str, str, int]]:
    """So many sessions on each of the three days before the last, one of them quite early."""
    days = (1.5, 2.5, 3.5)
    return [view for day in days for view in seen(*[[sku]] * sessions, at=NOW - int(day * DAY))]


def test_the_momentum_is_what_came_beyond_what_was_expected() -> None:
    # Of 30 baseline sessions 9 were of the cup; 30 sessions today, so 9 are expected, 15 came.
    views = usual("cup", 3) + usual("plate", 7) + seen(*[["cup"]] * 15, *[["plate"]] * 15)
    momentum = int(1_000 * (15 - 9) / (9 + 1) ** 0.5)
    assert learned(Trending(), views) == [("cup", momentum, 15, 9)]


def test_a_product_that_is_new_can_trend() -> None:
    views = usual("cup", 4) + seen(*[["cup"]] * 4, *[["lamp"]] * 3)
    assert learned(Trending(), views) == [("lamp", 3_000, 3, 0)]


def test_what_is_always_popular_does_not_trend_and_a_busy_day_is_no_trend() -> None:
    views = usual("cup", 10) + usual("plate", 5)
    views += seen(*[["cup"]] * 40, *[["plate"]] * 20)
    assert learned(Trending(), views) == []


def test_a_few_sessions_are_no_trend() -> None:
    views = usual("cup", 5) + seen(*[["cup"]] * 5, *[["lamp"]] * 2)
    assert learned(Trending(), views) == []


def test_nothing_trends_before_three_days_are_known() -> None:
    young = seen(*[["cup"]] * 9, at=NOW - 2 * DAY) + seen(*[["lamp"]] * 9)
    assert learned(Trending(), young) == []
    old = young + seen(["plate"], at=NOW - 3 * DAY - HOUR)
    assert [row[0] for row in learned(Trending(), old)] == ["lamp"]


def test_nothing_trends_without_a_baseline() -> None:
    views = seen(["plate"], at=NOW - 6 * DAY) + seen(*[["lamp"]] * 9)
    assert learned(Trending(), views) == []

"""The price before a reduction is the lowest of the 30 days before it, whatever a shop tries."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.kernel.clock import DAY
from aggregates.log import RecordedEvent
from projections.price_history import PRIOR_DAYS
from projections.price_history import lowest
from projections.price_history import prices_of
from projections.price_history import reduction_of
from projections.price_history import since_window
from tests.projection_events import NOON
from tests.projection_events import recorded

Told = tuple[int, int | None] | tuple[int, int, int]
"""(day, price) or (day, price, special price); None: not listed any more."""


def _events(history: list[Told], **product: Any) -> list[RecordedEvent]:
    found = []
    for position, (day, price, *special) in enumerate(history, 1):
        at = NOON + day * DAY
        if price is None:
            found.append(recorded("ProductDelisted", position, None, at, sku="a"))
            continue
        body = {"sku": "a", "currency": "EUR", "price_minor": price, **product}
        body |= {"special_price_minor": special[0]} if special else {}
        found.append(recorded("ProductListed", position, None, at, sku="a", product=body))
    return found


# history, then (day of the reduction, price before, day of the first, price before that) or None
REDUCTIONS: list[tuple[str, list[Told], tuple[int, int | None, int, int | None] | None]] = [
    ("never listed", [], None),
    ("never another price", [(0, 100)], None),
    ("reduced once", [(0, 100), (40, 80)], (40, 100, 40, 100)),
    ("reduced by a special price", [(0, 100), (40, 100, 80)], (40, 100, 40, 100)),
    ("raised", [(0, 100), (40, 120)], None),
    ("reduced and raised again", [(0, 100), (40, 80), (50, 100)], None),
    ("raised just before it is reduced", [(0, 100), (40, 150), (45, 100)], (45, 100, 45, 100)),
    ("raised, and down to above the old", [(0, 100), (40, 150), (45, 120)], (45, 100, 45, 100)),
    ("raised long before", [(0, 100), (40, 150), (80, 120)], (80, 150, 80, 150)),
    ("a price that ended as the 30 days began", [(0, 90), (10, 100), (40, 80)], (40, 100, 40, 100)),
    ("a price of the first of 30 days", [(0, 90), (11, 100), (40, 80)], (40, 90, 40, 90)),
    ("step by step", [(0, 100), (40, 90), (50, 80)], (50, 90, 40, 100)),
    ("step by step over months", [(0, 100), (40, 90), (90, 80)], (90, 90, 40, 100)),
    ("the list price alone raised", [(0, 100), (40, 100, 80), (50, 140, 80)], (40, 100, 40, 100)),
    (
        "called reduced, and the list price raised",
        [(0, 70), (9, 99, 80), (50, 140, 80)],
        (9, 70, 9, 70),
    ),
    ("raised, and called reduced", [(0, 80), (40, 120, 100)], (40, 80, 40, 80)),
    ("raised, called reduced, reduced", [(0, 80), (40, 120, 99), (80, 120, 95)], (80, 99, 40, 80)),
    ("not called reduced any more", [(0, 80), (40, 120, 100), (50, 100)], None),
    ("called reduced again", [(0, 70), (9, 99, 80), (20, 80), (60, 99, 80)], (60, 80, 60, 80)),
    ("special, taken out, back", [(0, 100, 80), (9, None), (10, 100, 80)], (0, None, 0, None)),
    ("taken out for a day", [(0, 100), (40, None), (41, 80)], (41, 100, 41, 100)),
    ("taken out for two months", [(0, 100), (40, None), (100, 80)], (100, None, 100, None)),
    ("new, with a special price", [(0, 100, 80)], (0, None, 0, None)),
    ("not listed now", [(0, 100), (40, 80), (50, None)], None),
]


@pytest.mark.parametrize(("case", "history", "told"), REDUCTIONS, ids=[c for c, *_ in REDUCTIONS])
def test_a_reduction_names_the_lowest_price_of_the_30_days_before(
    case: str, history: list[Told], told: tuple[int, int | None, int, int | None] | None
) -> None:
    found = reduction_of(prices_of(_events(history)))

    if told is None:
        assert found is None
        return
    since, prior, first_since, first_prior = told
    assert found is not None
    assert (found.since, found.prior_minor) == (NOON + since * DAY, prior)
    assert (found.first_since, found.first_prior_minor) == (NOON + first_since * DAY, first_prior)


def test_a_store_view_has_its_own_price_or_the_products() -> None:
    own = [{"store_view": "de", "price_minor": 70, "special_price_minor": 60, "currency": "EUR"}]
    events = _events([(0, 100)], store_view_prices=own)

    assert [price.amount_minor for price in prices_of(events, "de")] == [60]
    assert [price.amount_minor for price in prices_of(events, "at")] == [100]
    assert [price.amount_minor for price in prices_of(events)] == [100]


def test_another_currency_is_no_reduction() -> None:
    events = [*_events([(0, 100)]), *_events([(10, 80)], currency="USD")]

    assert reduction_of(prices_of(events)) is None


def test_a_day_in_another_currency_hides_no_price() -> None:
    euros, dollars = _events([(0, 100), (11, 80)]), _events([(10, 70)], currency="USD")

    found = reduction_of(prices_of([euros[0], *dollars, euros[1]]))
    assert found is not None
    assert (found.since, found.prior_minor) == (NOON + 11 * DAY, 100)


def test_the_history_goes_back_over_the_window() -> None:
    prices = prices_of(_events([(0, 100), (10, 90), (20, 95), (60, 80)]))

    assert [p.amount_minor for p in since_window(prices, NOON + 60 * DAY)] == [95, 80]
    assert [p.amount_minor for p in since_window(prices, NOON + 45 * DAY)] == [90, 95, 80]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 9)), min_size=1, max_size=12))
def test_the_lowest_is_that_of_looking_at_each_day(steps: list[tuple[int, int]]) -> None:
    history: list[Told] = []
    day = 0
    for gap, price in steps:
        day += gap + 1
        history.append((day, price))
    end = day + 5
    prices = prices_of(_events(history))

    by_day = [
        max((d, p) for d, p in history if d <= at) for at in range(end) if at >= history[0][0]
    ]
    window = by_day[-PRIOR_DAYS:]
    assert lowest(prices, NOON + end * DAY, "EUR") == min(price for _, price in window)

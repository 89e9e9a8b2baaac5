"""Activity counts events by day and by what they were about."""

from __future__ import annotations

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from aggregates.kernel.clock import DAY
from aggregates.kernel.clock import SECOND
from aggregates.kernel.clock import parse_moment
from projections.activity import rows
from projections.activity import scopes
from projections.activity import summed
from projections.categories import with_ancestors
from projections.days import first_day
from projections.days import local_day
from tests.projection_events import NOON
from tests.projection_events import ordered
from tests.projection_events import recorded
from tests.projection_events import viewed

UTC = ZoneInfo("UTC")
BERLIN = ZoneInfo("Europe/Berlin")
KATHMANDU = ZoneInfo("Asia/Kathmandu")


def test_the_same_thing_on_the_same_day_is_one_row() -> None:
    events = [viewed(1, "x"), viewed(2, "x", at=NOON + 1), viewed(3, "y")]

    counted = summed(row for event in events for row in rows(event, UTC))
    assert [row.count for row in counted] == [2, 1]
    assert {row.day for row in counted} == {20_000}


def test_an_event_counts_once_however_many_products_it_names() -> None:
    products = [{"sku": "x", "quantity": 2}, {"sku": "y", "quantity": 1}]
    (row,) = rows(ordered(1, "o", 100, products=products), UTC)

    assert (row.event, row.count) == ("Order Completed", 1)
    assert [scope["event.sku"] for scope in scopes(row.facets, "USD")] == ["x", "y"]


@pytest.mark.parametrize(
    ("moment", "zone", "day"),
    [
        ("1970-01-01T00:00:00Z", UTC, 0),
        ("1969-12-31T23:59:59.999999Z", UTC, -1),
        ("1970-01-01T22:59:59Z", BERLIN, 0),
        ("1970-01-01T23:00:00Z", BERLIN, 1),
        ("1970-01-01T18:30:00Z", KATHMANDU, 1),
    ],
)
def test_a_day_is_that_of_the_sites_own_calendar(moment: str, zone: ZoneInfo, day: int) -> None:
    assert local_day(parse_moment(moment), zone) == day


@pytest.mark.parametrize("date", ["2026-03-29", "2026-10-25"])
def test_a_day_of_23_or_25_hours_is_one_day(date: str) -> None:
    midnight = parse_moment(f"{date}T00:00:00+00:00")
    before = local_day(midnight - 3 * 3600 * SECOND, BERLIN)

    assert local_day(midnight, BERLIN) == before + 1
    assert local_day(midnight + 21 * 3600 * SECOND, BERLIN) == before + 1
    assert local_day(midnight + DAY, BERLIN) == before + 2


def test_a_window_of_one_day_is_today() -> None:
    assert first_day(20_000, 1) == 20_000
    assert first_day(20_000, 30) == 19_971


def test_orders_that_only_a_client_claims_are_not_counted() -> None:
    assert rows(ordered(1, "o", 100, trust="client"), UTC) == []
    assert len(rows(viewed(2, "x", trust="client"), UTC)) == 1


def test_an_event_of_nobody_or_without_a_name_is_not_counted() -> None:
    assert rows(recorded("InteractionRecorded", 1, None, event="Product Viewed"), UTC) == []
    assert rows(recorded("InteractionRecorded", 1, kind="page"), UTC) == []


def test_where_sees_sku_category_quantity_phrase_value_and_counted_properties() -> None:
    event = viewed(
        1,
        "x",
        product={"quantity": Decimal("2.5"), "categories": ["men/shoes"]},
        value_minor=1_250,
        currency="USD",
        search_phrase="boots",
        counted={"colour": "red", "size": 43},
    )
    (row,) = rows(event, UTC)

    ancestor, own = scopes(row.facets, "USD")
    assert own == {
        "event.sku": "x",
        "event.category": "men/shoes",
        "event.quantity": Decimal("2.5"),
        "event.search_phrase": "boots",
        "event.value": 1_250,
        "event.properties.colour": "red",
        "event.properties.size": 43,
    }
    assert ancestor == {**own, "event.category": "men"}


def test_a_value_in_another_currency_is_undefined() -> None:
    (row,) = rows(viewed(1, "x", value_minor=1, currency="EUR"), UTC)

    assert scopes(row.facets, "USD") == [{"event.sku": "x"}]


def test_an_event_without_products_is_about_itself() -> None:
    (row,) = rows(recorded("InteractionRecorded", 1, event="Products Searched"), UTC)

    assert scopes(row.facets, "USD") == [{}]


def test_a_path_counts_as_itself_and_its_ancestors() -> None:
    assert with_ancestors(["men/shoes/boots", "sale"]) == {
        "men",
        "men/shoes",
        "men/shoes/boots",
        "sale",
    }

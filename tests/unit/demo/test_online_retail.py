"""Online Retail as messages: what is sold, what is taken back, what is left out and counted."""

from __future__ import annotations

from collections import Counter
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from aggregates.kernel.limits import OCCURRED_YEARS_BACK_MAX
from demo.online_retail import Retail

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def history() -> tuple[list[dict[str, Any]], Counter[str]]:
    retail = Retail(NOW)
    return list(retail.messages()), retail.counts


def test_the_history_ends_within_the_last_two_days_and_runs_in_time_order(
    history: tuple[list[dict[str, Any]], Counter[str]],
) -> None:
    moments = [datetime.fromisoformat(message["timestamp"]) for message in history[0]]
    assert moments == sorted(moments)
    assert NOW - timedelta(days=2) <= moments[-1] <= NOW
    assert NOW - moments[0] < timedelta(days=365 * OCCURRED_YEARS_BACK_MAX)


def test_what_is_no_sale_of_a_product_is_counted(
    history: tuple[list[dict[str, Any]], Counter[str]],
) -> None:
    counts = history[1]
    assert counts["orders"] + counts["guest orders"] + counts["refunds"] == len(history[0])
    assert counts["lines that are no product (postage, fees, vouchers)"] > 2_000
    assert counts["lines without a price"] > 1_000


def test_no_more_is_taken_back_than_was_bought(
    history: tuple[list[dict[str, Any]], Counter[str]],
) -> None:
    left: Counter[tuple[str, str]] = Counter()
    for message in history[0]:
        sign = 1 if message["event"] == "Order Completed" else -1
        for product in message["properties"]["products"]:
            key = (message["properties"]["order_id"], product["sku"])
            left[key] += sign * product["quantity"]
    assert min(left.values()) >= 0


def test_an_orders_total_is_the_sum_of_its_products(
    history: tuple[list[dict[str, Any]], Counter[str]],
) -> None:
    for message in history[0]:
        lines = message["properties"]["products"]
        total = sum(Decimal(line["price"]) * line["quantity"] for line in lines)
        assert Decimal(message["properties"]["total"]) == total


def test_every_product_that_was_sold_is_in_the_catalogue() -> None:
    retail = Retail(NOW)
    listed = {product["sku"] for product in retail.products()}
    sold = {
        line["sku"] for message in retail.messages() for line in message["properties"]["products"]
    }
    assert sold <= listed

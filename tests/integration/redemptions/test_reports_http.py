"""The report of coupons over HTTP, on both databases: every column, every filter, JSON and CSV."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from aggregates.kernel.clock import SECOND
from aggregates.kernel.ids import stream_id
from aggregates.log import Append
from aggregates.log import NewEvent
from aggregates.site import SiteSettings
from app.commands.keys import issued_key
from app.factory import create_app
from app.reports import coupons as report
from app.wiring import Services
from tests.fakes import SettableClock
from tests.published import publish
from tests.redemptions_given import SITE
from tests.settlement_given import Shop
from tests.settlement_given import coupon_rule

DAY = 86_400 * SECOND
RULES = {
    "a": {**coupon_rule("ONE"), "name": "First"},
    "b": {**coupon_rule("TWO", uses_per_coupon=1), "name": "Second"},
}
Report = Callable[..., Any]


@pytest.fixture
def client(services: Services) -> Any:
    return create_app(services).test_client()


@pytest.fixture
def shop(services: Services, clock: SettableClock, client: Any) -> Shop:
    token = issued_key(services, SITE, ("audit", "author", "decide", "ingest"), "test").token

    def send(method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        answer = client.open(path, method=method, json=body, headers=headers)
        return answer.status_code, answer.json if answer.is_json else answer.text

    made = Shop(services, clock, send)
    publish(services.stores.log, SITE, cart_rules=RULES)
    return made


@pytest.fixture
def asked(shop: Shop) -> Report:
    """The rows of the report of these weeks."""

    def ask(**parameters: str) -> Any:
        shop.services.follower.catch_up(SITE)
        given = {"from": "2026-11-01", "to": "2026-12-31", **parameters}
        query = "&".join(f"{name}={value}" for name, value in given.items())
        status, answer = shop.send("GET", f"/v1/reports/coupons?{query}")
        assert status == 200, answer
        return answer if isinstance(answer, str) else answer["items"]

    return ask


def redeemed(shop: Shop, order: str, code: str, currency: str = "USD") -> None:
    """An order of 20.00 and 5.00 for shipping, with a tenth off its lines."""
    cart = {
        "cart_id": "c",
        "currency": currency,
        "shopper": {"customer_id": "ada"},
        "lines": [{"line_id": "1", "sku": "A", "quantity": 2, "unit_price": "10.00"}],
        "shipping": {"method": "post", "amount": "5.00"},
        "coupons": [code],
    }
    decision = shop.send("POST", "/v1/decisions/cart", cart)[1]["decision_id"]
    body = {"decision_id": decision, "order_id": order}
    assert shop.send("POST", "/v1/redemptions", body)[0] == 201


def test_uses_are_summed_by_interval_code_and_currency(shop: Shop, asked: Report) -> None:
    redeemed(shop, "o-1", "one")
    redeemed(shop, "o-2", "ONE")
    redeemed(shop, "o-3", "ONE", "EUR")
    shop.send("POST", "/v1/redemptions/o-2/partial", {"amount": "3.00"})
    redeemed(shop, "o-4", "ONE")
    shop.send("DELETE", "/v1/redemptions/o-4")
    euro, dollar = asked()
    assert (euro["currency"], euro["uses"], euro["orders_total"]) == ("EUR", 1, "23.00")
    assert dollar == {
        "interval": "2026-11-23",
        "coupon": "ONE",
        "rule_id": "rul_0000000001",
        "rule_name": "First",
        "currency": "USD",
        "uses": 2,
        "uses_settled": 0,
        "uses_over_limit": 0,
        "uses_given_back": 1,
        "orders_subtotal": "50.00",
        "orders_discount": "4.00",
        "orders_total": "46.00",
        "coupon_discount": "4.00",
        "orders_refunded": "3.00",
    }


def test_settled_orders_are_told_apart_and_replaced_ones_are_gone(
    shop: Shop, asked: Report
) -> None:
    shop.tell("Order Completed", "o-1", coupons=["ONE", "TWO"])
    shop.tell("Order Completed", "o-2", coupons=["TWO"])
    shop.settle()
    rows = {row["coupon"]: row for row in asked()}
    assert (rows["TWO"]["uses"], rows["TWO"]["uses_over_limit"]) == (2, 1)
    assert (rows["ONE"]["uses_settled"], rows["ONE"]["orders_total"]) == (1, "20.00")
    assert rows["ONE"]["orders_subtotal"] == "0.00"
    shop.tell("Order Updated", "o-1", coupons=["ONE"])
    shop.settle()
    rows = {row["coupon"]: row for row in asked()}
    assert (rows["TWO"]["uses"], rows["TWO"]["uses_given_back"]) == (1, 0)
    assert rows["ONE"]["uses"] == 1
    shop.tell("Order Cancelled", "o-1")
    shop.settle()
    rows = {row["coupon"]: row for row in asked()}
    assert (rows["ONE"]["uses"], rows["ONE"]["uses_given_back"]) == (0, 1)
    assert rows["ONE"]["orders_total"] == "0.00"


def test_intervals_filters_and_empty_rows(shop: Shop, asked: Report, clock: SettableClock) -> None:
    redeemed(shop, "o-1", "ONE")
    clock.advance(10 * DAY)
    redeemed(shop, "o-2", "TWO")
    assert [row["interval"] for row in asked()] == ["2026-11-23", "2026-12-03"]
    assert [row["interval"] for row in asked(period="month")] == ["2026-11", "2026-12"]
    by_year = asked(period="year", **{"from": "2025-01-01"}, empty_rows="true")
    assert [(row["interval"], row["coupon"]) for row in by_year] == [
        ("2025", None),
        ("2026", "ONE"),
        ("2026", "TWO"),
    ]
    assert [row["coupon"] for row in asked(coupon="two")] == ["TWO"]
    assert [row["coupon"] for row in asked(rule_id="rul_0000000001")] == ["ONE"]
    assert asked(rule_id="first") == []
    shop.send("PUT", "/v1/cart-rules/first", RULES["a"])  # rul_0000000001 by its key
    assert [row["coupon"] for row in asked(rule_id="first")] == ["ONE"]
    assert asked(to="2026-11-22") == []
    days = asked(**{"from": "2026-11-22"}, to="2026-11-24", empty_rows="true")
    assert [(row["interval"], row["uses"]) for row in days] == [
        ("2026-11-22", 0),
        ("2026-11-23", 1),
        ("2026-11-24", 0),
    ]


def test_rows_are_of_orders_of_a_status(shop: Shop, asked: Report) -> None:
    for order in ("pending", "told", "part", "back", "taken", "cancelled"):
        redeemed(shop, order, "ONE")
    for order in ("told", "part", "back", "cancelled"):
        shop.tell("Order Completed", order)
    shop.send("POST", "/v1/redemptions/part/partial", {"amount": "3.00"})
    shop.tell("Order Refunded", "back", total="23.00", currency="USD")
    shop.send("DELETE", "/v1/redemptions/taken")
    shop.tell("Order Cancelled", "cancelled")
    shop.tell("Order Completed", "settled", "bob", coupons=["TWO"])

    def uses(**filters: str) -> list[tuple[str, int, int]]:
        rows = asked(**filters)
        return [(row["coupon"], row["uses"], row["uses_given_back"]) for row in rows]

    expected = {
        "pending": [("ONE", 1, 0)],
        "completed": [("ONE", 2, 0)],
        "refunded": [("ONE", 1, 0)],
        "cancelled": [("ONE", 1, 1)],  # what was told only now is given back when it is settled
        "pending,completed": [("ONE", 3, 0)],
    }
    assert {status: uses(status=status) for status in expected} == expected
    shop.settle()
    expected |= {
        "completed": [("ONE", 2, 0), ("TWO", 1, 0)],
        "cancelled": [("ONE", 0, 2)],
        "pending,completed": [("ONE", 3, 0), ("TWO", 1, 0)],
    }
    assert {status: uses(status=status) for status in expected} == expected
    before = [asked(), asked(date="updated", status="refunded"), asked(format="csv")]
    shop.services.follower.rebuild(SITE, "coupon_uses")
    assert [asked(), asked(date="updated", status="refunded"), asked(format="csv")] == before


def test_orders_count_when_they_were_made_or_when_they_changed(
    shop: Shop, asked: Report, clock: SettableClock
) -> None:
    for order in ("o-1", "o-2", "o-3"):
        redeemed(shop, order, "ONE")
    clock.advance(2 * DAY)
    shop.send("POST", "/v1/redemptions/o-1/partial", {"amount": "3.00"})
    clock.advance(2 * DAY)
    shop.send("DELETE", "/v1/redemptions/o-2")
    shown = [(row["interval"], row["uses"], row["uses_given_back"]) for row in asked()]
    assert shown == [("2026-11-23", 2, 1)]
    changed = asked(date="updated")
    shown = [(row["interval"], row["uses"], row["uses_given_back"]) for row in changed]
    assert shown == [("2026-11-23", 1, 0), ("2026-11-25", 1, 0), ("2026-11-27", 0, 1)]
    assert [row["orders_refunded"] for row in changed] == ["0.00", "3.00", "0.00"]


def test_days_are_those_of_the_sites_time_zone(shop: Shop, asked: Report) -> None:
    settings = SiteSettings(name="shop", time_zone="Pacific/Auckland").to_json()
    data = {"settings": settings, "actor": "test"}
    event = NewEvent(stream_id(SITE, "site", SITE), 2, "SiteSettingsChanged", data)
    shop.services.log.append(Append(SITE, (event,)))
    redeemed(shop, "o-1", "ONE")  # noon in UTC is the next day there
    assert [row["interval"] for row in asked()] == ["2026-11-24"]


def test_csv_has_the_same_rows(shop: Shop, asked: Report) -> None:
    for number in range(3):
        redeemed(shop, f"o-{number}", "ONE")
    lines = asked(format="csv", empty_rows="true", to="2026-11-23").splitlines()
    assert lines[0].split(",") == list(report.COLUMNS)
    assert len(lines) == 1 + 23
    assert lines[1] == "2026-11-01,,,,,0,0,0,0,,,,,"
    first = "2026-11-23,ONE,rul_0000000001,First,USD,3,0,0,0"
    assert lines[-1] == f"{first},75.00,6.00,69.00,6.00,0.00"


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ("", "/from", "required"),
        ("from=2026-11-01", "/to", "required"),
        ("from=2026-11-1&to=2026-11-02", "/from", "not_a_date"),
        ("from=20261101&to=2026-11-02", "/from", "not_a_date"),
        ("from=2026-W48-5&to=2026-11-30", "/from", "not_a_date"),
        ("from=2026-11-03&to=2026-11-02", "/to", "from_after_to"),
        ("from=2006-11-03&to=2026-11-02", "/to", "too_many_days"),
        ("from=2026-11-01&to=2026-11-02&period=week", "/period", "not_one_of"),
        ("from=2026-11-01&to=2026-11-02&format=xml", "/format", "not_one_of"),
        ("from=2026-11-01&to=2026-11-02&empty_rows=1", "/empty_rows", "not_one_of"),
        ("from=2026-11-01&to=2026-11-02&date=now", "/date", "not_one_of"),
        ("from=2026-11-01&to=2026-11-02&status=paid", "/status", "not_one_of"),
        ("from=2026-11-01&to=2026-11-02&status=", "/status", "not_one_of"),
        ("from=2026-11-01&to=2026-11-02&rule=x", "/rule", "unknown_parameter"),
    ],
)
def test_what_cannot_be_asked_is_named(shop: Shop, query: str, pointer: str, code: str) -> None:
    status, answer = shop.send("GET", f"/v1/reports/coupons?{query}")
    assert status == 422
    assert [(one["pointer"], one["code"]) for one in answer["errors"]] == [(pointer, code)]


def test_a_report_that_is_too_long_for_json_is_csv(
    shop: Shop, asked: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "REPORT_ROWS_MAX", 3)
    query = "from=2026-11-01&to=2026-11-04&empty_rows=true"
    status, answer = shop.send("GET", f"/v1/reports/coupons?{query}")
    assert (status, answer["errors"][0]["code"]) == (422, "report_too_long")
    assert len(asked(to="2026-11-04", empty_rows="true", format="csv").splitlines()) == 5

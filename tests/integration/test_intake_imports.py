"""Files taken in: products, orders, events; NDJSON and CSV; again without harm."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from app.database import Stores
from app.eventlog.keys import KeyStore
from app.eventlog.log import SqlEventLog
from app.intake.imports import import_events
from app.intake.imports import import_orders
from app.intake.imports import import_products
from tests.fakes import SettableClock
from tests.intake_fixtures import SITE
from tests.intake_fixtures import Shop
from tests.intake_fixtures import shop_of

ORDERS = """order_id,customer_id,completed_at,currency,country,coupons,status,sku,quantity,price
1,anna,2026-11-01T10:00:00Z,USD,DE,SPRING|VIP,,a,2,5.00
1,anna,2026-11-01T10:00:00Z,USD,DE,,,b,1,2.50
2,ben,2026-11-02T10:00:00Z,USD,FR,,cancelled,a,1,5.00
,eve,2026-11-02T10:00:00Z,USD,FR,,,a,1,5.00
3,eve,yesterday,USD,FR,,,a,1,5.00
"""
PRODUCTS = """sku,name,price,currency,categories,attributes.color,stock.status
a,Apple,5.00,USD,food/fruit|gifts,red,in_stock
b,Banana,x,USD,,,
"""
EVENTS = """event,userId,timestamp,sku,price,properties.size
Product Viewed,anna,2026-11-20T10:00:00Z,a,5.00,XL
Product Viewed,anna,2026-11-20T10:00:01Z,a,-1,XL
"""


@pytest.fixture
def shop(
    stores: Stores, keys: KeyStore, clock: SettableClock, open_log: Callable[..., SqlEventLog]
) -> Shop:
    """A shop on either database."""
    return shop_of(stores, keys, clock, open_log)


def test_orders_of_a_csv_are_joined_by_their_number(shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(ORDERS)
    heard: list[int] = []
    done = import_orders(shop, SITE, path, heard.append)
    assert (done.accepted, done.rejected, sum(heard)) == (3, 2, 5)
    assert [(error["line"], error["code"]) for error in done.errors] == [
        (5, "required"), (6, "not_a_moment")
    ]  # fmt: skip
    first, second, cancelled = shop.events("OrderCompleted", "OrderCancelled")
    assert first.data["total_minor"] == 1250
    assert first.data["coupons"] == ["SPRING", "VIP"]
    assert [product["sku"] for product in first.data["products"]] == ["a", "b"]
    assert first.shopper_id == shop.customer("anna")
    assert cancelled.data["order"] == second.data["order"]
    assert import_orders(shop, SITE, path).duplicates == 3


def test_orders_of_ndjson(shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "orders.ndjson"
    order = {"order_id": 7, "customer_id": "anna", "currency": "USD", "total": 9.5,
             "completed_at": "2026-11-01T10:00:00Z"}  # fmt: skip
    path.write_bytes(orjson.dumps(order) + b"\n{\n")
    done = import_orders(shop, SITE, path)
    assert (done.accepted, done.errors[0]["code"]) == (1, "malformed_json")
    assert shop.events()[0].data["total_minor"] == 950


def test_products_of_a_csv(shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "products.csv"
    path.write_text(PRODUCTS)
    done = import_products(shop, SITE, path)
    assert (done.listed, done.rejected, done.errors[0]["pointer"]) == (1, 1, "/price")
    assert shop.events()[0].data["product"] == {
        "sku": "a", "name": "Apple", "currency": "USD", "price_minor": 500,
        "categories": ["food/fruit", "gifts"], "attributes": {"color": "red"},
        "stock": {"status": "in_stock"},
    }  # fmt: skip
    assert import_products(shop, SITE, path).unchanged == 1


def test_events_of_a_csv(shop: Shop, tmp_path: Path) -> None:
    shop.set(counted_properties=("size",))
    path = tmp_path / "events.csv"
    path.write_text(EVENTS)
    done = import_events(shop, SITE, path)
    assert (done.accepted, done.rejected) == (1, 1)
    assert done.errors == [
        {"line": 3, "code": "negative_amount",
         "detail": "/properties/price: an amount is not negative"}
    ]  # fmt: skip
    (event,) = shop.events("InteractionRecorded")
    assert event.data["products"] == [{"sku": "a", "price_minor": 500}]
    assert event.data["counted"] == {"size": "XL"}


def test_a_long_file_goes_in_pages_and_tells_its_progress(shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    line = {"type": "page", "userId": "anna"}
    path.write_bytes(b"\n".join(orjson.dumps({**line, "name": str(i)}) for i in range(1_203)))
    heard: list[int] = []
    assert import_events(shop, SITE, path, heard.append).accepted == 1_203
    assert heard == [500, 500, 203]

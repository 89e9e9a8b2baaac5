"""Prices over HTTP, and in the answers for carts: recorded, and found again in the log."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aggregates.kernel.clock import DAY
from aggregates.kernel.ids import SiteId
from app.commands.keys import issued_key
from app.config import Settings
from app.edge.callers import SCOPES
from app.factory import create_app
from app.wiring import build
from tests.authors import Author
from tests.fakes import SettableClock

SITE = SiteId("shop")


@pytest.fixture
def shop(database_url: str, tmp_path: Path, clock: SettableClock) -> Iterator[Author]:
    """A shop with one product, at 100.00 for forty days and then at 80.00; in Austria at 70.00."""
    settings = Settings.from_environment(
        {"RATIONALE_DATA_DIR": str(tmp_path), "RATIONALE_DATABASE_URL": database_url}
    )
    services = build(settings, clock)
    key = issued_key(services, SITE, tuple(sorted(SCOPES)), "test").token
    author = Author(services, create_app(services).test_client(), key)
    listed(author)
    clock.advance(40 * DAY)
    listed(author, special_price="80.00")
    yield author
    services.close()


def listed(shop: Author, **product: Any) -> None:
    views = [{"store_view": "at", "price": "70.00"}]
    body = {"sku": "a/1", "name": "A", "price": "100.00", "currency": "EUR", **product}
    shop.made("PUT", "/v1/catalog/products", {"products": [{**body, "store_view_prices": views}]})


def cart(**also: Any) -> dict[str, Any]:
    line = {"line_id": "1", "sku": "a/1", "quantity": 2, "unit_price": "80.00"}
    other = {"line_id": "2", "sku": "b", "quantity": 1, "unit_price": "5.00"}
    return {"cart_id": "c", "currency": "EUR", "lines": [line, other], **also}


def test_a_reduced_product_tells_the_lowest_price_of_the_30_days_before(shop: Author) -> None:
    found = shop.made("GET", "/v1/catalog/products/a/1/prices")

    assert (found["price"], found["list_price"], found["lowest"]) == ("80.00", "100.00", "80.00")
    assert found["reduction"]["prior_price"] == "100.00"
    assert [one["price"] for one in found["history"]] == ["100.00", "80.00"]
    assert found["reduction"]["since"] == found["history"][1]["from"] == found["history"][0]["to"]


def test_a_store_view_that_was_not_reduced_says_so(shop: Author) -> None:
    found = shop.made("GET", "/v1/catalog/products/a/1/prices?store_view=at")

    assert (found["price"], found["lowest"], found["reduction"]) == ("70.00", "70.00", None)


def test_a_product_that_was_taken_out_keeps_its_history(shop: Author) -> None:
    shop.made("DELETE", "/v1/catalog/products/a/1")

    found = shop.made("GET", "/v1/catalog/products/a/1/prices")
    assert found["price"] is None
    assert [one["price"] for one in found["history"]] == ["100.00", "80.00", None]


def test_what_was_never_listed_and_what_is_misspelt_are_refused(shop: Author) -> None:
    found = shop.refused(404, "GET", "/v1/catalog/products/zz/prices")
    assert found["code"] == "product_unknown"
    found = shop.refused(422, "GET", "/v1/catalog/products/a/1/prices?view=at")
    assert found["errors"][0]["pointer"] == "/view"


def test_a_store_view_is_named_once_and_priced_in_its_currency(shop: Author) -> None:
    views = [
        {"store_view": "jp", "price": "70.5", "currency": "JPY"},
        {"store_view": "jp", "price": "70", "currency": "JPY"},
    ]
    product = {"sku": "c", "name": "C", "price": "1.00", "currency": "EUR"}
    asked = {"products": [{**product, "store_view_prices": views}]}

    problem = shop.refused(422, "PUT", "/v1/catalog/products", asked)
    assert {one["pointer"]: one["code"] for one in problem["errors"]} == {
        "/products/0/store_view_prices/0/price": "too_many_digits",
        "/products/0/store_view_prices/1/store_view": "named_twice",
    }


def test_a_product_is_shown_with_the_prices_it_came_with(shop: Author) -> None:
    found = shop.made("GET", "/v1/catalog/products/a/1")

    assert found["store_view_prices"] == [{"store_view": "at", "price": "70.00"}]


def test_a_cart_carries_prior_prices_when_it_asks(shop: Author) -> None:
    plain = shop.made("POST", "/v1/decisions/cart", cart())
    asked = shop.made("POST", "/v1/decisions/cart", cart(prior_prices=True))

    assert "prior_price" not in plain["lines"][0]
    reduced, unlisted = (line["prior_price"] for line in asked["lines"])
    assert unlisted is None
    assert (reduced["price"], reduced["prior_price"], reduced["days"]) == ("80.00", "100.00", 30)


def test_what_a_cart_was_told_is_recorded_and_found_again(
    shop: Author, clock: SettableClock
) -> None:
    asked = shop.made("POST", "/v1/decisions/cart", cart(prior_prices=True))
    clock.advance(DAY)
    listed(shop, special_price="60.00")

    path = f"/v1/decisions/{asked['decision_id']}"
    assert shop.made("GET", path)["answer"]["lines"] == asked["lines"]
    for mode in ("recorded", "from_log"):
        replayed = shop.made("POST", f"{path}/replay", {"mode": mode})
        assert replayed["identical"], replayed["differences"]

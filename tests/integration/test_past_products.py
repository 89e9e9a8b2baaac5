"""The catalogue of the past, asked for in any order."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from aggregates.kernel.ids import stream_id
from aggregates.log import NewEvent
from app.database import Stores
from decisions.products_of_log import ProductsOfLog
from projections.pinned import Pinned
from projections.product_index import ProductIndexes
from tests.decisions_given import SITE
from tests.decisions_given import Given
from tests.decisions_given import given_site
from tests.fakes import SettableClock


@pytest.fixture
def given(stores: Stores, clock: SettableClock) -> Iterator[Given]:
    made = given_site(stores, clock)
    yield made
    made.close()


def listed(products: ProductsOfLog, position: int) -> list[tuple[str, int]]:
    columns = products.at(position).columns
    return [
        (sku, int(columns.places[row]))
        for row, sku in enumerate(columns.skus)
        if columns.listed[row]
    ]


def test_it_is_the_same_in_whatever_order_positions_are_asked_for(given: Given) -> None:
    given.list_product("a")
    given.list_product("b")
    given.append(NewEvent(stream_id(SITE, "product", "a"), None, "ProductDelisted", {"sku": "a"}))
    given.settle(name="nothing of the catalogue")
    given.list_product("a", name="again")
    states = {2: [("a", 2)], 3: [("a", 2), ("b", 3)], 4: [("b", 3)], 5: [("b", 3)]}
    states[6] = [("a", 2), ("b", 3)]
    forward, backward = ProductsOfLog(given.log, SITE), ProductsOfLog(given.log, SITE)
    for position in states:
        assert listed(forward, position) == states[position]
    for position in (6, 5, 4, 2, 3, 1):
        assert listed(backward, position) == states.get(position, [])


def test_the_index_of_now_equals_the_log(given: Given) -> None:
    for sku in ("a", "b", "c"):
        given.list_product(sku, categories=["x"])
    given.append(NewEvent(stream_id(SITE, "product", "b"), None, "ProductDelisted", {"sku": "b"}))
    told = ProductsOfLog(given.log, SITE)
    indexes = ProductIndexes(Pinned(given.stores.log))
    with indexes.now(SITE) as index:
        assert index.position == given.log.head(SITE).position
        columns, of_log = index.columns, told.at(index.position).columns
        assert sorted(columns.skus) == sorted(of_log.skus)
        for sku, row in columns.row_of.items():
            other = of_log.row_of[sku]
            assert bool(columns.listed[row]) is bool(of_log.listed[other])
            assert columns.places[row] == of_log.places[other]
    indexes.close()

"""Any page of a category is the same part of the one whole order, however deep it lies."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from projections.product_index import ProductIndex
from projections.ranked_products import Page
from projections.ranked_products import Sort
from projections.ranked_products import retrieve
from rulesets.category_rankings import RankingEvent
from rulesets.product_filters import parse_filters
from rulesets.ranked import MANUAL
from rulesets.ranked import arranged
from rulesets.targeting import Target

EFFECTS = ("boost", "bury", "pin", "hide")


def index_of(products: list[dict[str, Any]]) -> ProductIndex:
    """The products in the order of the catalogue."""
    index = ProductIndex()
    index.apply([(one["sku"], place, one) for place, one in enumerate(products, 1)], len(products))
    return index


def product(number: int, **more: Any) -> dict[str, Any]:
    return {"sku": f"p{number}", "name": f"P {number}", "categories": ["a/b"], **more}


def whole_order(
    count: int, signals: dict[str, int], boost: int, events: dict[str, RankingEvent]
) -> list[str]:
    """The definition, without windows: by score, then pins one after the other into their places.

    Pins are put in from the front, so each lands in its place or the next free one.
    """
    highest = max(1, *signals.values(), 0)
    by_hand = {"boost": MANUAL, "bury": -MANUAL}
    effects = {sku: event.effect for sku, event in events.items()}

    def key(number: int) -> tuple[int, int]:
        sku = f"p{number}"
        score = boost * signals.get(sku, 0) + by_hand.get(effects.get(sku, ""), 0) * highest
        return -score, number

    shown = [f"p{n}" for n in sorted(range(count), key=key)]
    order = [sku for sku in shown if effects.get(sku) not in {"pin", "hide"}]
    pins = [n for n in range(count) if effects.get(f"p{n}") == "pin"]
    last = -1
    for number in sorted(pins, key=lambda n: (events[f"p{n}"].position, n)):
        last = max(events[f"p{number}"].position - 1, last + 1)
        order.insert(min(last, len(order)), f"p{number}")
    return order


@st.composite
def shops(draw: st.DrawFn) -> tuple[int, dict[str, int], int, dict[str, RankingEvent]]:
    count = draw(st.integers(0, 40))
    skus = [f"p{n}" for n in range(count)]
    signals = draw(st.dictionaries(st.sampled_from(skus or ["none"]), st.integers(0, 5)))
    boost = draw(st.integers(1, 100))
    moved = draw(st.lists(st.sampled_from([*skus, "gone"]), unique=True, max_size=25))
    events = {
        sku: RankingEvent(draw(st.sampled_from(EFFECTS)), sku, draw(st.integers(1, 50)), Target())
        for sku in moved
    }
    return count, signals, boost, events


@settings(max_examples=300, deadline=None)
@given(shops(), st.integers(1, 15))
def test_pages_put_together_are_the_whole_order(
    shop: tuple[int, dict[str, int], int, dict[str, RankingEvent]], size: int
) -> None:
    count, signals, boost, events = shop
    index = index_of([product(n) for n in range(count)])
    page = Page("a", 0, size, named=tuple(events), model="m", signals=lambda: signals)
    paged: list[str] = []
    total = 1
    while page.start < total:
        found = retrieve(index, page)
        total, placed = arranged(found, boost, events, page.start, page.end)
        assert [one.position for one in placed] == list(
            range(page.start + 1, min(page.end, total) + 1)
        )
        assert len(found.window) <= size + len(events)
        paged += [one.found.sku for one in placed]
        page = replace(page, start=page.end, end=page.end + size)
    assert paged == whole_order(count, signals, boost, events)


def skus(index: ProductIndex, **page: Any) -> list[str]:
    found = retrieve(index, Page(**{"category": "a", "start": 0, "end": 10, **page}))
    return [one.sku for one in found.window]


def test_a_subcategory_belongs_to_its_parent_and_a_namesake_does_not() -> None:
    index = index_of(
        [
            product(1, categories=["Men/Shoes"]),
            product(2, categories=["men/shoes/boots/"]),
            product(3, categories=["men/shoe"]),
            product(4, categories=["a/men/shoes", "men"]),
        ]
    )
    assert skus(index, category="men/shoes") == ["p1", "p2"]
    assert skus(index, category="men") == ["p1", "p2", "p3", "p4"]
    assert skus(index, category="") == ["p1", "p2", "p3", "p4"]


def test_a_path_that_comes_back_to_a_name_is_no_circle() -> None:
    index = index_of([product(1, categories=["a/b/a"]), product(2, categories=["a"])])
    assert skus(index, category="a/b/a") == ["p1"]
    assert skus(index, category="a") == ["p1", "p2"]
    assert skus(index, category="b") == []


def test_what_left_the_catalogue_or_is_not_visible_is_not_found() -> None:
    index = index_of(
        [
            product(1),
            product(2, visibility="Not Visible Individually"),
            product(3, visibility="Search"),
            product(4, visibility="Catalog, Search"),
            product(5),
        ]
    )
    index.apply([("p5", 5, None)], 6)
    assert skus(index) == ["p1", "p4"]
    assert skus(index, named=["p5", "p2"]) == ["p1", "p4"]
    index.apply([("p5", 5, product(5, price_minor=3, currency="USD"))], 7)
    assert skus(index) == ["p1", "p4", "p5"]


def test_out_of_stock_goes_last_only_where_the_site_says_so() -> None:
    index = index_of(
        [
            product(1, stock={"status": "Out of stock"}),
            product(2, stock={"status": "in_stock"}),
            product(3),
        ]
    )
    signals = {"p1": 9, "p3": 4}
    ranked = {"model": "m", "signals": lambda: signals}
    assert skus(index, **ranked) == ["p1", "p3", "p2"]
    assert skus(index, **ranked, out_of_stock_last=True) == ["p3", "p2", "p1"]


def test_a_changed_price_is_found_by_the_next_filter() -> None:
    index = index_of([product(n, price_minor=n * 100, currency="USD") for n in range(1, 5)])
    cheap = parse_filters([{"attribute": "price", "range": {"to": "3.00"}}], "USD", "")
    assert skus(index, filters=cheap) == ["p1", "p2"]
    index.apply([("p1", 1, product(1, price_minor=900, currency="USD"))], 9)
    index.apply([("p4", 4, product(4, price_minor=400, special_price_minor=1, currency="USD"))], 9)
    assert skus(index, filters=cheap) == ["p2", "p4"]


def test_sorting_by_an_attribute_puts_those_without_it_last_either_way() -> None:
    index = index_of(
        [
            product(1, price_minor=300, currency="USD", attributes={"size": 10}),
            product(2, price_minor=100, currency="USD", attributes={"size": 9}),
            product(3, price_minor=1, currency="EUR"),
            product(4, price_minor=100, currency="USD", attributes={"size": "XL"}),
        ]
    )
    price = Sort("price", descending=False, currency="USD")
    assert skus(index, sorts=(price,)) == ["p2", "p4", "p1", "p3"]
    assert skus(index, sorts=(replace(price, descending=True),)) == ["p1", "p2", "p4", "p3"]
    size = Sort("attributes.size", descending=False, currency="USD")
    assert skus(index, sorts=(size,)) == ["p2", "p1", "p4", "p3"]
    assert skus(index, sorts=(price, replace(size, descending=True))) == ["p4", "p2", "p1", "p3"]


def test_an_index_grows_beyond_its_first_room() -> None:
    index = index_of([product(n) for n in range(3_000)])
    signals = {"p2999": 5}
    found = retrieve(index, Page("a", 0, 2, model="m", signals=lambda: signals))
    assert [one.sku for one in found.window] == ["p2999", "p0"]
    assert found.total == 3_000

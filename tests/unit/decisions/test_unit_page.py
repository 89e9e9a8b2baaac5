"""The candidates of a page's units, whatever the catalogue, the models and the shopper are."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import orjson
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from aggregates.kernel.canonical import canonical
from aggregates.kernel.limits import CANDIDATES_MAX
from decisions.recommend import units_shown
from decisions.shopper import History
from decisions.unit_page import Known
from decisions.unit_page import candidates
from decisions.unit_page import recommendations_question
from decisions.unit_page import unit_page
from projections.orders import Line
from projections.orders import Order
from projections.product_index import ProductIndex
from rulesets.pipeline import decide
from rulesets.unit_results import UnitResults
from rulesets.units_outcome import ShownUnit
from rulesets.units_outcome import UnitsOutcome
from tests.given import AT
from tests.given import a_cart
from tests.given import compiled
from tests.given import facts_of
from tests.models_given import a_model

SKUS = [f"s{number:02}" for number in range(60)]
SKU = st.sampled_from(SKUS)
TYPES = ("most-purchased", "most-viewed", "trending", "bought-bought", "recently-viewed")
_SCORES = st.dictionaries(SKU, st.integers(1, 9), max_size=60)
_UNIT = st.fixed_dictionaries(
    {
        "type": st.sampled_from(TYPES),
        "size": st.integers(1, 20),
        "position": st.integers(0, 3),
        "filters": st.sampled_from(
            [
                {},
                {"include": [{"attribute": "categories", "eq": "c/one"}]},
                {"include": [{"attribute": "categories", "same": True}]},
                {"include": [{"attribute": "price", "relative": {"to": "1.5"}}]},
                {"exclude": [{"attribute": "stock.status", "eq": "out_of_stock"}]},
            ]
        ),
    }
)
_PAGE = st.fixed_dictionaries(
    {
        "units": st.lists(_UNIT, min_size=1, max_size=6),
        "model": st.fixed_dictionaries({}, optional=dict.fromkeys(TYPES[:3], _SCORES)),
        "neighbours": st.dictionaries(SKU, _SCORES, max_size=4),
        "ready": st.dictionaries(st.sampled_from(TYPES[:4]), st.integers(0, 100)),
        "bought": st.lists(SKU, max_size=12),
        "viewed": st.lists(SKU, max_size=30, unique=True),
        "cart": st.lists(SKU, max_size=3),
        "sku": SKU,
        "gone": st.sets(SKU, max_size=10),
    }
)


@settings(max_examples=150, deadline=None)
@given(_PAGE)
def test_a_page_shows_nothing_twice_and_nothing_that_it_must_not(page: dict[str, Any]) -> None:
    results, outcome = _decided(page)
    shown = [item.sku for unit in outcome.units for item in unit.items]
    assert len(shown) == len(set(shown))
    assert set(shown).isdisjoint({page["sku"], *page["cart"], *page["bought"], *page["gone"]})
    sizes = {f"u{number}": unit["size"] for number, unit in enumerate(page["units"])}
    for unit in outcome.units:
        assert len(unit.items) <= sizes[f"u{int(unit.unit_id[4:]) - 1}"]
    kept = sum(len(one.own.candidates) + len(one.backup.candidates) for one in results.units)
    assert kept <= CANDIDATES_MAX


@settings(max_examples=150, deadline=None)
@given(_PAGE)
def test_recorded_candidates_make_the_same_page(page: dict[str, Any]) -> None:
    results, outcome = _decided(page)
    revived = UnitResults.from_json(orjson.loads(canonical(results.to_json())))
    assert revived == results
    assert _outcome(page, revived) == outcome


@settings(max_examples=150, deadline=None)
@given(_PAGE, SKU)
def test_a_unit_that_is_not_full_has_shown_all_that_it_may(page: dict[str, Any], sku: str) -> None:
    """Of a ranking without filters every product that nothing speaks against is there."""
    unit = {"type": "most-viewed", "size": 20, "position": 9, "filters": {}}
    asked = {**page, "units": [*page["units"], unit]}
    _, outcome = _decided(asked)
    last = outcome.units[-1]
    ranking = page["model"].get("most-viewed", {})
    against = {page["sku"], *page["cart"], *page["bought"], *page["gone"]}
    elsewhere = {item.sku for one in outcome.units[:-1] for item in one.items}
    if len(last.items) < 20 and sku in ranking and sku not in against | elsewhere:
        assert sku in [item.sku for item in last.items]


def test_a_narrow_unit_finds_its_products_however_deep_they_stand() -> None:
    """Three of 2,000 products are in its category, and stand last in the ranking."""
    skus = [f"p{number:04}" for number in range(2_000)]
    products = [_product(sku, "c/deep" if sku > "p1996" else "c/top") for sku in skus]
    deep = {"include": [{"attribute": "categories", "eq": "c/deep"}]}
    cheap = {"include": [*deep["include"], {"attribute": "price", "relative": {"to": "2"}}]}
    for filters in (deep, cheap):
        unit = {"type": "most-viewed", "size": 5, "filters": filters}
        page = {"units": [unit], "model": {"most-viewed": dict.fromkeys(skus, 1)}}
        _, outcome = _decided({**_EMPTY, **page, "bought": ["p1998"]}, products)
        assert _skus(outcome.units[0]) == ["p1997", "p1999"]


_EMPTY: dict[str, Any] = {
    "neighbours": {},
    "ready": {},
    "bought": [],
    "viewed": [],
    "cart": [],
    "sku": "p0000",
    "gone": set(),
}


def _decided(
    page: dict[str, Any], products: list[dict[str, Any]] | None = None
) -> tuple[UnitResults, UnitsOutcome]:
    revision, request = _given(page)
    index = ProductIndex()
    listed = products or [_product(sku, f"c/{('one', 'two')[int(sku[1:]) % 2]}") for sku in SKUS]
    changes = [(one["sku"], place, one) for place, one in enumerate(listed)]
    index.apply([*changes, *((sku, 0, None) for sku in page["gone"])], 1)
    rankings = {
        name: {sku: [score, score, score] for sku, score in scores.items()}
        for name, scores in page["model"].items()
    }
    types = {**rankings, "bought-bought": _neighbours(page["neighbours"])}
    model = a_model({name: rows for name, rows in types.items() if rows}, readiness=page["ready"])
    lines = tuple(Line(sku, 1) for sku in page["bought"])
    orders = [Order("a", "o", "completed", AT, AT, "USD", 1, lines)]
    views = {sku: AT - place for place, sku in enumerate(page["viewed"])}
    history = History(ZoneInfo("UTC"), orders=orders, views=views)
    asked = unit_page(request, revision.units)
    shown = units_shown(revision, asked, facts_of(a_cart([])), AT)
    found = candidates(asked, shown, Known(index, model, history, 0))
    return found, _outcome(page, found)


def _outcome(page: dict[str, Any], found: UnitResults) -> UnitsOutcome:
    revision, request = _given(page)
    question = recommendations_question(unit_page(request, revision.units), found)
    decided = decide(revision, facts_of(a_cart([])), question, AT, 7)
    assert isinstance(decided.outcome, UnitsOutcome)
    return decided.outcome


def _given(page: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    common = {"page_type": "product", "label": "x"}
    units = {f"u{n}": {**common, "name": f"u{n}", **one} for n, one in enumerate(page["units"])}
    request = {"page_type": "product", "sku": page["sku"], "cart_skus": page["cart"]}
    return compiled({}, units=units), request


def _product(sku: str, category: str) -> dict[str, Any]:
    stock = {"status": "in_stock" if int(sku[1:]) % 5 else "out_of_stock"}
    price = {"price_minor": 1_000 + int(sku[1:]) % 7 * 100, "currency": "USD"}
    return {"sku": sku, "name": sku, "categories": [category], "stock": stock, **price}


def _neighbours(rows: dict[str, dict[str, int]]) -> dict[str, dict[str, list[int]]]:
    told = {
        sku: {other: [score, score] for other, score in others.items() if other != sku}
        for sku, others in rows.items()
    }
    return {sku: others for sku, others in told.items() if others}


def _skus(unit: ShownUnit) -> list[str]:
    return [item.sku for item in unit.items]

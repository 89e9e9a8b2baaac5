"""Runs tests/cases/recommendations/*.yaml: which products the units of a page show, and why."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest
import yaml

from aggregates.kernel.canonical import canonical
from aggregates.kernel.clock import DAY
from aggregates.kernel.errors import InvalidInput
from decisions.recommend import units_shown
from decisions.shopper import History
from decisions.unit_page import Known
from decisions.unit_page import candidates
from decisions.unit_page import oldest_view
from decisions.unit_page import recommendations_question
from decisions.unit_page import unit_page
from projections.orders import Line
from projections.orders import Order
from projections.product_index import ProductIndex
from rulesets.compiled import CompiledRevision
from rulesets.outcome import Decided
from rulesets.pipeline import decide
from rulesets.unit_results import UnitResults
from rulesets.units_outcome import UnitsOutcome
from tests.given import AT
from tests.given import a_cart
from tests.given import compiled
from tests.given import facts_of
from tests.models_given import a_model

CASES = [
    pytest.param(case, id=f"{path.stem}: {case['name']}")
    for path in sorted((Path(__file__).parents[2] / "cases" / "recommendations").glob("*.yaml"))
    for case in yaml.safe_load(path.read_text("utf-8"))
]
UNIT = {"page_type": "home", "type": "most-purchased", "label": "For you"}


@pytest.mark.parametrize("case", CASES)
def test_a_page_shows_what_the_case_says(case: dict[str, Any]) -> None:
    units = {key: {**UNIT, "name": key, **body} for key, body in case["units"].items()}
    revision = compiled({}, units=units, **case.get("site", {}))
    expected = case["expect"]
    if "error" in expected:
        with pytest.raises(InvalidInput) as refused:
            _decided(case, revision)
        assert [[one.pointer, one.code] for one in refused.value.problems] == [expected["error"]]
        return
    results, decided = _decided(case, revision)
    outcome = decided.outcome
    assert isinstance(outcome, UnitsOutcome)
    keys = {one.id: one.key for one in revision.definitions.values()}
    seen = {
        "units": {keys[unit.unit_id]: [item.sku for item in unit.items] for unit in outcome.units},
        "order": [keys[unit.unit_id] for unit in outcome.units],
        "sources": {
            keys[unit.unit_id]: [item.source for item in unit.items] for unit in outcome.units
        },
        "scores": {item.sku: item.score for unit in outcome.units for item in unit.items},
        "fallback": {keys[unit.unit_id]: unit.fallback for unit in outcome.units},
        "codes": {keys[unit.unit_id]: unit.code for unit in outcome.units},
        "dropped": [f"{keys[unit]} {sku}: {code}" for unit, sku, code, _ in decided.trace.drops],
        "because": {
            one.sku: one.because
            for unit in results.units
            for one in (*unit.own.candidates, *unit.backup.candidates)
        },
    }
    assert {name: seen[name] for name in expected} == expected
    assert UnitsOutcome.from_json(orjson.loads(canonical(outcome.to_json()))) == outcome
    for unit in outcome.units:
        assert len(unit.items) <= units[str(keys[unit.unit_id])].get("size", 5)
    shown = [item.sku for unit in outcome.units for item in unit.items]
    assert len(shown) == len(set(shown))


def _decided(case: Mapping[str, Any], revision: CompiledRevision) -> tuple[UnitResults, Decided]:
    index = ProductIndex()
    products = [_product(one) for one in case["products"]]
    listed = [(one["sku"], place, one) for place, one in enumerate(products, 1)]
    index.apply([*listed, *((sku, 0, None) for sku in case.get("gone", ()))], len(listed))
    model = a_model(case.get("model", {}), readiness=case.get("readiness"))
    history = History(ZoneInfo("UTC"), orders=_orders(case), views=_views(case))
    values = {"context.store_view": case["store_view"]} if "store_view" in case else {}
    facts = facts_of(a_cart([]), (), values)
    page = unit_page({"page_type": "home", **case.get("ask", {})}, revision.units)
    shown = units_shown(revision, page, facts, AT)
    since = oldest_view(AT, revision.settings.history_days)
    found = candidates(page, shown, Known(index, model, history, since))
    assert UnitResults.from_json(orjson.loads(canonical(found.to_json()))) == found
    question = recommendations_question(page, found)
    return found, decide(revision, facts, question, AT, 7, shadow_percent=100)


def _product(one: Mapping[str, Any] | str) -> dict[str, Any]:
    """A bare SKU is a product of the category `c`; amounts are in minor units of USD."""
    product = {"sku": one} if isinstance(one, str) else dict(one)
    listed = {"name": product["sku"], "categories": ["c"], "currency": "USD", **product}
    if "stock" in listed:
        listed["stock"] = {"status": listed["stock"]}
    return listed


def _orders(case: Mapping[str, Any]) -> list[Order]:
    found = []
    for number, order in enumerate(case.get("orders", ())):
        lines = tuple(Line(sku, 1) for sku in order["skus"])
        status = order.get("status", "completed")
        found.append(Order("a", f"o{number}", status, AT, AT, "USD", 100, lines))
    return found


def _views(case: Mapping[str, Any]) -> dict[str, int]:
    """`{sku: days ago}`, newest first."""
    views = {sku: AT - int(days * DAY) for sku, days in case.get("viewed", {}).items()}
    return dict(sorted(views.items(), key=lambda view: -view[1]))

"""Runs tests/cases/category/*.yaml: which products a page of a category shows, in which order."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from aggregates.kernel.canonical import canonical
from aggregates.kernel.errors import InvalidInput
from decisions.category import chosen_for
from decisions.category_page import category_page
from decisions.category_page import category_question
from decisions.category_page import retrieved
from projections.product_index import ProductIndex
from rulesets.category_outcome import CategoryOutcome
from rulesets.category_outcome import category_answer
from rulesets.compiled import CompiledRevision
from rulesets.pipeline import decide
from rulesets.retrieved import Retrieved
from tests.given import AT
from tests.given import a_cart
from tests.given import compiled
from tests.given import facts_of
from tests.models_given import a_model

CASES = [
    pytest.param(case, id=f"{path.stem}: {case['name']}")
    for path in sorted((Path(__file__).parents[2] / "cases" / "category").glob("*.yaml"))
    for case in yaml.safe_load(path.read_text("utf-8"))
]


@pytest.mark.parametrize("case", CASES)
def test_a_page_shows_what_the_case_says(case: dict[str, Any]) -> None:
    revision = compiled(
        case.get("rules", {}),
        segments=case.get("segments"),
        rankings=case.get("rankings"),
        **case.get("site", {}),
    )
    expected = case["expect"]
    if "error" in expected:
        with pytest.raises(InvalidInput) as refused:
            _ranked(case, revision)
        (problem,) = refused.value.problems
        assert [problem.pointer, problem.code] == expected["error"]
        return
    outcome, events = _ranked(case, revision)
    keys = {one.id: one.key for one in revision.definitions.values()}
    answer = category_answer(outcome)
    seen = {
        "skus": [item["sku"] for item in answer["items"]],
        "total": answer["total"],
        "strategy": answer["ranking"]["strategy"],
        "ranking": keys.get(answer["ranking"].get("rule_id")),
        "inherited": answer["ranking"].get("inherited"),
        "fallback": answer["ranking"].get("fallback"),
        "scores": {item["sku"]: item["score"] for item in answer["items"]},
        "moved": {
            item["sku"]: [f"{keys[by['rule_id']]}: {by['effect']}" for by in item["moved_by"]]
            for item in answer["items"]
            if "moved_by" in item
        },
        "events": [f"{effect} {sku}: {code}" for effect, sku, code in events],
    }
    assert {name: seen[name] for name in expected} == expected
    assert CategoryOutcome.from_json(orjson.loads(canonical(outcome.to_json()))) == outcome


def _ranked(
    case: Mapping[str, Any], revision: CompiledRevision
) -> tuple[CategoryOutcome, list[tuple[str, str, str]]]:
    index = ProductIndex()
    products = [_product(one) for one in case["products"]]
    listed = [(one["sku"], place, one) for place, one in enumerate(products, 1)]
    gone = [(sku, 0, None) for sku in case.get("gone", ())]
    index.apply([*listed, *gone], len(listed))
    cart = a_cart(case["cart"]) if "cart" in case else None
    values = {"context.store_view": case["store_view"]} if "store_view" in case else {}
    facts = facts_of(cart or a_cart([]), case.get("cart", ()), {**values, **case.get("facts", {})})
    page = category_page(case["ask"], revision.settings)
    chosen = chosen_for(revision, page.category, facts, AT)
    found = retrieved(page, chosen, index, a_model(case.get("model", {})), revision.settings)
    assert Retrieved.from_json(orjson.loads(canonical(found.to_json()))) == found
    question = category_question(page, found, cart)
    decided = decide(revision, facts, question, AT, 7, shadow_percent=100)
    assert decided.disagreed == ()
    assert isinstance(decided.outcome, CategoryOutcome)
    return decided.outcome, decided.trace.events


def _product(one: Mapping[str, Any] | str) -> dict[str, Any]:
    """A bare SKU is a product of the category `c`; amounts are in minor units of USD."""
    product = {"sku": one} if isinstance(one, str) else dict(one)
    listed = {"name": product["sku"], "categories": ["c"], "currency": "USD", **product}
    if "stock" in listed:
        listed["stock"] = {"status": listed["stock"]}
    return listed

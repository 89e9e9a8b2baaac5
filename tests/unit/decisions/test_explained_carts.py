"""Explained carts: each case of pricing step by step, and whole explanations as written."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from aggregates.kernel.money import format_money
from decisions.again import BY_SEMANTICS
from decisions.explain import explanation
from decisions.made import Made
from rulesets.outcome import CartOutcome
from tests.asked_given import asked
from tests.explained_given import made_of
from tests.given import AT
from tests.given import a_cart
from tests.given import compiled
from tests.given import facts_of

CASES = Path(__file__).parents[2] / "cases"


def _read(folder: str) -> list[Any]:
    return [
        pytest.param(case, id=f"{path.stem}: {case['name']}")
        for path in sorted((CASES / folder).glob("*.yaml"))
        for case in yaml.safe_load(path.read_text("utf-8"))
    ]


def _made(case: dict[str, Any], semantics: int) -> tuple[Made, dict[str, str]]:
    """A case of tests/cases/cart, decided by one of the semantics; and keys by id."""
    revision = compiled(
        case.get("rules", {}), segments=case.get("segments"), **case.get("settings", {})
    )
    keys = {one.id: str(one.key) for one in revision.definitions.values()}
    if "request" in case:
        question, facts = asked(revision, case)
    else:
        cart = case["cart"]
        question = a_cart(
            cart["lines"],
            currency=cart.get("currency", "USD"),
            shipping=cart.get("shipping"),
            coupons=cart.get("coupons", ()),
        )
        ids = {key: id_ for id_, key in keys.items()}
        usage = {ids[key]: used for key, used in case.get("usage", {}).items()}
        facts = facts_of(question, cart["lines"], case.get("facts"), usage=usage)
    decided = BY_SEMANTICS[semantics](revision, facts, question, AT, 7)
    return made_of(revision, (question, facts), decided, AT, semantics=semantics), keys


@pytest.mark.parametrize("semantics", sorted(BY_SEMANTICS))
@pytest.mark.parametrize("case", _read("cart"))
def test_the_steps_of_a_case_lead_from_its_prices_to_its_total(
    case: dict[str, Any], semantics: int
) -> None:
    made, _ = _made(case, semantics)
    outcome = made.decided.outcome
    assert isinstance(outcome, CartOutcome)
    currency = made.record.sources.facts.currency
    told = explanation(made, audit=True)
    orjson.dumps(told)
    steps = told["steps"]
    assert [step["rule_id"] for step in steps] == [s.rule_id for s in made.decided.trace.steps]
    left = format_money(outcome.subtotal_minor + outcome.shipping_minor, currency)
    lines: dict[str, str] = {}
    for step in steps:
        assert step["totals"]["before"] == left
        taken = Decimal(left) - Decimal(step["totals"]["after"])
        assert taken == Decimal(step.get("amount", "0"))
        left = step["totals"]["after"]
        for line in step.get("lines", ()):
            assert line["before"] == lines.get(line["line_id"], line["before"])
            lines[line["line_id"]] = line["after"]
    assert left == format_money(outcome.total_minor, currency)


@pytest.mark.parametrize("case", _read("explanations"))
def test_a_whole_explanation_reads_as_written(case: dict[str, Any]) -> None:
    made, keys = _made(case, case.get("semantics", 2))
    told = _keyed(explanation(made, audit=case.get("audit", True)), keys)
    expected = case["expect"]
    assert {name: told[name] for name in expected} == expected


def _keyed(value: Any, keys: dict[str, str]) -> Any:
    """Ids by the keys of their definitions, as cases name them."""
    if isinstance(value, dict):
        return {name: _keyed(item, keys) for name, item in value.items()}
    if isinstance(value, list):
        return [_keyed(item, keys) for item in value]
    return keys.get(value, value) if isinstance(value, str) else value

"""tests/cases/tree.yaml, by both evaluations."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from aggregates.kernel.errors import InvalidInput
from rulesets.evaluator import evaluate
from rulesets.evaluator import explain
from rulesets.facts import Facts
from rulesets.language import parse
from rulesets.nodes import Count
from rulesets.nodes import Node
from rulesets.nodes import leaves
from tests.unit.rulesets.engines import fired_by_engine

CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[2] / "cases" / "tree.yaml").read_text("utf-8")
)
DECIDED = [case for case in CASES if "holds" in case]
REFUSED = [case for case in CASES if "refused" in case]


def _name(case: dict[str, Any]) -> str:
    return str(case["name"])


def _value(value: Any) -> Any:
    if isinstance(value, list):
        return frozenset(value)
    return Decimal(repr(value)) if isinstance(value, float) else value


def _scope(values: dict[str, Any]) -> dict[str, Any]:
    return {name: _value(value) for name, value in values.items()}


def _asked(case: dict[str, Any]) -> tuple[Node, Facts]:
    node = parse(case["tree"], scope="cart", currency="USD")
    counts = [leaf for leaf in leaves(node) if isinstance(leaf, Count)]
    return node, Facts(
        case.get("currency", "USD"),
        _scope(case.get("facts", {})),
        [_scope(line) for line in case.get("lines", [])],
        {
            leaf.key: _value(value)
            for leaf, value in zip(counts, case.get("counts", []), strict=True)
            if value is not None
        },
    )


@pytest.mark.parametrize("case", DECIDED, ids=_name)
def test_the_evaluator_holds_what_the_contract_says(case: dict[str, Any]) -> None:
    node, facts = _asked(case)
    assert evaluate(node, facts) is case["holds"]
    assert explain(node, facts)["truth"] is case["holds"]


def test_the_engine_holds_what_the_contract_says() -> None:
    for case in DECIDED:
        node, facts = _asked(case)
        assert fired_by_engine([node], facts) == [case["holds"]], case["name"]


@pytest.mark.parametrize("case", REFUSED, ids=_name)
def test_what_cannot_be_meant_is_refused_with_its_code(case: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse(case["tree"], scope="cart", currency="USD")
    assert [problem.code for problem in caught.value.problems] == case["refused"]

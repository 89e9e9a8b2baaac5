"""Every row of the list of features that is about cart rules is named by a case, and every code of
the closed lists is reached by one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from decisions.messages.catalogue import CATALOGUES

Case = dict[str, Any]
TEXTS = CATALOGUES["en"].tables
TESTS = Path(__file__).parents[2]
FILES = {
    path: yaml.safe_load(path.read_text("utf-8"))
    for path in sorted((TESTS / "cases" / "cart").glob("*.yaml"))
}
CASES: list[Case] = [case for cases in FILES.values() for case in cases]
ROWS = (
    [f"R{number}" for number in range(1, 17)]
    + [f"C{number}" for number in range(1, 19)]
    + [f"A{number}" for number in range(1, 15)]
    + ["Q1", "Q2", "Q3", "Q4", "Q5", "Q6", "Q6b", "Q6c", "Q7", "Q8", "1.5"]
    + ["tiered", "cheapest_free", "bundle_price", "max_discount", "minimum_price"]
    + ["group", "uses_total", "budget", "nearly"]
)
"""Header, conditions, actions, rounding and tax, the order of the walk; then what goes further."""
ELSEWHERE = {
    "engine_disagreed": "unit/rulesets/test_engine_check.py",
    "rule_failed": "integration/test_cart_rules_http.py",
}
"""Codes that no cart leads to: a fault of the program has to be put in."""


@pytest.mark.parametrize("row", ROWS)
def test_a_row_is_named_by_a_case(row: str) -> None:
    assert any(row in case["rows"] for case in CASES)


def test_a_case_has_a_name_of_its_own_and_expects_something() -> None:
    for path, cases in FILES.items():
        names = [case["name"] for case in cases]
        assert len(names) == len(set(names)), path.name
        assert all(case["rows"] and case["expect"] for case in cases), path.name
    assert len(CASES) >= 150


@pytest.mark.parametrize("code", TEXTS["rules"])
def test_a_code_of_a_rule_is_reached(code: str) -> None:
    found = {
        told.split()[0] for case in CASES for told in case["expect"].get("rejected", {}).values()
    }
    if code in ELSEWHERE:
        assert f'"{code}"' in (TESTS / ELSEWHERE[code]).read_text("utf-8")
    else:
        assert code in found


@pytest.mark.parametrize("code", TEXTS["coupons"])
def test_a_reason_of_a_coupon_is_reached(code: str) -> None:
    assert any(code in case["expect"].get("coupons", {}).values() for case in CASES)

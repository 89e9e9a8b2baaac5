"""From Adobe to this service and back is the same rule, for each file of tests/cases/adobe."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from app.adobe_rules.reading import read_rules
from app.adobe_rules.report import Telling
from app.adobe_rules.rules import body_of
from app.adobe_rules.vocabulary import ACTIONS
from app.adobe_rules.vocabulary import ADDRESS
from app.adobe_rules.vocabulary import OPERATORS
from app.adobe_rules.vocabulary import PRODUCT
from app.adobe_rules.vocabulary import SUBSELECTED
from app.adobe_rules.writing import rule_of
from tests.adobe_given import CASES
from tests.adobe_given import COUPONS
from tests.adobe_given import SHOP
from tests.adobe_given import normal
from tests.adobe_given import saved

FILES = [*sorted(CASES.glob("[!cn]*.json")), CASES / "conditions.json"]
RULES = [
    pytest.param(path, given, id=f"{path.stem}: {given['name']}")
    for path in FILES
    for given in orjson.loads(path.read_bytes())["items"]
]


@pytest.mark.parametrize(("path", "given"), RULES)
def test_a_rule_comes_back_as_it_was(path: Path, given: dict[str, Any]) -> None:
    rules = {rule.name: rule for rule in read_rules(path.read_bytes())}
    rule = rules[given["name"]]
    coupons = COUPONS.get(rule.rule_id, ()) if path.stem == "headers" else ()
    telling = Telling()
    body = saved(body_of(rule, coupons, SHOP, telling))
    assert telling.refused == []
    assert {told.code for told in telling.left_out} <= {"codes_not_carried"}

    back = Telling()
    written = rule_of(body, SHOP, back, active=rule.is_active)
    assert (back.refused, back.left_out) == ([], [])
    assert normal(written) == normal(given)


def test_the_files_hold_every_word_that_is_known() -> None:
    text = b"".join(path.read_bytes() for path in FILES).decode()
    words = {*ACTIONS, *ADDRESS, *PRODUCT, "qty", "base_row_total", "category_ids", "region_id"}
    assert set(SUBSELECTED) - words == {"base_row_total_incl_tax"}
    assert {word for word in words | set(OPERATORS) if f'"{word}"' not in text} == set()

"""From Adobe to this service and back is the same rule, for each file of tests/cases/adobe."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from app.adobe_rules.reading import SalesRule
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
from tests.adobe_given import Json
from tests.adobe_given import saved
from tests.adobe_normal_form import normal

FILES = [CASES / f"{name}.json" for name in ("conditions", "operators", "actions", "headers")]
GENERATED = CASES / "generated.json"
RULES = [
    pytest.param(path, given, id=f"{path.stem}: {given['name']}")
    for path in FILES
    for given in orjson.loads(path.read_bytes())["items"]
]


def carried(rule: SalesRule, telling: Telling) -> Json:
    """The body of a rule, with its coupons."""
    return body_of(rule, COUPONS.get(rule.rule_id, ()), SHOP, telling)


@pytest.mark.parametrize(("path", "given"), RULES)
def test_a_rule_comes_back_as_it_was(path: Path, given: Json) -> None:
    rule = next(rule for rule in read_rules(path.read_bytes()) if rule.name == given["name"])
    telling, back = Telling(), Telling()
    body = saved(carried(rule, telling))
    written = rule_of(body, SHOP, back, active=rule.is_active)
    assert telling.refused == []
    assert {told.code for told in telling.left_out} <= {"compared_as_text"}
    assert (back.refused, back.left_out) == ([], [])
    assert normal(written) == normal(given)


@pytest.mark.parametrize("given", orjson.loads(GENERATED.read_bytes())["items"])
def test_of_generated_coupons_the_rule_comes_back_without_their_codes(given: Json) -> None:
    rules = {rule.rule_id: rule for rule in read_rules(GENERATED.read_bytes())}
    telling, back = Telling(), Telling()
    body = carried(rules[given["rule_id"]], telling)
    assert [told.code for told in telling.left_out] == ["codes_not_carried"]
    assert normal(rule_of(body, SHOP, back, active=True)) == normal(given)


def test_the_files_hold_every_word_that_is_known() -> None:
    text = b"".join(path.read_bytes() for path in FILES).decode()
    words = {*ACTIONS, *ADDRESS, *PRODUCT, "qty", "base_row_total", "category_ids", "region_id"}
    assert set(SUBSELECTED) - words == {"base_row_total_incl_tax"}
    assert {word for word in words | set(OPERATORS) if f'"{word}"' not in text} == set()

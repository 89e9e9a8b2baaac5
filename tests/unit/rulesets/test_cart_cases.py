"""Runs tests/cases/cart/*.yaml: each row of FEATURES.md that pricing is about, to the cent.

A case runs by the engine, with every rule checked by the evaluator, and again by the evaluator
alone: outcome, trace and codes must be the same.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from rulesets.engine import EngineFailed
from rulesets.outcome import CartOutcome
from rulesets.outcome import Decided
from rulesets.outcome import cart_answer
from rulesets.pipeline import decide
from rulesets.rejections import because
from tests.given import AT
from tests.given import a_cart
from tests.given import compiled
from tests.given import facts_of

CASES = [
    pytest.param(case, id=f"{path.stem}: {case['name']}")
    for path in sorted((Path(__file__).parents[2] / "cases" / "cart").glob("*.yaml"))
    for case in yaml.safe_load(path.read_text("utf-8"))
]


class Priced:
    """One case, decided."""

    def __init__(self, case: dict[str, Any]) -> None:
        cart = case["cart"]
        currency = cart.get("currency", "USD")
        self.compiled = compiled(
            case.get("rules", {}), segments=case.get("segments"), **case.get("settings", {})
        )
        self.keys = {one.id: one.key for one in self.compiled.definitions.values()}
        self.question = a_cart(
            cart["lines"],
            currency=currency,
            shipping=cart.get("shipping"),
            coupons=cart.get("coupons", ()),
        )
        ids = {key: id_ for id_, key in self.keys.items()}
        self.facts = facts_of(
            self.question,
            cart["lines"],
            case.get("facts"),
            usage={ids[key]: used for key, used in case.get("usage", {}).items()},
        )
        self.decided = self.decide()

    def decide(self) -> Decided:
        return decide(self.compiled, self.facts, self.question, AT, 7, shadow_percent=100)

    @property
    def answer(self) -> dict[str, Any]:
        assert isinstance(self.decided.outcome, CartOutcome)
        return cart_answer(self.compiled, self.question, self.facts, self.decided.outcome)


@pytest.mark.parametrize("case", CASES)
def test_a_case_is_decided_as_written(case: dict[str, Any]) -> None:
    priced = Priced(case)
    expected = case["expect"]
    answer = priced.answer
    seen: dict[str, Any] = {
        "lines": [line["discount"] for line in answer["lines"]],
        "totals": answer["totals"],
        "total": answer["totals"]["total"],
        "discount": answer["totals"]["discount"],
        "shipping_discount": answer["totals"]["shipping_discount"],
        "free": answer["shipping"]["free"],
        "free_lines": [line["free_shipping"] for line in answer["lines"]],
        "applied": {priced.keys[one["rule_id"]]: one["amount"] for one in answer["applied_rules"]},
        "reward_points": {
            priced.keys[one["rule_id"]]: one["reward_points"]
            for one in answer["applied_rules"]
            if "reward_points" in one
        },
        "gifts": [{**one, "rule_id": priced.keys[one["rule_id"]]} for one in answer["gifts"]],
        "messages": {priced.keys[one["rule_id"]]: one["text"] for one in answer["messages"]},
        "message_order": [priced.keys[one["rule_id"]] for one in answer["messages"]],
        "missing": {priced.keys[one["rule_id"]]: one["missing"] for one in answer["messages"]},
        "labels": [one["label"] for one in answer["applied_rules"]],
        "coupons": {one["code"]: one.get("reason", "applied") for one in answer["coupons"]},
        "segments": [priced.keys[name] for name in priced.decided.outcome.segments],
        "trace": [
            f"{priced.keys[step.rule_id]} {step.code}" for step in priced.decided.trace.steps
        ],
        "rejected": {
            priced.keys[one["rule_id"]]: " ".join(
                [one["code"], *([str(priced.keys[one["by"]])] if "by" in one else [])]
            )
            for one in because(priced.compiled, priced.facts, priced.question, priced.decided, AT)
            if "code" in one
        },
    }
    assert {name: seen[name] for name in expected} == expected


@pytest.mark.parametrize("case", CASES)
def test_engine_and_evaluator_decide_a_case_alike(
    case: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    priced = Priced(case)
    assert priced.decided.disagreed == ()
    assert priced.decided.engine == "durable_rules"

    def fail(*_: object) -> None:
        raise EngineFailed("for this test")

    monkeypatch.setattr("rulesets.engine.Program.fire", fail)
    alone = priced.decide()
    assert alone.outcome == priced.decided.outcome
    assert alone.trace == priced.decided.trace
    if any(not rule.paused for rule in priced.compiled.rules.values()):
        assert alone.engine == "fallback"


@pytest.mark.parametrize("case", CASES)
def test_the_parts_of_a_case_sum_to_its_wholes(case: dict[str, Any]) -> None:
    priced = Priced(case)
    outcome = priced.decided.outcome
    assert isinstance(outcome, CartOutcome)
    assert outcome.total_minor >= 0
    for index, line in enumerate(priced.question.lines):
        taken = sum(rule.parts[index] for rule in outcome.applied)
        assert 0 <= taken <= line.subtotal_minor
    assert 0 <= outcome.shipping_discount_minor <= outcome.shipping_minor
    assert CartOutcome.from_json(orjson.loads(orjson.dumps(outcome.to_json()))) == outcome


@pytest.mark.parametrize("case", CASES)
def test_every_rule_of_a_case_is_explained(case: dict[str, Any]) -> None:
    priced = Priced(case)
    told = because(priced.compiled, priced.facts, priced.question, priced.decided, AT)
    assert [rule["rule_id"] for rule in told] == list(priced.compiled.rules)
    applied = {one["rule_id"] for one in priced.answer["applied_rules"]}
    for rule in told:
        assert rule["because"]["truth"] is rule["fired"]
        assert ("code" in rule) is (rule["rule_id"] not in applied)
    orjson.dumps(told)

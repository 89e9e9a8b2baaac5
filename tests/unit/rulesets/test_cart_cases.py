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

from aggregates.kernel.clock import parse_moment
from rulesets.engine import EngineFailed
from rulesets.facts import Facts
from rulesets.outcome import CartOutcome
from rulesets.outcome import Decided
from rulesets.outcome import cart_answer
from rulesets.pipeline import decide
from rulesets.question import CartQuestion
from rulesets.rejections import because
from tests.asked_given import asked
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
        self.compiled = compiled(
            case.get("rules", {}), segments=case.get("segments"), **case.get("settings", {})
        )
        self.keys = {one.id: one.key for one in self.compiled.definitions.values()}
        self.at = parse_moment(case["at"]) if "at" in case else AT
        self.question, self.facts = (
            asked(self.compiled, case) if "request" in case else self._given(case)
        )
        self.decided = self.decide()

    def _given(self, case: dict[str, Any]) -> tuple[CartQuestion, Facts]:
        """The cart and the facts as a case tells them, without a request."""
        cart = case["cart"]
        question = a_cart(
            cart["lines"],
            currency=cart.get("currency", "USD"),
            shipping=cart.get("shipping"),
            coupons=cart.get("coupons", ()),
            shipping_tax=cart.get("shipping_tax"),
        )
        ids = {key: id_ for id_, key in self.keys.items()}
        usage = {ids[key]: used for key, used in case.get("usage", {}).items()}
        return question, facts_of(question, cart["lines"], case.get("facts"), usage=usage)

    def decide(self) -> Decided:
        return decide(self.compiled, self.facts, self.question, self.at, 7, shadow_percent=100)

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
        "tax": answer["totals"].get("tax"),
        "lines_tax": [line.get("tax") for line in answer["lines"]],
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
            for one in because(
                priced.compiled, priced.facts, priced.question, priced.decided, priced.at
            )
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
    told = because(priced.compiled, priced.facts, priced.question, priced.decided, priced.at)
    assert [rule["rule_id"] for rule in told] == list(priced.compiled.rules)
    applied = {one["rule_id"] for one in priced.answer["applied_rules"]}
    for rule in told:
        assert rule["because"]["truth"] is rule["fired"]
        assert ("code" in rule) is (rule["rule_id"] not in applied)
    orjson.dumps(told)

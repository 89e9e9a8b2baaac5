"""A rule applies on two voices only: what the engine fires and the evaluator confirms."""

from __future__ import annotations

from typing import Any

import pytest

from rulesets.outcome import CartOutcome
from rulesets.pipeline import decide
from rulesets.rejections import because
from tests.given import AT
from tests.given import a_cart
from tests.given import compiled
from tests.given import facts_of

RULES: dict[str, dict[str, Any]] = {
    "big": {"conditions": {"attribute": "cart.subtotal", "operator": ">=", "value": "500.00"}},
    "small": {"conditions": {"attribute": "cart.subtotal", "operator": ">=", "value": "5.00"}},
}
LINES = [{"price": "100.00"}]


def codes_when_the_engine_fires(
    fired: list[str], monkeypatch: pytest.MonkeyPatch
) -> tuple[int, dict[str, str]]:
    """What is taken off, and the code of each rule."""
    revision = compiled(RULES)
    keys = {one.id: str(one.key) for one in revision.definitions.values()}
    ids = [id_ for id_, key in keys.items() if key in fired]
    monkeypatch.setattr("rulesets.stratum.Stratum.fired", lambda *_: ids)
    cart = a_cart(LINES)
    facts = facts_of(cart, LINES)
    decided = decide(revision, facts, cart, AT, 7, shadow_percent=100)
    assert isinstance(decided.outcome, CartOutcome)
    assert [keys[name] for name in decided.disagreed]
    told = because(revision, facts, cart, decided, AT)
    return (
        decided.outcome.line_discount_minor,
        {keys[one["rule_id"]]: one["code"] for one in told if "code" in one},
    )


def test_a_rule_that_only_the_engine_fires_does_not_apply(monkeypatch: pytest.MonkeyPatch) -> None:
    taken, codes = codes_when_the_engine_fires(["big", "small"], monkeypatch)
    assert taken == 10_00
    assert codes == {"big": "engine_disagreed"}


def test_a_rule_that_the_engine_missed_does_not_apply_and_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    taken, codes = codes_when_the_engine_fires([], monkeypatch)
    assert taken == 0
    assert codes == {"big": "conditions_not_met", "small": "engine_disagreed"}

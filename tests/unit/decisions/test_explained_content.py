"""Explained slots: each case of content tells of every block of its slot what became of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from decisions.explain import explanation
from rulesets.content import SHOWN
from rulesets.outcome import ContentOutcome
from rulesets.pipeline import decide
from rulesets.question import ContentQuestion
from rulesets.question import Turn
from tests.explained_given import made_of
from tests.given import AT
from tests.given import a_cart
from tests.given import compiled
from tests.given import facts_of

CASES = [
    pytest.param(case, id=f"{path.stem}: {case['name']}")
    for path in sorted((Path(__file__).parents[2] / "cases" / "content").glob("*.yaml"))
    for case in yaml.safe_load(path.read_text("utf-8"))
]


@pytest.mark.parametrize("locale", ["en", "de"])
@pytest.mark.parametrize("case", CASES)
def test_every_block_of_a_slot_is_told_of(case: dict[str, Any], locale: str) -> None:
    kinds = {name: case.get(name) for name in ("segments", "blocks", "slots")}
    revision = compiled(case.get("rules", {}), **kinds)
    lines = case.get("cart", {}).get("lines", [])
    cart = a_cart(lines)
    question = ContentQuestion(
        next(iter(case["slots"])),
        cart if "cart" in case else None,
        turn=Turn("somebody", case.get("turn", 0)),
    )
    facts = facts_of(cart, lines, case.get("facts"))
    decided = decide(revision, facts, question, AT, 7)
    made = made_of(revision, (question, facts), decided, AT)
    outcome = decided.outcome
    assert isinstance(outcome, ContentOutcome)
    told = explanation(made, audit=True, locale=locale)
    orjson.dumps(told)
    slot = revision.slot(question.slot)
    ids = {block.id for block in slot.blocks}
    fates = {id_: code for id_, code in decided.trace.blocks if id_ in ids}
    shown = {block.block_id for block in outcome.blocks}
    assert {block["block_id"] for block in told["blocks"]} == set(fates)
    for block in told["blocks"]:
        id_ = block["block_id"]
        assert block["shown"] is (id_ in shown)
        expected = None if id_ in shown else fates[id_] if fates[id_] != SHOWN else "not_its_turn"
        assert block.get("code") == expected
        assert ("because" in block) is (id_ in shown)
        if expected is not None:
            assert block["detail"] in told["summary"]
    assert told["slot"]["fallback"] is outcome.fallback

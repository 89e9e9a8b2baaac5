"""Runs tests/cases/content/*.yaml: which blocks of a slot are shown, and because of what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from rulesets.compiled import CompiledRevision
from rulesets.outcome import ContentOutcome
from rulesets.outcome import content_answer
from rulesets.pipeline import decide
from rulesets.question import ContentQuestion
from rulesets.question import Turn
from tests.given import AT
from tests.given import a_cart
from tests.given import compiled
from tests.given import facts_of

CASES = [
    pytest.param(case, id=f"{path.stem}: {case['name']}")
    for path in sorted((Path(__file__).parents[2] / "cases" / "content").glob("*.yaml"))
    for case in yaml.safe_load(path.read_text("utf-8"))
]
BLOCK = {"types": ["content"], "priority": 1}


@pytest.mark.parametrize("case", CASES)
def test_a_slot_shows_what_the_case_says(case: dict[str, Any]) -> None:
    revision = compiled(
        case.get("rules", {}),
        segments=case.get("segments"),
        blocks=case["blocks"],
        slots=case["slots"],
    )
    keys = {one.id: one.key for one in revision.definitions.values()}
    lines = case.get("cart", {}).get("lines", [])
    cart = a_cart(lines)
    question = ContentQuestion(
        next(iter(case["slots"])),
        cart if "cart" in case else None,
        turn=Turn("somebody", case.get("turn", 0)),
    )
    facts = facts_of(cart, lines, case.get("facts"))
    decided = decide(revision, facts, question, AT, 7, shadow_percent=100)
    outcome = decided.outcome
    assert isinstance(outcome, ContentOutcome)
    answer = content_answer(revision, question, facts, outcome)
    seen = {
        "blocks": {
            keys[block["block_id"]] if block["block_id"] else answer["slot"]: {
                kind: name if name is True else keys.get(name, name)
                for kind, name in block["because"].items()
            }
            for block in answer["blocks"]
        },
        "fallback": answer["fallback"],
        "trace": {keys[name]: code for name, code in decided.trace.blocks},
    }
    assert {name: seen[name] for name in case["expect"]} == case["expect"]
    assert decided.disagreed == ()
    assert ContentOutcome.from_json(orjson.loads(orjson.dumps(outcome.to_json()))) == outcome


def rotating(rotation: str) -> CompiledRevision:
    names = ("a", "b", "c")
    return compiled(
        {},
        blocks={name: {**BLOCK, "name": name, "content": {"html": name}} for name in names},
        slots={"home": {"key": "home", "name": "Home", "blocks": names, "rotation": rotation}},
    )


def shown(revision: CompiledRevision, seed: int, turn: int) -> list[str]:
    question = ContentQuestion("home", turn=Turn("somebody", turn))
    outcome = decide(revision, facts_of(a_cart([])), question, AT, seed).outcome
    assert isinstance(outcome, ContentOutcome)
    return [block.block_id for block in outcome.blocks]


def test_random_shows_one_block_by_the_seed_and_in_time_each() -> None:
    revision = rotating("random")
    assert shown(revision, 5, 0) == shown(revision, 5, 1)
    assert {shown(revision, seed, 0)[0] for seed in range(40)} == {
        block.id for block in revision.slot("home").blocks
    }


def test_shuffle_repeats_no_block_before_all_had_their_turn() -> None:
    revision = rotating("shuffle")
    for cycle in range(5):
        turns = [shown(revision, 1, 3 * cycle + turn)[0] for turn in range(3)]
        assert len(set(turns)) == 3


def test_only_a_slot_that_looks_at_nothing_may_be_cached_for_all() -> None:
    here = {"attribute": "context.country", "operator": "==", "value": "FR"}
    mine = {"attribute": "shopper.traits.vip", "operator": "==", "value": True}
    revision = compiled(
        {"rule": {}},
        segments={"here": {"conditions": here}, "mine": {"conditions": mine}},
        blocks={
            "plain": {**BLOCK, "name": "p", "content": {}},
            "local": {**BLOCK, "name": "l", "content": {}, "segments": ["here"]},
            "own": {**BLOCK, "name": "o", "content": {}, "segments": ["mine"]},
            "promo": {**BLOCK, "name": "r", "content": {}, "cart_rules": ["rule"]},
        },
        slots={
            name: {"key": name, "name": name, "blocks": blocks, "rotation": rotation}
            for name, blocks, rotation in (
                ("open", ["plain", "local"], "all"),
                ("personal", ["own"], "all"),
                ("priced", ["promo"], "all"),
                ("turning", ["plain"], "random"),
            )
        },
    )
    assert revision.slot_needs("open").public
    assert revision.slot_needs("personal").shopper
    assert revision.slot_needs("priced").cart
    assert revision.slot_needs("turning").rotation
    assert not any(revision.slot_needs(name).public for name in ("personal", "priced", "turning"))

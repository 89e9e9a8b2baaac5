"""Programs: shards, reuse, memory, and what happens when the C code fails."""

from __future__ import annotations

import gc
import json
import threading
from typing import Any

import durable_rules_engine
import pytest

from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.limits import SHARD_LITERALS_MAX
from aggregates.kernel.limits import SHARD_RULES_MAX
from rulesets import engine_build
from rulesets.engine import EngineFailed
from rulesets.engine import EngineRule
from rulesets.engine import Network
from rulesets.engine import Program
from rulesets.evaluator import evaluate
from rulesets.facts import Facts
from rulesets.language import parse
from rulesets.literals import LiteralTable
from rulesets.shards import definition
from rulesets.shards import plan


def rule(number: int, tree: Any, priority: int = 0) -> EngineRule:
    return EngineRule(f"rul_{number:010d}", priority, parse(tree, scope="cart", currency="USD"))


def country(*names: str) -> dict[str, Any]:
    return {"attribute": "context.country", "operator": "in", "value": list(names)}


def over(minor: int) -> dict[str, Any]:
    return {"attribute": "cart.subtotal", "operator": ">", "value": f"{minor / 100:.2f}"}


def compiled(rules: list[EngineRule], previous: Program | None = None) -> Any:
    table = LiteralTable()
    return Program.compile(rules, table, previous), table


def test_rules_fire_in_order_of_priority_then_id() -> None:
    program, table = compiled([rule(3, {"all": []}, 5), rule(2, over(1), 5), rule(9, over(2), 1)])
    true = table.true(Facts("USD", {"cart.subtotal": 500}))
    assert program.fire(true) == ["rul_0000000009", "rul_0000000002", "rul_0000000003"]


def test_a_rule_fires_once_however_many_of_its_branches_hold() -> None:
    program, table = compiled([rule(1, {"any": [over(1), over(2), country("de")]})])
    true = table.true(Facts("USD", {"cart.subtotal": 500, "context.country": "DE"}))
    assert program.fire(true) == ["rul_0000000001"]


def test_two_hundred_leaves_and_wide_ors_are_decided_rightly() -> None:
    wide = {"all": [{"any": [over(n * 10 + k) for k in range(10)]} for n in range(18)]}
    flat = {"all": [over(n) for n in range(200)]}
    program, table = compiled([rule(1, wide), rule(2, flat), rule(3, {"none": [wide]})])
    assert program.fire(table.true(Facts("USD", {"cart.subtotal": 500}))) == [
        "rul_0000000001",
        "rul_0000000002",
    ]
    assert program.fire(table.true(Facts("USD", {"cart.subtotal": 150}))) == ["rul_0000000003"]


def test_shards_stay_within_what_the_c_code_holds() -> None:
    rules = [rule(n, {"all": [over(n), country(f"c{n}", f"c{n + 1}")]}) for n in range(900)]
    shards = plan(rules, LiteralTable()).shards
    assert all(len(shard.rules) <= SHARD_RULES_MAX for shard in shards)
    assert all(len(shard.literals) <= SHARD_LITERALS_MAX for shard in shards)
    assert sorted(name for shard in shards for name in shard.rules) == [r.id for r in rules]


def test_every_rule_over_one_shared_literal_fires() -> None:
    program, table = compiled([rule(n, over(1)) for n in range(600)])
    assert len(program.fire(table.true(Facts("USD", {"cart.subtotal": 2})))) == 600


def test_as_many_literals_as_a_shard_holds_may_be_true_at_once() -> None:
    for width in (1, 2, 3, 17):
        wanted = [[(n + k * 7) % 240 for k in range(width)] for n in range(240)]
        assert Network(definition(wanted)).fire(range(240)) == list(range(240))


def test_an_edit_rebuilds_only_the_shard_of_its_rule() -> None:
    rules = [rule(n, {"all": [over(n % 40), country(f"c{n * n % 31}")]}) for n in range(700)]
    first, _ = compiled(rules)
    edited = [*rules[:300], rule(300, over(7)), *rules[301:]]
    second, table = compiled(edited, first)
    shared = set(first.networks) & set(second.networks)
    assert len(shared) == len(first.networks) - 1
    facts = Facts("USD", {"cart.subtotal": 900, "context.country": "c4"})
    expected = [one.id for one in edited if evaluate(one.node, facts)]
    assert second.fire(table.true(facts)) == expected


def test_a_new_rule_at_the_top_leaves_full_shards_alone() -> None:
    rules = [rule(n, over(n % 40)) for n in range(500)]
    first, _ = compiled(rules)
    second, _ = compiled([*rules, rule(999, over(3), priority=-1)], first)
    assert set(first.networks) <= set(second.networks)


def test_late_literals_are_answered_when_asked() -> None:
    left = {"attribute": "cart.subtotal_after_discount", "operator": ">=", "value": "75.00"}
    program, table = compiled([rule(1, {"all": [left, country("de")]}), rule(2, {"none": [left]})])
    facts = Facts("USD", {"context.country": "DE", "cart.subtotal_after_discount": 10000})
    true = table.true(facts)
    assert program.fire(true | table.late_true(facts, true)) == ["rul_0000000001"]
    facts.values["cart.subtotal_after_discount"] = 7000
    assert program.fire(true | table.late_true(facts, true)) == ["rul_0000000002"]


def test_programs_that_nobody_holds_give_their_memory_back() -> None:
    gc.collect()
    freed: list[int] = []
    real = durable_rules_engine.delete_ruleset
    program, table = compiled([rule(1, over(1))])
    program.fire(table.true(Facts("USD", {"cart.subtotal": 5})))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            durable_rules_engine,
            "delete_ruleset",
            lambda handle: (freed.append(handle), real(handle)),
        )
        program.close()
        gc.collect()
    assert len(freed) == 1
    with pytest.raises(EngineFailed):
        program.fire(set())


def test_a_failed_session_is_never_used_again_and_the_next_answers() -> None:
    network = Network(definition([[1], [2]]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            durable_rules_engine, "complete_and_start_action", lambda handle, offset: None
        )
        with pytest.raises(EngineFailed):
            network.fire([1])
    assert network.fire([1, 2]) == [0, 1]


def test_more_properties_than_c_holds_never_reach_it() -> None:
    with pytest.raises(EngineFailed):
        Network(definition([[1]])).fire(range(SHARD_LITERALS_MAX + 1))


def test_a_text_that_c_refuses_is_an_engine_failure() -> None:
    with pytest.raises(EngineFailed):
        Network('{"0": {"all": [{"c": {"$not": {"k": 1}}}]}}')


def test_threads_share_a_program() -> None:
    rules = [rule(n, {"all": [over(n), country(f"c{n % 5}")]}) for n in range(120)]
    program, table = compiled(rules)
    wrong: list[Any] = []

    def decide(seed: int) -> None:
        for turn in range(150):
            values: Any = {
                "cart.subtotal": (turn * 7 + seed) % 130,
                "context.country": f"c{turn % 5}",
            }
            facts = Facts("USD", values)
            fired = program.fire(table.true(facts))
            if fired != [one.id for one in rules if evaluate(one.node, facts)]:
                wrong.append((seed, turn))

    threads = [threading.Thread(target=decide, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_good_set_of_rules_builds_in_the_child() -> None:
    engine_build.check([rule(n, {"any": [over(n), country("de")]}) for n in range(60)])


@pytest.mark.parametrize(
    ("text", "needs"),
    [
        ('{"0": {"all": [{"c": {"$in": {"k": 1}}}]}}', [[0]]),
        ("not json", [[0]]),
        (definition([[1]]), [[2]]),
        (definition([[]]), [[3, 4]]),
        ("[" * 200_000, [[0]]),
    ],
    ids=["unknown operator", "garbage", "does not fire", "fires always", "crash"],
)
def test_what_the_engine_cannot_do_is_refused_by_the_child(text: str, needs: Any) -> None:
    with pytest.raises(InvalidInput) as caught:
        engine_build.try_out([text], [needs])
    assert [problem.code for problem in caught.value.problems] == ["engine_refused"]


def test_a_hang_in_the_child_ends_in_time() -> None:
    rules = {str(n): {"all": [{"c": {"$and": [{f"x{n}": n}, {"k": "c"}]}}]} for n in range(600)}
    hanging = json.dumps(rules)
    with pytest.raises(InvalidInput) as caught:
        engine_build.try_out([hanging], [[[0]]], timeout_s=3)
    assert [problem.code for problem in caught.value.problems] == ["engine_refused"]

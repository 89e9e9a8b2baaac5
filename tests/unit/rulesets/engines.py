"""The two evaluations of one tree, side by side."""

from __future__ import annotations

from rulesets.engine import EngineRule
from rulesets.engine import Program
from rulesets.facts import Facts
from rulesets.literals import LiteralTable
from rulesets.nodes import Node


def fired_by_engine(nodes: list[Node], facts: Facts) -> list[bool]:
    """What durable_rules says of each tree, through literals, shards and drain."""
    table = LiteralTable()
    rules = [EngineRule(f"rul_{n:010d}", 0, node) for n, node in enumerate(nodes)]
    program = Program.compile(rules, table)
    true = table.true(facts)
    fired = set(program.fire(true | table.late_true(facts, true)))
    program.close()
    return [rule.id in fired for rule in rules]

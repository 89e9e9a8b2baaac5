"""The engine alone: 1,000 rules of which 50 fire, from true literals to names."""

from __future__ import annotations

import random
import statistics
import time

from rulesets.facts import Facts
from rulesets.language import Node
from rulesets.language import parse
from rulesets.literals import LiteralTable
from rulesets.stratum import Stratum
from tests.bench.report import Row
from tests.bench.report import microseconds

RULES = 1_000
FIRING = 50
TIMES = 300
AT_MOST_NS = 1_500_000


def run() -> list[Row]:
    """One row."""
    chance = random.Random(5)
    rules = [(f"rul_{number:010}", _tree(chance, number < FIRING)) for number in range(RULES)]
    table = LiteralTable()
    stratum = Stratum.of(rules, table)
    spent, fired, true = [], 0, frozenset[int]()
    for number in range(TIMES):  # other literals each time: a program remembers what it answered
        values = {"cart.subtotal": 6_000 + 280 * number, "context.country": "US"}
        true = frozenset(table.true(Facts("USD", dict(values))))
        start = time.thread_time_ns()
        fired = len(stratum.fired(true))
        spent.append(time.thread_time_ns() - start)
    median = statistics.median(spent)
    return [
        Row(
            f"engine alone, {RULES:,} rules, {fired} fire",
            "at most 1.5 ms CPU",
            microseconds(median),
            median <= AT_MOST_NS,
            f"up to {len(true)} literals true",
        )
    ]


def _tree(chance: random.Random, fires: bool) -> Node:
    low = f"{chance.randint(1, 40)}.00" if fires else f"{chance.randint(60, 900)}.00"
    country = "US" if fires else chance.choice(("DE", "FR", "IT", "ES", "PL"))
    return parse(
        {
            "all": [
                {"attribute": "cart.subtotal", "operator": ">=", "value": low},
                {"attribute": "context.country", "operator": "==", "value": country},
            ]
        },
        scope="cart",
        currency="USD",
    )

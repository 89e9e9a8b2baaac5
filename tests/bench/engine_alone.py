"""CPU of literals and engine alone: `python -m tests.bench.engine_alone [rules]`.

Rules like a shop's: a segment, a subtotal, and for half of them a line of a category over a price;
some with a choice of countries or a negation. Every cart is another one, so no answer is reused.
"""

from __future__ import annotations

import random
import sys
import time
from typing import Any

from rulesets.engine import EngineRule
from rulesets.engine import Program
from rulesets.facts import Facts
from rulesets.language import parse
from rulesets.literals import LiteralTable

DECISIONS = 1_000
LINES = 5


def measure(count: int) -> dict[str, float]:
    """Medians over different carts, in microseconds of CPU."""
    draw = random.Random(7)
    rules = [
        EngineRule(f"rul_{n:010d}", n % 50, parse(_tree(draw, n), scope="cart", currency="USD"))
        for n in range(count)
    ]
    table = LiteralTable()
    program = Program.compile(rules, table)
    literals, engine, fired = [], [], 0
    for _ in range(DECISIONS):
        facts = _facts(draw)
        begun = time.process_time_ns()
        true = table.true(facts)
        between = time.process_time_ns()
        fired += len(program.fire(true))
        engine.append(time.process_time_ns() - between)
        literals.append(between - begun)
    both = sorted(a + b for a, b in zip(literals, engine, strict=True))
    return {
        "fired": fired / DECISIONS,
        "literals_us": sorted(literals)[DECISIONS // 2] / 1e3,
        "engine_us": sorted(engine)[DECISIONS // 2] / 1e3,
        "both_us": both[DECISIONS // 2] / 1e3,
        "both_p99_us": both[DECISIONS * 99 // 100] / 1e3,
    }


def _tree(draw: random.Random, number: int) -> dict[str, Any]:
    segment, price = f"seg{draw.randrange(20)}", f"{draw.randrange(60)}.00"
    leaves: list[dict[str, Any]] = [
        {"attribute": "shopper.segments", "operator": "contains", "value": segment},
        {
            "attribute": "cart.subtotal",
            "operator": ">=",
            "value": f"{draw.randrange(300)}.00",
        },
    ]
    if number % 2:
        category = {
            "attribute": "line.categories",
            "operator": "contains",
            "value": f"c{draw.randrange(40)}",
        }
        dear = {"attribute": "line.unit_price", "operator": ">", "value": price}
        leaves.append({"lines": "found", "where": {"all": [category, dear]}})
    if number % 7 == 0:
        countries = draw.sample(["us", "de", "fr", "it"], 2)
        leaves.append({"attribute": "context.country", "operator": "in", "value": countries})
    if number % 11 == 0:
        device = {"attribute": "context.device", "operator": "==", "value": "bot"}
        leaves.append({"none": [device]})
    return {"all": leaves}


def _facts(draw: random.Random) -> Facts:
    return Facts(
        "USD",
        {
            "cart.subtotal": draw.randrange(5_000, 60_000),
            "shopper.segments": frozenset(f"seg{draw.randrange(20)}" for _ in range(2)),
            "context.country": draw.choice(["US", "DE"]),
            "context.device": "mobile",
        },
        [
            {
                "line.categories": frozenset(f"c{draw.randrange(40)}" for _ in range(4)),
                "line.unit_price": draw.randrange(100, 9_000),
            }
            for _ in range(LINES)
        ],
    )


if __name__ == "__main__":
    rules_asked = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    for name, value in measure(rules_asked).items():
        sys.stdout.write(f"{name:>12} {value:10.1f}\n")

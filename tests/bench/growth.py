"""How a cart decision grows with rules and lines: segments, rules, pricing, without server and log.

`python -m tests.bench growth` replaces the table and the plot in docs/benchmarks.md.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Sequence
from typing import Any

from rulesets.facts import Facts
from rulesets.pipeline import decide
from rulesets.question import CartQuestion
from tests.bench import loads
from tests.bench.report import Row
from tests.bench.report import replaced
from tests.given import AT
from tests.given import a_cart
from tests.given import compiled
from tests.given import facts_of

RULES = (100, 500, 1_000, 2_500, 5_000)
LINES = (1, 5, 20, 50, 100)
FIRING = 0.05
ROUNDS = 7
CARTS = 32
_SECTION = """One decision in one process, microseconds of CPU, medians of {rounds} rounds over
{carts} carts; 5 % of the rules apply to every cart. Beside them how many times that of 100 rules
on 5 lines.

| rules | {columns} |
|---|{bars}|
{rows}

```mermaid
xychart-beta
    title "CPU of a decision, by rules (a line for each number of cart lines)"
    x-axis "rules" [{rules}]
    y-axis "times 100 rules on 5 lines"
{plots}
```

The lines of the plot, from below: {legend} cart lines."""


def run() -> list[Row]:
    """One row for the largest; the table and the plot go to the document."""
    table = {count: _measured(count) for count in RULES}
    base = table[100][5]
    replaced("growth", _section(table, base))
    largest = table[RULES[-1]][LINES[-1]]
    what = f"decision alone, {RULES[-1]:,} rules and {LINES[-1]} lines against 100 and 5"
    note = f"{largest:,.0f} us against {base:,.0f} us"
    return [Row(what, "reported", f"{largest / base:.1f} times", True, note)]


def _measured(count: int) -> dict[int, float]:
    chance, firing = random.Random(7), int(count * FIRING)
    rules = {f"rule-{n}": loads.rule(chance, n, fires=n < firing, runs=False) for n in range(count)}
    segments = {f"segment-{number}": loads.segment(number) for number in range(20)}
    revision = compiled(rules, segments=segments)
    return {lines: _median(revision, _questions(lines)) for lines in LINES}


def _median(revision: Any, questions: Sequence[tuple[CartQuestion, Facts]]) -> float:
    rounds = []
    for turn in range(ROUNDS + 1):
        start = time.process_time_ns()
        for question, facts in questions:
            decide(revision, facts, question, AT, turn)
        rounds.append((time.process_time_ns() - start) / len(questions) / 1_000)
    return statistics.median(rounds[1:])  # the first one warms the indexes


def _questions(lines: int) -> list[tuple[CartQuestion, Facts]]:
    found = []
    for cart in loads.carts(CARTS, lines):
        written = [
            {
                "sku": line["sku"],
                "quantity": line["quantity"],
                "price": line["unit_price"],
                "categories": [line["categories"][0], line["categories"][0].split("/")[0]],
            }
            for line in cart["lines"]
        ]
        question = a_cart(written, shipping="4.90")
        found.append((question, facts_of(question, written, {"shopper.is_registered": True})))
    return found


def _section(table: dict[int, dict[int, float]], base: float) -> str:
    rows = [
        f"| {count:,} | "
        + " | ".join(f"{us:,.0f} ({us / base:.1f}x)" for us in by_lines.values())
        + " |"
        for count, by_lines in table.items()
    ]
    plots = [
        f"    line [{', '.join(f'{by_lines[lines] / base:.2f}' for by_lines in table.values())}]"
        for lines in LINES
    ]
    return _SECTION.format(
        rounds=ROUNDS,
        carts=CARTS,
        columns=" | ".join(f"{lines} line{'s' * (lines > 1)}" for lines in LINES),
        bars="---|" * (len(LINES) - 1) + "---",
        rows="\n".join(rows),
        rules=", ".join(f'"{count:,}"' for count in RULES),
        plots="\n".join(plots),
        legend=", ".join(map(str, LINES)),
    )
